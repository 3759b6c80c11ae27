"""One call of a student's layer, watched: what it returns, changes and shares."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from numpy import shares_memory  # before the student's file can put something else there

from pt_reference.check.styles import Style, TensorStyle

Arrays = dict[str, np.ndarray]

MOST_BYTES = 1 << 26  # of an array that a layer returns for one of our small inputs


class Stage:
    """How far a request has come, and what was seen until then."""

    def __init__(self) -> None:
        self.name = ""
        self.arrays: Arrays = {}
        self.seen: dict[str, Any] = {"changed": {}, "aliases": [], "missing": {}, "types": {}}

    def keep(self, name: str, value: Any) -> Any:
        """Copy a result of the student's code; note what is not an array of numbers."""
        array = as_array(value)
        if array is None:
            self.seen["missing"][name] = type(value).__name__
        elif array.dtype.kind not in "fiubc":
            self.seen["missing"][name] = f"array of {array.dtype}"
        elif array.nbytes > MOST_BYTES:
            self.seen["missing"][name] = f"array of {array.nbytes >> 20} MB"
        if name in self.seen["missing"]:
            return None
        a_number = type(value) in (int, float)  # Python's have no type of array
        self.seen["types"][name] = "" if a_number else array.dtype.name
        self.arrays[name] = array.real.copy() if array.dtype.kind == "c" else array.copy()
        return array


def one_pass(
    stage: Stage,
    style: Style,
    layer: Any,
    inputs: Arrays,
    grad_output: np.ndarray | None,
    between: Callable[[], None] | None = None,
    twice: bool = False,
) -> Arrays:
    """Run forward and backward; note results, changed inputs and shared memory.

    Inputs that were changed are put right again. The results are returned themselves, not copies.
    ``twice``: and backward once more, which may refuse, but give nothing else.
    """
    before = as_bytes(inputs)
    stage.name = "forward"
    output, call = style.forward(layer, inputs)
    results = {"output": stage.keep("output", output)}
    if results["output"] is not None and not isinstance(style, TensorStyle):
        stage.seen["aliases"] = _shared(results, inputs)
    stage.seen["changed"]["forward"] = _changed(inputs, before)
    if grad_output is None:
        return results
    if between is not None:
        between()
    given = {**inputs, "grad_output": grad_output}
    before = as_bytes(given)
    stage.name = "backward"
    gradients = style.backward(call, grad_output)
    kept = {name: stage.keep(name, value) for name, value in gradients.items()}
    stage.seen["changed"]["backward"] = _changed(given, before)
    if not isinstance(style, TensorStyle):  # frameworks hand one array on where they can
        stage.seen["aliases"] += _shared({k: v for k, v in kept.items() if v is not None}, given)
        with suppress(Exception):  # what is saved may have been freed
            again = style.backward(call, grad_output) if twice else {}
            stage.arrays |= {f"{k}.again": as_array(v).copy() for k, v in again.items()}
        _changed(given, before)  # has been noted; now for the second time
    return results | kept


def other_call(
    style: Style, layer: Any, inputs: Arrays, options: dict[str, Any]
) -> Callable[..., None]:
    """Return a call of the same layer on other numbers, of other sizes and then of the same.

    It must leave no trace. A plain class remembers its last call, so between a forward and its
    backward another object of the class is called.
    """
    taken = {k: v for k, v in inputs.items() if k in style.layer.takes}

    def call(backward: bool = False) -> None:
        for order in ([1, 1], [-1]):
            numbers = {
                k: np.concatenate([v[::step] for step in order])
                * (-1 if v.dtype.kind == "f" else 1)
                for k, v in taken.items()
            }
            others = {k: v.copy() for k, v in inputs.items()} | numbers
            its_own = not backward and style.name == "plain class"
            used = style.build(others, options) if its_own else layer
            output, saved = style.forward(used, others)
            if backward:
                y = as_array(output)
                style.backward(saved, np.asarray(0.5 * y + 1, y.dtype))

    return call


def as_array(value: Any) -> np.ndarray | None:
    """Return what is an array, a number or a tensor as an array of the same memory."""
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    if isinstance(value, np.ndarray):
        return value.view(np.ndarray)  # and no class derived from it
    if isinstance(value, int | float | np.generic):
        return np.asarray(value)
    return None


def laid_out(array: np.ndarray, layout: str) -> np.ndarray:
    """Return the same numbers with another order in memory."""
    if array.ndim == 0:
        return array
    if layout == "F":
        return np.asfortranarray(array)
    if layout == "sliced":  # every second element of a larger array, from its end
        larger = np.zeros([2 * n for n in array.shape], array.dtype)
        view = larger[tuple(slice(None, None, -2) for _ in array.shape)]
        view[...] = array
        return view
    return array


def as_bytes(arrays: Arrays) -> dict[str, bytes]:
    """Return what is in the arrays, to see later whether it still is."""
    return {name: array.tobytes() for name, array in arrays.items()}


def _changed(arrays: Arrays, before: dict[str, bytes]) -> list[str]:
    """Return the names of arrays that have changed, and put them right again."""
    changed = [name for name, array in arrays.items() if array.tobytes() != before[name]]
    for name in changed:
        array = arrays[name]
        array[...] = np.frombuffer(before[name], array.dtype).reshape(array.shape)
    return changed


def _shared(gradients: Arrays, given: Arrays) -> list[list[str]]:
    """Return the pairs of a gradient and another array that have memory in common."""
    names = list(gradients)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    pairs += [(a, b) for a in names for b in given]
    arrays = given | gradients
    return [[a, b] for a, b in pairs if shares_memory(arrays[a], arrays[b])]
