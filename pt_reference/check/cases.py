"""What is tried: small inputs, drawn from a seed, that force every feature of a layer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pt_reference.check.contract import LAYERS

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Case:
    """One thing to try."""

    name: str
    inputs: Arrays  # x, weight, bias, target; for an optimizer param0, param0.grad1, ...
    options: dict[str, Any] = field(default_factory=dict)  # those that are passed
    layout: str = "C"  # in memory; "F", "sliced"
    beyond: bool = False  # more than the contract asks: to refuse is a note
    invalid: bool = False  # PyTorch refuses it, and the file must
    convention: str = ""  # where another answer is also valid: "ties", "kink", "nan", ...
    repeat: int = 0  # how often it is run again, to see whether anything changes
    steps: int = 0  # of an optimizer
    same_arrays: bool = False  # gradients arrive in the same arrays at each step
    seed: int = 0  # of the upstream gradient
    grad_output: np.ndarray | None = None  # where it is not drawn

    @property
    def dtype(self) -> np.dtype:
        """The type of the numbers."""
        return next(iter(self.inputs.values())).dtype

    def upstream(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return a random upstream gradient: never ones, which would hide mistakes."""
        if self.grad_output is not None:
            return self.grad_output
        numbers = np.random.default_rng((self.seed, 7)).normal(size=shape)
        return np.asarray(numbers + np.copysign(0.1, numbers)).astype(self.dtype)


def cases(layer: str, seed: int) -> list[Case]:
    """Return the cases of a layer, the most fundamental first."""
    random = np.random.default_rng((seed, list(LAYERS).index(layer)))
    drawn = list(_GENERATORS[layer](Draw(random)))
    return [replace(case, seed=seed * 1000 + i) for i, case in enumerate(drawn)]


class Draw:
    """Random numbers of the kinds that the cases need."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random

    def normal(self, *shape: int) -> np.ndarray:
        """Numbers around 0, none of them near it: no kink is touched by accident."""
        x = self.random.normal(size=shape)
        return x + np.copysign(0.05, x)

    def distinct(self, *shape: int) -> np.ndarray:
        """Numbers of which no two are close, none near 0."""
        count = int(np.prod(shape))
        x = self.random.permutation(np.arange(count) - count // 2 + 0.5)
        return (x * (4.0 / max(count, 1))).reshape(shape)

    def integers(self, low: int, high: int, *shape: int) -> np.ndarray:
        """Small whole numbers as floats: ties are certain."""
        return self.random.integers(low, high, shape).astype(float)


def _linear(draw: Draw) -> Iterator[Case]:
    def case(name: str, *shape: int, out: int = 3, bias: bool = True, **more: Any) -> Case:
        inputs = {"x": draw.normal(*shape), "weight": draw.normal(out, shape[-1])}
        if bias:
            return Case(name, inputs | {"bias": draw.normal(out)}, **more)
        return Case(name, inputs, {"bias": False}, **more)

    yield case("base", 5, 4, repeat=2)
    yield case("square", 4, 4, out=4)
    yield case("N=1", 1, 4)
    yield case("no bias", 5, 4, bias=False)
    yield case("one output", 5, 4, out=1)
    yield case("F order", 5, 4, layout="F")
    yield case("sliced", 5, 4, layout="sliced")
    yield single(case("float32", 5, 4))
    yield case("N=0", 0, 4, beyond=True)
    yield case("1-D input", 4, beyond=True)
    yield case("3-D input", 2, 5, 4, beyond=True)


def single(case: Case) -> Case:
    """Return a case in float32."""
    inputs = {k: v.astype(np.float32) if v.dtype == float else v for k, v in case.inputs.items()}
    return replace(case, inputs=inputs)


_GENERATORS: dict[str, Callable[[Draw], Iterator[Case]]] = {"Linear": _linear}
