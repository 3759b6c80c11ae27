"""A program written down by watching arrays: each NumPy call on them becomes a line.

An operation's ``forward`` and ``backward`` are run on arrays of the class ``Watched``. Shapes,
loops and conditions are plain Python, and run as always; what they do with an array is noted. So
the program is straight: the very calls that minigrad makes for these shapes, one after the other.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigrad.tensor import Array

_SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@", "power": "**",
    "floor_divide": "//", "remainder": "%", "greater": ">", "greater_equal": ">=", "less": "<",
    "less_equal": "<=", "equal": "==", "not_equal": "!=", "bitwise_and": "&", "bitwise_or": "|",
    "bitwise_xor": "^",
}  # fmt: skip
_METHODS = (
    "reshape", "transpose", "swapaxes", "sum", "max", "min", "mean", "prod", "astype", "copy",
    "any", "all", "argmax", "argmin", "squeeze", "take", "ravel", "flatten", "cumsum", "nonzero",
)  # fmt: skip


class Line:
    """One line: its text in parts, where a part may be the Line that made an array it uses.

    A line with a ``value`` makes an array, and is a name from then on; one without is a statement.
    """

    def __init__(self, parts: list[Any], value: Array | None, is_sum: bool = False) -> None:
        self.parts, self.value = parts, value
        self.is_sum = is_sum  # has an operator at its top: goes in parentheses inside another one
        self.name = ""
        self.is_final = False  # the name was given on purpose

    def used(self) -> list[Line]:
        """Return the lines that this one uses."""
        return [part for part in self.parts if isinstance(part, Line)]


class Program:
    """Lines, in the order in which they were written; a string among them is a comment."""

    def __init__(self) -> None:
        self.lines: list[Line | str] = []
        self.constants: dict[str, Array] = {}  # arrays that no line made

    def add(self, parts: list[Any], result: Any, is_sum: bool = False) -> Any:
        """Write a line that makes ``result``; return it, to be watched from now on."""
        _name_locals()
        if isinstance(result, tuple | list):
            whole = Line(parts, np.empty(0))
            self.lines.append(whole)
            return type(result)(self.add([whole, f"[{k}]"], r) for k, r in enumerate(result))
        if not isinstance(result, np.ndarray | np.generic):
            return result
        line = Line(parts, np.asarray(result), is_sum)
        self.lines.append(line)
        return self.watch(line)

    def watch(self, line: Line) -> Watched:
        """Return the array that a line made, watched."""
        assert line.value is not None
        watched = line.value.view(Watched)
        watched.line, watched.program = line, self
        return watched

    def state(self, parts: list[Any]) -> None:
        """Write a line that makes nothing, but changes an array."""
        _name_locals()
        self.lines.append(Line(parts, None))

    def parts(self, argument: Any) -> list[Any]:
        """Return the text of an argument, in parts."""
        if isinstance(argument, Watched) and argument.line is not None:
            return [argument.line]
        if isinstance(argument, np.ndarray) and argument.ndim:
            name = f"constant_{len(self.constants) + 1}"
            self.constants[name] = np.asarray(argument)
            return [name]
        if isinstance(argument, slice):
            numbers = ["" if n is None else str(n) for n in (argument.start, argument.stop)]
            return [":".join(numbers) + ("" if argument.step in (None, 1) else f":{argument.step}")]
        if isinstance(argument, tuple | list):
            inner = self._joined(argument)
            if isinstance(argument, list):
                return ["[", *inner, "]"]
            return ["(", *inner, ",)" if len(argument) == 1 else ")"]
        if argument is Ellipsis:
            return ["..."]
        if isinstance(argument, np.dtype):
            return [f"np.{argument.name}"]
        if isinstance(argument, type):
            return [f"np.{argument.__name__}" if issubclass(argument, np.generic) else "bool"]
        if isinstance(argument, np.ndarray):  # without axes
            argument = argument[()]
        if isinstance(argument, float) and not np.isfinite(argument):
            return [f"np.float64('{argument}')" if argument != argument else f"{'-' * (argument < 0)}np.inf"]
        return [repr(argument)]

    def index(self, index: Any) -> list[Any]:
        """Return the text of an index, without its brackets."""
        return self._joined(index) if isinstance(index, tuple) and index else self.parts(index)

    def call(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """Return the text of a call, in parts."""
        parts: list[Any] = [function, "(", *self._joined(args)]
        for name, value in kwargs.items():
            parts += [", " if parts[-1] != "(" else "", f"{name}=", *self.parts(value)]
        return [*parts, ")"]

    def _joined(self, arguments: Any) -> list[Any]:
        parts: list[Any] = []
        for argument in arguments:
            parts += [*([", "] if parts else []), *self.parts(argument)]
        return parts

    # ------------------------------------------------------------------ NumPy itself

    def traced(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function of NumPy that writes a line each time it is called."""

        def call(*args: Any, **kwargs: Any) -> Any:
            result = function(*plain(args), **plain(kwargs))
            return self.add(self.call(name, args, kwargs), result)

        return call

    @contextmanager
    def watching(self, modules: list[types.ModuleType]) -> Iterator[None]:
        """For a while, let the NumPy that these modules have imported write lines."""
        before = []
        for module in modules:
            for name, value in list(vars(module).items()):
                if value is np:
                    new: Any = _Numpy(self)
                elif isinstance(value, types.FunctionType) and _is_numpys(value):
                    new = self.traced(f"np.lib.stride_tricks.{name}", value)
                else:
                    continue
                before.append((module, name, value))
                setattr(module, name, new)
        try:
            yield
        finally:
            for module, name, value in before:
                setattr(module, name, value)


