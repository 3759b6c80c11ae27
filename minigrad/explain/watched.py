"""An array that writes down whatever is made of it.

It is a NumPy array in all but that. NumPy itself hands it every ufunc (``__array_ufunc__``) and
most functions (``__array_function__``); methods, indexing and changes in place are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from minigrad.explain.program import Line, Program

_SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@", "power": "**",
    "floor_divide": "//", "remainder": "%", "greater": ">", "greater_equal": ">=", "less": "<",
    "less_equal": "<=", "equal": "==", "not_equal": "!=", "bitwise_and": "&", "bitwise_or": "|",
    "bitwise_xor": "^",
}  # fmt: skip


class Watched(np.ndarray[Any, Any]):
    """An array that writes a line into its program whenever something is made of it."""

    line: Line | None = None
    program: Program

    def __array_finalize__(self, other: Any) -> None:
        self.line = None

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        program = _program_of((*inputs, *kwargs.get("out", ())))
        result = getattr(ufunc, method)(*plain(inputs), **plain(kwargs))
        if program is None:
            return result
        name = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
        (out,) = kwargs.pop("out", (None,))
        sign = _SIGNS.get(name.removeprefix("np.")) if not kwargs else None
        if sign and (out is None or out is inputs[0]):
            left, right = program.parts(inputs[0]), program.parts(inputs[1])
            if out is None:
                return program.add([*left, f" {sign} ", *right], result, is_sum=True)
            program.state([*left, f" {sign}= ", *right])
        elif out is not None:
            program.state(program.call(name, inputs, {**kwargs, "out": out}))
        elif ufunc is np.negative:
            return program.add(["-", *program.parts(inputs[0])], result, is_sum=True)
        else:
            return program.add(program.call(name, inputs, kwargs), result)
        return out

    def __array_function__(self, function: Any, kinds: Any, args: Any, kwargs: Any) -> Any:
        program = _program_of([*args, *kwargs.values()])
        if program is None:
            return function(*plain(args), **plain(kwargs))
        return program.traced(f"np.{function.__name__}", function)(*args, **kwargs)

    def __getitem__(self, index: Any) -> Any:
        if self.line is None:
            return super().__getitem__(index)
        parts = [self.line, "[", *self.program.index(index), "]"]
        return self.program.add(parts, plain(self)[plain(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        part = plain(self)[plain(index)]
        if isinstance(value, Watched) and np.ndim(part) and _is_same_memory(part, value):
            return  # the end of `a[index] += b`, which has been done
        plain(self)[plain(index)] = plain(value)
        if self.line is not None:
            index_parts, value_parts = self.program.index(index), self.program.parts(value)
            self.program.state([self.line, "[", *index_parts, "] = ", *value_parts])

    def __iter__(self) -> Iterator[Any]:
        return iter([self[k] for k in range(len(self))])

    @property
    def T(self) -> Any:  # noqa: N802
        """The transpose."""
        return self._attribute("T")

    @property
    def mT(self) -> Any:  # noqa: N802
        """The matrices, transposed."""
        return self._attribute("mT")

    def _attribute(self, name: str) -> Any:
        if self.line is None:
            return getattr(plain(self), name)
        return self.program.add([self.line, f".{name}"], getattr(plain(self), name))


def _method(name: str) -> Callable[..., Any]:
    """Return the method of an array, which also writes a line."""

    def call(self: Watched, *args: Any, **kwargs: Any) -> Any:
        result = getattr(plain(self), name)(*plain(args), **plain(kwargs))
        if self.line is None:
            return result
        return self.program.add([self.line, *self.program.call(f".{name}", args, kwargs)], result)

    return call


for _name, _value in vars(np.ndarray).items():
    if callable(_value) and not _name.startswith("_"):
        setattr(Watched, _name, _method(_name))


def plain(value: Any) -> Any:
    """Return arrays as they were before they were watched, also inside tuples and the like."""
    if isinstance(value, Watched):
        return np.asarray(value)
    if type(value) in (tuple, list):
        return type(value)(plain(v) for v in value)
    return {k: plain(v) for k, v in value.items()} if isinstance(value, dict) else value


def _is_same_memory(one: Any, other: Any) -> bool:
    where = [(a.ctypes.data, a.shape, a.strides, a.dtype) for a in (one, other)]
    return where[0] == where[1]


def _program_of(values: Any) -> Program | None:
    """Return the program that a watched array among these, or in lists of them, writes into."""
    for value in values:
        if isinstance(value, Watched) and value.line is not None:
            return value.program
        found = _program_of(value) if isinstance(value, tuple | list) else None
        if found is not None:
            return found
    return None
