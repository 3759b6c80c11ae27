"""A program written down by watching arrays: each NumPy call on them becomes a line.

An operation's ``forward`` and ``backward`` are run on arrays of the class ``Watched``. Shapes,
loops and conditions are plain Python, and run as always; what they do with an array is noted. So
the program is straight: the very calls that minigrad makes for these shapes, one after the other.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigrad.explain.watched import Watched, plain
from minigrad.tensor import Array

_BY_NAME = ("as_strided", "sliding_window_view")  # what operations import from inside NumPy


class Line:
    """One line: its text in parts, where a part may be the Line that made an array it uses.

    A line with a ``value`` makes an array, or several, and is a name from then on; one without is
    a statement.
    """

    def __init__(self, parts: list[Any], value: Any, is_sum: bool = False) -> None:
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
        self.given: list[Any] = []  # arguments that are no values: an index may hold arrays
        self.constants: dict[str, Array] = {}  # those arrays, where a line uses them

    def add(self, parts: list[Any], result: Any, is_sum: bool = False) -> Any:
        """Write a line that makes ``result``; return it, to be watched from now on.

        What returns nothing has changed an array; what returns anything else is Python's own.
        """
        if result is None:
            return self.state(parts)
        _name_locals()
        if isinstance(result, tuple | list):
            whole = Line(parts, result)
            self.lines.append(whole)
            return type(result)(self.add([whole, f"[{k}]"], r) for k, r in enumerate(result))
        if not isinstance(result, np.ndarray | np.generic):
            return result
        line = Line(parts, np.asarray(result), is_sum)
        self.lines.append(line)
        return self.watch(line)

    def watch(self, line: Line) -> Watched:
        """Return the array that a line made, watched."""
        watched: Watched = np.ndarray.view(line.value, Watched)
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
            return [self._constant(argument)]
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
            return [f"float('{argument}')"]
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

    def _constant(self, array: Array) -> str:
        """Return the text for an array that was given; any other one escaped being watched."""
        if not _holds(self.given, array):
            raise RuntimeError(
                f"an array {array.shape} was made in a way that is not watched, so that no program "
                "can be written: make it by functions of np or methods of arrays"
            )
        name = f"constant {len(self.constants) + 1}"
        self.constants[name] = array
        return f'arrays["{name}"]'

    # ------------------------------------------------------------------ NumPy itself

    def traced(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function of NumPy that writes a line each time it is called."""

        def call(*args: Any, **kwargs: Any) -> Any:
            result = function(*plain(args), **plain(kwargs))
            return self.add(self.call(name, args, kwargs), result)

        return call

    @contextmanager
    def watching(self, modules: Sequence[types.ModuleType]) -> Iterator[None]:
        """For a while, let the NumPy that these modules have imported write lines."""
        before = []
        for module in modules:
            for name, value in list(vars(module).items()):
                if value is np:
                    new: Any = _Numpy(self)
                elif name in _BY_NAME and value is getattr(np.lib.stride_tricks, name):
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


def _holds(given: Any, wanted: Array) -> bool:
    if isinstance(given, tuple | list):
        return any([_holds(part, wanted) for part in given])
    return given is wanted


def _name_locals() -> None:
    """Give arrays the names that they have in the functions that are running, up to the replay."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") != "minigrad.explain.source":
        if not frame.f_globals.get("__name__", "").startswith("minigrad.explain."):
            for name, value in frame.f_locals.items():
                if isinstance(value, Watched) and value.line is not None and not value.line.name:
                    value.line.name = name
        frame = frame.f_back