class _Numpy:
    """What stands for ``np`` in the operations' files while they are watched."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
        if isinstance(found, type | np.ufunc | types.ModuleType) or not callable(found):
            return found
        return self._program.traced(f"np.{name}", found)


class Watched(np.ndarray[Any, Any]):
    """An array that writes a line into its program whenever something is made of it."""

    line: Line | None = None
    program: Program

    def __array_finalize__(self, other: Any) -> None:
        self.line = None

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        program = _program_of((*inputs, *kwargs.get("out", ())))
        result = getattr(ufunc, method)(*plain(inputs), **plain(kwargs))
        out = kwargs.pop("out", None)
        sign = _SIGNS.get(ufunc.__name__) if method == "__call__" and not kwargs else None
        if out is not None and sign and out[0] is inputs[0]:
            program.state([*program.parts(inputs[0]), f" {sign}= ", *program.parts(inputs[1])])
            return out[0]
        if out is not None:
            name = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
            program.state(program.call(name, inputs, {**kwargs, "out": out[0]}))
            return out[0]
        if sign:
            left, right = program.parts(inputs[0]), program.parts(inputs[1])
            return program.add([*left, f" {sign} ", *right], result, is_sum=True)
        if ufunc is np.negative:
            return program.add(["-", *program.parts(inputs[0])], result, is_sum=True)
        name = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
        return program.add(program.call(name, inputs, kwargs), result)

    def __array_function__(self, function: Any, kinds: Any, args: Any, kwargs: Any) -> Any:
        program = _program_of([*args, *kwargs.values()])
        return program.traced(f"np.{function.__name__}", function)(*args, **kwargs)

    def __getitem__(self, index: Any) -> Any:
        if self.line is None:
            return super().__getitem__(index)
        parts = [self.line, "[", *self.program.index(index), "]"]
        return self.program.add(parts, plain(self)[plain(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        part = plain(self)[plain(index)]
        if isinstance(value, Watched) and np.ndim(part) and value.ctypes.data == part.ctypes.data:
            return  # the end of `a[index] += b`, which has been done
        plain(self)[plain(index)] = plain(value)
        if self.line is not None:
            index_parts, value_parts = self.program.index(index), self.program.parts(value)
            self.program.state([self.line, "[", *index_parts, "] = ", *value_parts])

    def __iter__(self) -> Iterator[Any]:
        return iter([self[k] for k in range(len(self))])

    @property
    def T(self) -> Any:  # type: ignore[override]  # noqa: N802
        """The transpose."""
        return self._attribute("T")

    @property
    def mT(self) -> Any:  # type: ignore[override]  # noqa: N802
        """The matrices, transposed."""
        return self._attribute("mT")

    def _attribute(self, name: str) -> Any:
        if self.line is None:
            return getattr(plain(self), name)
        return self.program.add([self.line, f".{name}"], getattr(plain(self), name))

    def fill(self, value: Any) -> None:
        """Set all elements to one value."""
        self[...] = value


def _method(name: str) -> Callable[..., Any]:
    """Return the method of an array, which also writes a line."""

    def call(self: Watched, *args: Any, **kwargs: Any) -> Any:
        result = getattr(plain(self), name)(*plain(args), **plain(kwargs))
        if self.line is None:
            return result
        return self.program.add([self.line, *self.program.call(f".{name}", args, kwargs)], result)

    return call


for _name in _METHODS:
    setattr(Watched, _name, _method(_name))


def plain(value: Any) -> Any:
    """Return arrays as they were before they were watched, also inside tuples and the like."""
    if isinstance(value, Watched):
        return np.asarray(value).view(np.ndarray)
    if type(value) in (tuple, list):
        return type(value)(plain(v) for v in value)
    return {k: plain(v) for k, v in value.items()} if isinstance(value, dict) else value


def _program_of(values: Any) -> Program:
    for value in values:
        if isinstance(value, Watched) and value.line is not None:
            return value.program
        if isinstance(value, tuple | list):
            try:
                return _program_of(value)
            except LookupError:
                continue
    raise LookupError("none of them is watched")


def _is_numpys(function: types.FunctionType) -> bool:
    return (function.__module__ or "").partition(".")[0] == "numpy"


def _name_locals() -> None:
    """Name arrays as the operations' source does: what are their names where we were called from?"""
    frame = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") != "minigrad.explain.source":
        if frame.f_globals.get("__name__") != __name__:
            for name, value in frame.f_locals.items():
                if isinstance(value, Watched) and value.line is not None and not value.line.name:
                    value.line.name = name
        frame = frame.f_back
