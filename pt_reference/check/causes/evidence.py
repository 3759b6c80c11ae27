"""A failure as evidence: two arrays, and what PyTorch would have made of another case.

A counterfactual asks PyTorch: had an option been left out, the kernel been turned, the last sample
been missing, would the answer be the student's?
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from pt_reference.check import oracle
from pt_reference.check.compare import TOLERANCES
from pt_reference.check.results import Failure

Arrays = dict[str, np.ndarray]


class Evidence:
    """One failure, and the questions that can be asked about it."""

    def __init__(self, layer: str, failure: Failure) -> None:
        self.layer = layer
        self.failure = failure
        self.case = failure.case
        self.yours: np.ndarray = failure.yours
        self.expected: np.ndarray = failure.expected

    @property
    def same_shape(self) -> bool:
        """Whether the two arrays can be compared element by element."""
        return self.yours.shape == self.expected.shape

    @property
    def is_gradient(self) -> bool:
        """Whether the quantity is linear in the upstream gradient."""
        return self.failure.check == "backward"

    @property
    def settings(self) -> list[str]:
        """The options that the case passes or tries."""
        return [*self.case.options, *self.case.needs]

    @cached_property
    def answer(self) -> Arrays:
        """What PyTorch makes of the case itself."""
        return oracle.answer(self.layer, self.case)

    @property
    def upstream(self) -> np.ndarray:
        """The gradient that backward was given."""
        return self.answer["grad_output"]

    def if_(self, inputs: Arrays | None = None, **changes: Any) -> np.ndarray | None:
        """Return the quantity that PyTorch has if the case is changed; None if it has none."""
        if inputs is not None:
            changes["inputs"] = {**self.case.inputs, **inputs}
        case = replace(self.case, **changes)
        if not self.is_gradient:
            case = replace(case, forward_only=True)
        elif "grad_output" not in changes:
            case = replace(case, grad_output=self.upstream)
        try:
            found = oracle.answer(self.layer, case)
        except (RuntimeError, ValueError, IndexError):
            return None
        g = case.grad_output
        if self.is_gradient and g is not None and found and found["output"].shape != g.shape:
            return None  # it would be broadcast
        return found.get(self.failure.where)

    def without_bias(self) -> "Evidence":
        """Return the evidence of what is there before the bias is added."""
        bias = self.case.inputs.get("bias", np.zeros(1))
        bias = bias.reshape(-1, *[1] * (self.expected.ndim - 2)) if self.layer == "Conv2d" else bias
        yours, expected = self.yours - bias, self.expected - bias
        return type(self)(self.layer, replace(self.failure, yours=yours, expected=expected))

    def is_(self, other: np.ndarray | None) -> bool:
        """Return whether the student's array is another one."""
        return other is not None and same(self.yours, other)

    def tells_apart(self, other: np.ndarray | None) -> bool:
        """Return whether the student's array is another one, and that is not the expected one."""
        return self.is_(other) and not same(self.expected, other)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays are equal but for rounding."""
    return a.shape == b.shape and bool(near(a, b).all())


def near(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return where two arrays of one shape are equal but for rounding."""
    tolerance = 10 * max(TOLERANCES.get(b.dtype.name, (1e-9, 0)))
    with np.errstate(all="ignore"):
        finite = np.abs(b[np.isfinite(b)])
        largest = float(finite.max(initial=0.0))
        return np.isclose(a, b, rtol=tolerance, atol=tolerance * largest, equal_nan=True)


def ends(array: np.ndarray) -> Iterator[tuple[int, str, int]]:
    """Yield each axis with more than one index, and its first and its last index."""
    for axis, size in enumerate(array.shape):
        if size > 1:
            yield axis, "first", 0
            yield axis, "last", size - 1


def only(array: np.ndarray, axis: int, index: int) -> np.ndarray:
    """Return the array with zeros in place of all but one index of an axis."""
    kept = np.zeros_like(array)
    at = (slice(None),) * axis + (index,)
    kept[at] = array[at]
    return kept


def without(array: np.ndarray, axis: int, index: int) -> np.ndarray:
    """Return the array with zeros at one index of an axis."""
    return array - only(array, axis, index)
