"""What is known of an operation: one record each, from which all tests of it come."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..draws import Draw, Numbers, seeds, shapes
from ..twins import Case


@dataclass(frozen=True)
class Wrong:
    """A call that raises: the same type of error in both frameworks, with the same point.

    ``message`` is a pattern that both messages match; ``hint`` one that minigrad's matches besides:
    the axes, their meaning, the likely repair.
    """

    call: Callable[[Any], Any]  # of the framework
    error: type[Exception]
    message: str
    hint: str = ""


@dataclass(frozen=True, eq=False)
class Operation:
    """An operation, the arguments it takes, and what must not be forgotten."""

    call: Callable[
        ..., Any
    ]  # of the framework, the inputs and the options: the same text is its twin
    arguments: Callable[[Draw, Numbers], tuple[tuple[np.ndarray, ...], dict[str, Any]]]
    samples: dict[str, Case] = field(default_factory=dict)  # forced features, by name
    errors: dict[str, Wrong] = field(default_factory=dict)
    raises: dict[str, Callable[[Any], Any]] = field(default_factory=dict)  # arguments not supported
    kinks: Callable[..., bool] | None = None  # of inputs and options: not differentiable there?
    differences: bool = True  # False: PyTorch's gradient is by convention not the derivative
    strided: bool = True  # False: takes inputs of one memory layout only

    @functools.cache  # noqa: B019  operations live as long as the tests
    def cases(self, *kinds: str) -> st.SearchStrategy[Case]:
        """Draw arguments whose numbers are of one of these kinds: see ``Numbers``."""

        @st.composite
        def case(draw: Draw) -> Case:
            numbers = Numbers(draw(st.sampled_from(kinds)), draw(seeds))
            inputs, options = self.arguments(draw, numbers)
            return Case(tuple(np.asarray(x) for x in inputs), options, draw(seeds))

        return case()

    def on_kink(self, case: Case) -> bool:
        """Whether the operation has no derivative at this input."""
        return self.kinks is not None and bool(self.kinks(*case.inputs, **case.options))


OPERATIONS: dict[str, Operation] = {}


def operation(name: str, call: Any, arguments: Any, samples: Any = None, **rest: Any) -> None:
    """Enter an operation."""
    assert name not in OPERATIONS
    OPERATIONS[name] = Operation(call, arguments, samples or {}, **rest)


def case(*inputs: Any, **options: Any) -> Case:
    """Arguments given by hand."""
    return Case(tuple(np.array(x, dtype=np.float64) for x in inputs), options)


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape)


def arange(*shape: int) -> np.ndarray:
    """Small whole numbers: -3, -2, ..., 3, -3, ..."""
    return np.arange(np.prod(shape)).reshape(shape) % 7 - 3.0


INF, NAN = np.inf, np.nan
SPECIAL = [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN]
special = {"special values": case(SPECIAL)}


def one(draw: Draw, numbers: Numbers) -> Any:
    """One input of any shape."""
    return (numbers(draw(shapes())),), {}


def one_positive(draw: Draw, numbers: Numbers) -> Any:
    return (numbers.positive(draw(shapes())),), {}
