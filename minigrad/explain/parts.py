"""What a trace is made of: values, steps, and contributions to gradients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.tensor import Array


@dataclass(eq=False)
class Contribution:
    """What one use of a value sent back to it.

    ``sent`` is what the operation's rule returned. Where the value was broadcast, ``array`` is its
    sum over the axes that the broadcast made; else both are one.
    """

    step: Step
    argument: str  # which of the operation's arguments the value was
    sent: Array
    array: Array


@dataclass(eq=False)
class Update:
    """What the next step of an optimizer makes of a parameter; ``state`` as ``exp_avg``."""

    optimizer: str  # "Adamax"
    settings: dict[str, Any]  # of its group: lr, betas, ...
    before: Array
    after: Array
    state_before: dict[str, Array]
    state_after: dict[str, Array]


@dataclass(eq=False)
class Value:
    """An array of the pass: a parameter, an input, a constant, or what an operation computed.

    ``array`` is None where the graph did not keep it, since no rule needs it on the way back.
    ``grad`` is the sum of the contributions, in their order; None where no gradient arrives.
    """

    name: str
    kind: str  # "parameter", "input", "constant" or "intermediate"
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    array: Array | None
    axes: tuple[str, ...] = ()  # what each axis counts
    grad: Array | None = None
    contributions: list[Contribution] = field(default_factory=list)
    update: Update | None = None


@dataclass(eq=False)
class Step:
    """One operation. An argument, by its name, is a Value where it is an array.

    Other arguments are known where the pass was recorded; ``needs_grad`` names those for which
    backward computes a gradient.
    """

    function: type[Function]
    path: str  # of the module that it is part of: "classnet.0", or ""
    arguments: dict[str, Any]
    outputs: list[Value]
    needs_grad: list[str]

    @property
    def op(self) -> str:
        """The operation's name, as ``Conv2d``."""
        return self.function.__name__

    @property
    def inputs(self) -> dict[str, Value]:
        """The arguments that are arrays."""
        return {name: a for name, a in self.arguments.items() if isinstance(a, Value)}


@dataclass(eq=False)
class Trace:
    """One pass: its values, its steps in the order of forward, and those of backward in theirs."""

    loss: Value
    values: list[Value]
    steps: list[Step]
    backward: list[Step]
    recorded: bool  # while it ran; else it is what the graph of a finished loss remembers
