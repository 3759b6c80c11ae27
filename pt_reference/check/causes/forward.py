"""Outputs that PyTorch too would have, had an input, a parameter or an option been another."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from pt_reference.check.causes import losses, padding
from pt_reference.check.causes.arrays import ratio
from pt_reference.check.causes.evidence import Evidence, ends, only, without
from pt_reference.check.causes.words import say
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import Cause


def bias(e: Evidence) -> Cause | None:
    """Ask for the bias left out, with a factor, or along another axis."""
    if e.is_gradient or "bias" not in e.case.inputs:
        return None
    b = e.case.inputs["bias"]
    plain = e.if_(inputs={"bias": np.zeros_like(b)})
    if plain is None:
        return None
    if e.is_(plain):
        return say("ignores_option:bias", "the bias")
    factor = ratio(e.yours - plain, e.expected - plain) if e.same_shape else None
    if factor is not None:
        negative = np.isclose(factor, -1)
        return say("sign", "the bias", " of the bias") if negative else say("misuses_option:bias")
    for index in {0, len(b) - 1} if len(b) > 1 else ():
        if e.tells_apart(plain + b[index]):
            found = say("misuses_option:bias", "the bias")
            return replace(found, cause=f"bias {index} is added to all outputs")
    for axis, size in enumerate(plain.shape):
        if 1 in (size, len(b)) or size == len(b):
            shape = [len(b) if i == axis else 1 for i in range(plain.ndim)]
            if e.tells_apart(plain + b.reshape(shape)):
                return say("wrong_axis", f"axis {axis}", ": the bias is added along it")
    return None


def axis(e: Evidence) -> Cause | None:
    """Ask for another axis, or all of them."""
    if "dim" not in LAYERS[e.layer].options:
        return None
    x = e.case.inputs["x"]
    dim = e.case.options.get("dim", 1) % max(x.ndim, 1)
    for other in range(x.ndim):
        if other != dim and e.tells_apart(e.if_(options={"dim": other})):
            return say("wrong_axis", f"axis {other}", f": {other} in place of {dim}")
    if e.is_gradient:
        return None
    for other in range(x.ndim):  # what is subtracted for safety must be the same along dim
        if other != dim and e.tells_apart(e.if_(inputs={"x": x - x.max(other, keepdims=True)})):
            return say("wrong_axis", f"axis {other}", f": the maximum is that along axis {other}")
    whole = e.if_(inputs={"x": x.reshape(1, -1)}, options={"dim": 1})
    if whole is not None and e.tells_apart(whole.reshape(x.shape)):
        return say("wrong_axis", "all axes", ": all of them at once")
    return None


def kernel_turned(e: Evidence) -> Cause | None:
    """Ask for the weight turned or transposed."""
    weight = e.case.inputs.get("weight")
    if weight is None or (e.is_gradient and e.failure.where != "grad_input"):
        return None
    for axes in [(-2, -1), (-2,), (-1,), (1,)] if weight.ndim == 4 else [(0,), (1,)]:
        if e.tells_apart(e.if_(inputs={"weight": np.flip(weight, axes).copy()})):
            return say("flipped", "the weight", "the weight")
    for axis, size in enumerate(weight.shape):
        for by in (1, -1) if size > 2 else ():
            if e.tells_apart(e.if_(inputs={"weight": np.roll(weight, by, axis)})):
                return say("shifted", f"axis {axis} of the weight", f"by one along axis {axis}")
    for i, j in [(2, 3), (0, 1)] if weight.ndim == 4 else [(0, 1)]:
        turned = weight.swapaxes(i, j).copy()
        if turned.shape == weight.shape and e.tells_apart(e.if_(inputs={"weight": turned})):
            return say("transposed", f"axes {i} and {j} of the weight", "those of the weight")
    return None


def pair_read_backwards(e: Evidence) -> Cause | None:
    """Ask for a pair (vertical, horizontal) read the other way, or for one of it in both places."""
    for name, value in e.case.options.items():
        if not isinstance(value, tuple):
            continue
        if e.tells_apart(e.if_(options={**e.case.options, name: value[::-1]}, grad_output=None)):
            return say("transposed", name, f"{name} is (vertical, horizontal)")
        for side, one in zip(("rows", "columns"), value, strict=True):
            if name not in LAYERS[e.layer].required and e.tells_apart(
                e.if_(options={**e.case.options, name: one}, grad_output=None)
            ):
                found = say(f"misuses_option:{name}", name)
                return replace(found, cause=f"{name} of the {side} is used for both axes")
    return None


def end_left_out(e: Evidence) -> Cause | None:
    """Ask for an input without the first or last index of an axis."""
    if e.is_gradient and e.failure.where != "grad_input":
        return None
    for name in ("weight",) if e.is_gradient else ("x", "weight"):
        array = e.case.inputs.get(name)
        if array is None or array.dtype.kind != "f":
            continue
        for axis, side, index in ends(array):
            if e.tells_apart(e.if_(inputs={name: without(array, axis, index)})):
                return say("boundary", f"axis {axis} of {name}", side, axis, name)
    return None


def last_one_counts(e: Evidence) -> Cause | None:
    """Ask for the last or the first only of the products that are summed."""
    weight = e.case.inputs.get("weight")
    if e.is_gradient or weight is None:
        return None
    for what, kept in _ends_only(weight):
        if e.tells_apart(e.if_(inputs={"weight": kept})):
            side, of = what
            if side == "last":
                return say("overwritten_not_added", of, of)
            return say("not_summed", of, of)
    return None


def _ends_only(weight: np.ndarray) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    """Yield the weight with one of the indices along which products are summed."""
    for side, end in (("last", -1), ("first", 0)):
        for axis in range(1, weight.ndim):
            if weight.shape[axis] > 1:
                kept = only(weight, axis, end % weight.shape[axis])
                yield (side, f"axis {axis} of the weight"), kept
        if weight.ndim == 4:
            kept = np.zeros_like(weight)
            kept[:, :, end, end] = weight[:, :, end, end]
            yield (side, "the cells of the kernel"), kept


def applied_twice(e: Evidence) -> Cause | None:
    """Ask for the layer of what comes out of it, or of the exponential of that."""
    x, y = e.case.inputs["x"], e.answer.get("output")
    if e.is_gradient or y is None or y.shape != x.shape:
        return None
    for again in (y, np.exp(y)):
        if e.tells_apart(e.if_(inputs={"x": again})):
            return say("applied_twice", "the input")
    return None


def input_cut_off(e: Evidence) -> Cause | None:
    """Ask for an input whose large numbers are cut off."""
    x = e.case.inputs["x"]
    for limit in () if e.is_gradient else (10, 20, 30, 50, 80, 88, 100, 500, 700):
        if e.tells_apart(e.if_(inputs={"x": np.clip(x, -limit, limit)})):
            return say("saturates", "the input", "of the input above")
    return None


def smaller_window(e: Evidence) -> Cause | None:
    """Ask for windows without their last row or column."""
    k = e.case.options.get("kernel_size")
    if e.is_gradient or not isinstance(k, int) or k < 2:
        return None
    for axis, kernel in enumerate([(k - 1, k), (k, k - 1)]):
        stride = e.case.options.get("stride", k)
        other = e.if_(options={**e.case.options, "kernel_size": kernel, "stride": stride})
        rows, columns = e.expected.shape[-2:]
        if other is not None and e.tells_apart(other[..., :rows, :columns]):
            return say("boundary", "the window", "last", axis, "each window")
    return None


def negated(e: Evidence) -> Cause | None:
    """Ask for -f(-x): a minimum in place of a maximum."""
    if e.is_gradient:
        return None
    other = e.if_(inputs={"x": -e.case.inputs["x"]})
    return (
        say("sign", "the input", ": -f(-x)")
        if other is not None and e.tells_apart(-other)
        else None
    )


def other_places(e: Evidence) -> Cause | None:
    """Recognise numbers of the input, taken from other places of the image."""
    x = e.case.inputs["x"]
    if e.is_gradient or e.layer not in _SELECTS or not e.same_shape or x.ndim != 4:
        return None
    images = zip(e.yours.reshape(*x.shape[:2], -1), x.reshape(*x.shape[:2], -1), strict=True)
    if all(np.isin(a, b).all() for y, i in images for a, b in zip(y, i, strict=True)):
        return say("permuted", "the windows", ": taken from other windows")
    return None


_SELECTS: Any = {name for name, layer in LAYERS.items() if "kernel_size" in layer.required}

COUNTERFACTUALS = (
    kernel_turned, pair_read_backwards, *padding.QUESTIONS, end_left_out, last_one_counts,
    losses.target_turned, applied_twice, negated, smaller_window, other_places,
)  # fmt: skip
