"""Outputs that PyTorch too would have, had an image been padded otherwise."""

import numpy as np

from pt_reference.check.causes.evidence import Evidence
from pt_reference.check.causes.words import say
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import Cause

PADDINGS = {
    "zeros": {"constant_values": 0},
    "ones": {"constant_values": 1},
    "minus one": {"constant_values": -1},
    "the edge": {"mode": "edge"},
    "the image mirrored": {"mode": "reflect"},
    "the other side": {"mode": "wrap"},
}


def padding_value(e: Evidence) -> Cause | None:
    """Ask for padding with other numbers."""
    x, p = e.case.inputs["x"], e.case.options.get("padding", 0)
    sticks_out = e.case.options.get("ceil_mode", False)
    if e.is_gradient or x.ndim != 4 or not isinstance(p, int) or not (p or sticks_out):
        return None
    options = {**e.case.options, "padding": 0, "ceil_mode": False}
    if "ceil_mode" not in LAYERS[e.layer].options:
        del options["ceil_mode"]
    more = [p + _sticks_out(e, axis) for axis in (2, 3)]
    wrong = np.unique(e.yours[e.yours != e.expected]) if e.same_shape else ()
    constant = {"a number": {"constant_values": wrong[0]}} if len(wrong) == 1 else {}
    for what, how in {**PADDINGS, **constant}.items():
        if how.get("mode") == "reflect" and min(x.shape[2:]) <= max(more):
            continue
        padded = np.pad(x, ((0, 0), (0, 0), (p, more[0]), (p, more[1])), **how)
        if e.tells_apart(e.if_(inputs={"x": padded}, options=options)):
            return say("padding_value", "the border", what)
    return None


def padding_side(e: Evidence) -> Cause | None:
    """Ask for all of the padding on one side."""
    x, p = e.case.inputs["x"], e.case.options.get("padding", 0)
    if e.is_gradient or x.ndim != 4 or not isinstance(p, int) or not p:
        return None
    nothing = -np.inf if "kernel_size" in LAYERS[e.layer].required else 0.0
    for side, sides in (("after", (0, 2 * p)), ("before", (2 * p, 0))):
        moved = np.pad(x, ((0, 0), (0, 0), sides, sides), constant_values=nothing)
        if e.tells_apart(e.if_(inputs={"x": moved}, options={**e.case.options, "padding": 0})):
            return say("shifted", "the border", f"all padding is {side} the image")
    return None


def _sticks_out(e: Evidence, axis: int) -> int:
    """Return how far the last window sticks out of the padded image."""
    options = e.case.options
    k = options.get("kernel_size")
    if not isinstance(k, int) or not options.get("ceil_mode"):
        return 0
    s, d = options.get("stride") or k, options.get("dilation", 1)
    reach = (e.expected.shape[axis] - 1) * s + d * (k - 1) + 1
    return max(0, reach - e.case.inputs["x"].shape[axis] - 2 * options.get("padding", 0))


QUESTIONS = (padding_value, padding_side)
