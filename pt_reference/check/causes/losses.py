"""A loss of other targets or class weights, or divided by another number."""

from dataclasses import replace

import numpy as np

from pt_reference.check.causes.evidence import Evidence
from pt_reference.check.causes.words import say
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import Cause


def target_turned(e: Evidence) -> Cause | None:
    """Ask for the targets, or the weights of the classes, in another order, or one further."""
    target, weight = e.case.inputs.get("target"), e.case.options.get("weight")
    if target is None or target.ndim != 1:
        return None
    if e.tells_apart(e.if_(inputs={"target": target[::-1].copy()})):
        return say("flipped", "the target", "the target")
    for by in (1, -1):
        further = (target + by) % e.case.inputs["x"].shape[1]
        for other in (np.roll(target, by), np.where(target < 0, target, further)):
            if e.tells_apart(e.if_(inputs={"target": other})):
                return say("shifted", "the target", "by one class or sample")
    for other in (target[:1], target[-1:]):
        if e.tells_apart(e.if_(inputs={"target": np.repeat(other, len(target))})):
            return say("wrong_operand", "the target", "one sample's target is taken for all")
    if e.tells_apart(e.if_(inputs={"target": e.case.inputs["x"].argmax(1)})):
        return say("wrong_operand", "the target", "the likeliest class is taken for the target")
    if isinstance(weight, np.ndarray):
        options = {**e.case.options, "weight": weight[::-1].copy()}
        if e.tells_apart(e.if_(options=options)):
            return say("flipped", "weight", "weight")
    return None


def other_divisor(e: Evidence) -> Cause | None:
    """Recognise a mean that is the right sum, divided by the count of something else."""
    options = e.case.options
    if "reduction" not in LAYERS[e.layer].options or options.get("reduction", "mean") != "mean":
        return None
    if e.is_gradient or e.yours.ndim or not e.yours.any():
        return None
    n, c = e.case.inputs["x"].shape
    total = e.if_(options={**options, "reduction": "sum"})
    if total is None:
        return None
    divisor = float(total / e.yours)
    counts = {
        "the number of samples": n,
        "the number of classes": c,
        "samples times classes": n * c,
    }
    if (weight := options.get("weight")) is not None:
        counts["the weights of all classes"] = float(weight.sum())
    for what, count in counts.items():
        if np.isclose(divisor, count):
            found = say("scaled", "the mean")
            return replace(found, cause=f"the sum of the losses is divided by {what}")
    return None
