"""A function of tensors as one of numbers, R^N -> R^M: the form in which a gradient is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigrad import engine
from minigrad.tensor import Array, Tensor, wrap


class VectorFunction:
    """All inputs that want a gradient end to end, (N,); all outputs that have one, (M,)."""

    def __init__(self, func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._func, self._args = func, args
        # The arguments that are moved, by number; a tensor that is given twice is moved once.
        self.inputs: dict[int, Tensor] = {}
        for number, arg in enumerate(args):
            known = any([arg is its for its in self.inputs.values()])
            if isinstance(arg, Tensor) and arg._requires_grad and not known:
                self.inputs[number] = arg
        self.input_starts = _starts(self.inputs.values())
        self.input_precision = _precision(self.inputs.values())
        self.outputs: dict[int, Tensor] = {}

    @contextmanager
    def on_copies(self) -> Iterator[None]:
        """Give the inputs memory of their own, so that nothing that is done to them will last."""
        theirs = [t._array for t in self.inputs.values()]
        try:
            for tensor, array in zip(self.inputs.values(), theirs, strict=True):
                tensor._array = array.copy(order="K")
            self._home = [array.copy() for array in theirs]
            yield
        finally:
            for tensor, array in zip(self.inputs.values(), theirs, strict=True):
                tensor._array = array

    # ------------------------------------------------------------------ from x to f(x)

    def __call__(self) -> tuple[Any, ...]:
        """Return what the function returns, as a tuple."""
        result = self._func(*self._args)
        return tuple(result) if isinstance(result, tuple | list) else (result,)

    def watch(self, outputs: dict[int, Tensor]) -> None:
        """Say which outputs count, by number."""
        self.outputs = outputs
        self.output_starts = _starts(outputs.values())
        self.owner = np.repeat(np.arange(len(outputs)), np.diff(self.output_starts))
        self.output_precision = _precision(outputs.values())

    def largest_beside(self, values: Array) -> Array:
        """Return, for each of the outputs' elements (M,), the largest size in its tensor."""
        parts = np.split(np.abs(values), self.output_starts[1:-1])
        return _end_to_end([np.full(p.shape, p.max(initial=0)) for p in parts])

    def values(self) -> Array:
        """Return f(x), float64 (M,)."""
        outputs = self()
        return _end_to_end([outputs[number]._array for number in self.outputs])

    # ------------------------------------------------------------------ from x to another x

    def point(self) -> Array:
        """Return x, float64 (N,)."""
        return _end_to_end([t._array for t in self.inputs.values()])

    def move(self, step: Array) -> Array:
        """Go from the given inputs to ``step``, (N,), beyond; return x there, rounded as it is."""
        self.go_home()
        parts = _cut(step, self.inputs.values(), self.input_starts)
        for tensor, part in zip(self.inputs.values(), parts, strict=True):
            tensor._array += part
        return self.point()

    def put(self, i: int, number: float) -> float:
        """Write one element of x; return what it was rounded to."""
        number_of_input, k = locate(i, self.input_starts)
        elements = list(self.inputs.values())[number_of_input]._array.flat
        elements[k] = number
        return float(elements[k])

    def go_home(self) -> None:
        """Write the given inputs again."""
        for tensor, home in zip(self.inputs.values(), self._home, strict=True):
            np.copyto(tensor._array, home)

    def changed_input(self) -> int | None:
        """Return the number of an input that is no longer what was given, or None."""
        for (number, tensor), home in zip(self.inputs.items(), self._home, strict=True):
            if not np.array_equal(tensor._array, home, equal_nan=True):
                return number
        return None

    # ------------------------------------------------------------------ from g to its gradient

    def gradient(self, upstream: Array, only: int | None = None) -> Array:
        """Return gᵀJ, (N,), for g (M,): one backward through the graph of the outputs.

        ``only`` is the position of the one output for which a gradient arrives.
        """
        outputs = list(self.outputs.values())
        parts = [wrap(part) for part in _cut(upstream, outputs, self.output_starts)]
        if only is not None:
            outputs, parts = [outputs[only]], [parts[only]]
        inputs = list(self.inputs.values())
        grads = engine.grad(outputs, inputs, parts, retain_graph=True, allow_unused=True)
        pairs = zip(grads, inputs, strict=True)
        return _end_to_end([np.zeros(x.shape) if g is None else g._array for g, x in pairs])

    # ------------------------------------------------------------------ names

    def input_name(self, i: int) -> str:
        """Return the name of an element of x, as ``input 0[1, 2]``."""
        return _name("input", i, self.inputs, self.input_starts)

    def output_name(self, j: int) -> str:
        """Return the name of an element of f(x), as ``output 0[1, 2]``."""
        return _name("output", j, self.outputs, self.output_starts)


def locate(i: int, starts: Array) -> tuple[int, int]:
    """Return which of the parts element i lies in, and where in it."""
    part = int(np.searchsorted(starts, i, side="right")) - 1
    return part, i - int(starts[part])


def _name(kind: str, i: int, tensors: dict[int, Tensor], starts: Array) -> str:
    part, k = locate(i, starts)
    number, tensor = list(tensors.items())[part]
    index = ", ".join([str(n) for n in np.unravel_index(k, tensor.shape)])
    return f"{kind} {number}[{index}]" if index else f"{kind} {number}"


def _starts(tensors: Any) -> Array:
    return np.cumsum([0, *[t.numel() for t in tensors]])


def _precision(tensors: Any) -> Array:
    """Return the distance from 1 to the next number, for the type of each element."""
    return _end_to_end([np.full(t.shape, np.finfo(t._array.dtype).eps) for t in tensors])


def _end_to_end(arrays: list[Array]) -> Array:
    return np.concatenate([np.zeros(0), *[a.ravel() for a in arrays]])


def _cut(vector: Array, like: Any, starts: Array) -> list[Array]:
    parts = np.split(vector, starts[1:-1])
    return [p.astype(t._array.dtype).reshape(t.shape) for p, t in zip(parts, like, strict=True)]
