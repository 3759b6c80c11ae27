"""What a comparison of two trainings found, and how it is told.

The difference of a tensor, with values a in one and b in the other, is relative to its scale, each
maximum over the whole tensor::

    max |a - b| / max(|a|, |b|)
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pt_reference.decisions import Decision
from pt_reference.weights import arrays


@dataclass(frozen=True)
class Parting:
    """The first tensor that differs by more than the tolerance, and its element that does most."""

    step: int  # 0 is before training
    epoch: int
    batch: int
    tensor: str
    index: tuple[int, ...]
    values: tuple[Any, Any]
    difference: float


@dataclass
class Outcome:
    """What the comparison found; `str` of it says so in a paragraph."""

    names: tuple[str, str]
    tolerance: float
    parting: Parting | None = None
    decisions: dict[int, Decision] = field(default_factory=dict)  # step: the first that differs
    losses: list[tuple[float, float]] = field(default_factory=list)  # of each step
    growth: dict[int, dict[str, float]] = field(default_factory=dict)  # step: tensor: difference

    @property
    def steps(self) -> int:
        """How many steps both have made."""
        return len(self.losses)

    @property
    def decision(self) -> Decision | None:
        """The decision of the last step if one differs there; else the first that does."""
        return self.decisions.get(self.steps, next(iter(self.decisions.values()), None))

    def __str__(self) -> str:
        p = self.parting
        if p is None:
            place = (
                f"In {self.steps} steps no tensor parts by more than {self.tolerance:.0e} of its"
            )
            if self.decision:
                return f"{place} scale. {self._why()}"
            grown = _grown({step: max(of.values()) for step, of in self.growth.items()})
            return (
                f"{place} scale, and no max-pool or ReLU decides differently. Their rounding is "
                f"all that is between them, at most {grown}."
            )
        when = f"in step {p.step} (epoch {p.epoch}, batch {p.batch})" if p.step else "before step 1"
        element = f"{p.tensor} {list(p.index)}" if p.index else p.tensor
        return (
            f"The runs part {when}: {element} is {p.values[0]!s} in {self.names[0]} and "
            f"{p.values[1]!s} in {self.names[1]}, {p.difference:.0e} of the tensor's scale apart. "
            f"{self._why()}"
        )

    def _why(self) -> str:
        p, decision = self.parting, self.decision
        if p and (p.step == 0 or p.tensor.startswith("batch")):
            return "The two were given different numbers."
        if p and self.steps not in self.decisions and self._sudden(p):
            return (
                "No max-pool or ReLU decides differently in this step, and so sudden a difference "
                "is not rounding: the two compute different things."
            )
        if decision:
            first = min(self.decisions)
            when = "In this step" if self.steps in self.decisions else f"In step {first}"
            near = decision.margin <= self.tolerance
            ground = (
                "a near-tie, decided by rounding, for each adds up the same products in another "
                "order. The gradient then takes another way"
                if near
                else "too far for rounding: these values had parted before"
            )
            size = f"{decision.margin:.0e} of the layer's largest value"
            why = f"{when}, {decision.text(self.names)}. That is {size}: {ground}."
            if first < self.steps in self.decisions:
                why += f" (Others differ from step {first} on, with no such consequence.)"
            return why
        sizes = {step: of[p.tensor] for step, of in self.growth.items() if p.tensor in of}
        return f"No max-pool or ReLU decides differently: rounding has grown, {_grown(sizes)}."

    def _sudden(self, p: Parting) -> bool:
        """Whether a tensor differs a thousand times as much as in the step before."""
        before = self.growth.get(p.step - 1, {}).get(p.tensor, 0.0)
        return p.difference > 1000 * max(before, float(np.finfo(p.values[0].dtype).eps))

    def parts(
        self, when: tuple[int, int, int], tensor: str, a: Any, b: Any, known: Any = 0.0
    ) -> bool:
        """Compare two tensors, and keep the place if they differ by too much.

        `known` is what is known to lie between them, and does not count.
        """
        a, b = arrays(a), arrays(b)
        if a is None or b is None:  # a gradient that was never computed counts as zeros
            if a is b:
                return False
            a, b = np.zeros_like(b) if a is None else a, np.zeros_like(a) if b is None else b
        difference, index = _difference(a, b + known)
        self.growth.setdefault(when[0], {})[tensor] = difference
        if not difference <= self.tolerance:
            self.parting = Parting(*when, tensor, index, (a[index], b[index]), difference)
        return self.parting is not None

    def forget(self, step: int) -> None:
        """Keep the growth of steps 1, 10, 100, ... alone."""
        if step and step != 10 ** (len(str(step)) - 1):
            del self.growth[step]


def _grown(sizes: dict[int, float]) -> str:
    return ", ".join(f"{size:.0e} in step {step}" for step, size in sizes.items() if step)


def _difference(a: np.ndarray, b: np.ndarray) -> tuple[float, tuple[int, ...]]:
    """Return how far apart two tensors are, relative to their scale, and where they are most.

    A NaN or infinity in one alone is infinitely far; in both at the same place it is no difference.

    >>> _difference(np.array([1.0, 4.0]), np.array([1.0, 5.0]))
    (0.2, (1,))
    """
    with np.errstate(all="ignore"):
        gap = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, abs(a - b.astype(float)))
        gap[np.isnan(gap)] = np.inf
        larger = np.maximum(abs(a), abs(b))
    scale = larger.max(where=np.isfinite(larger), initial=0)
    index = tuple(int(i) for i in np.unravel_index(gap.argmax(), gap.shape)) if gap.size else ()
    worst = gap[index] if gap.size else 0.0
    return (float(worst / scale) if np.isfinite(worst) and worst else float(worst)), index
