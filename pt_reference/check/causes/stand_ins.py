"""Answers that PyTorch too would give, had something else stood in the place of an array.

One sample, channel, kernel or group may stand for all of them; and what is reshaped where it should
have been transposed has its numbers in another order.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from pt_reference.check.causes.evidence import Evidence
from pt_reference.check.causes.words import say
from pt_reference.check.results import Cause

UNITS = {"x": 1, "grad_output": 1, "weight": 0}  # of each array, the axis that groups divide


def one_for_all(e: Evidence) -> Cause | None:
    """Ask for the first or the last index of an axis in the place of all."""
    for name, array, ask in _arrays(e):
        for axis, size in enumerate(array.shape):
            for side, index in (("first", 0), ("last", size - 1)) if size > 1 else ():
                alone = np.repeat(np.take(array, [index], axis), size, axis)
                if e.tells_apart(ask(alone)):
                    found = f"the {side} index of axis {axis} of {name} in the place of all"
                    return say("wrong_operand", f"axis {axis} of {name}", found)
    return None


def one_group_for_all(e: Evidence) -> Cause | None:
    """Ask for the channels of the first or the last group in the place of those of all."""
    groups = e.case.options.get("groups", 1)
    for name, array, ask in _arrays(e) if groups > 1 else ():
        parts = np.split(array, groups, axis := UNITS[name])
        for side, part in (("first", parts[0]), ("last", parts[-1])):
            if e.tells_apart(ask(np.concatenate([part] * groups, axis))):
                found = say("misuses_option:groups", f"axis {axis} of {name}")
                return replace(found, cause=f"the {side} group of {name} stands for all of them")
    return None


def reshaped(e: Evidence) -> Cause | None:
    """Ask for an array reshaped where it should have been transposed."""
    for name, array, ask in _arrays(e):
        for i, j in combinations(range(array.ndim), 2):
            shape = list(array.shape)
            shape[i], shape[j] = shape[j], shape[i]
            for other in (
                array.swapaxes(i, j).reshape(array.shape),
                array.reshape(shape).swapaxes(i, j),
            ):
                if e.tells_apart(ask(np.ascontiguousarray(other))):
                    return say("permuted", f"axes {i} and {j} of {name}", f": those of {name}")
    return None


def _arrays(e: Evidence) -> Iterator[tuple[str, np.ndarray, Callable[..., np.ndarray | None]]]:
    """Yield the arrays that something else can stand for, each with what asks for that."""
    for name in ("x", "weight"):
        array = e.case.inputs.get(name)
        if array is not None and array.dtype.kind == "f":
            yield name, array, lambda other, name=name: e.if_(inputs={name: other})
    if e.is_gradient:
        yield "grad_output", e.upstream, lambda other: e.if_(grad_output=other)


QUESTIONS = (one_group_for_all, one_for_all, reshaped)
