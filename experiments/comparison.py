"""Whether a model and seed give the same run in both frameworks."""

import textwrap
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from experiments.run import Result


@dataclass(frozen=True)
class Comparison:
    """How far minigrad's run is from PyTorch's.

    `difference` holds |a - b| / |b| of the validation nll, (E,) for the E epochs both runs have.
    """

    model: str
    seed: int
    dtype: str
    epochs: tuple[int, int]
    equal_labels: int
    labels: int
    difference: np.ndarray
    why: str | None = None  # where in training the two part, and why

    APART = MappingProxyType({"float32": 1e-5, "float64": 1e-10})

    @property
    def largest(self) -> float:
        """The largest relative difference."""
        return float(self.difference.max())

    @property
    def parts_at(self) -> int | None:
        """The first epoch in which the two differ by more than APART; None if they never do."""
        apart = np.flatnonzero(~(self.difference <= self.APART[self.dtype]))  # a NaN is apart
        return int(apart[0]) if apart.size else None

    def lines(self) -> list[str]:
        """Return the comparison for reading."""
        ours, theirs = self.epochs
        equal = "equal" if ours == theirs else "not equal"
        lines = [
            f"-> COMPARE {self.model}, seed {self.seed}, {self.dtype}: minigrad with torch",
            f"   epochs            {ours} and {theirs}: {equal}",
            f"   predicted labels  {self.equal_labels} of {self.labels} equal",
            f"   validation nll    largest relative difference {self.largest:.1e}"
            f" in epochs 0..{len(self.difference) - 1}",
        ]
        if self.dtype == "float32" or self.parts_at is not None:
            where = "nowhere" if self.parts_at is None else f"from epoch {self.parts_at} on"
            lines.append(f"   more than {self.APART[self.dtype]:.0e}   {where}")
        if self.why:
            indent = " " * 3
            lines += textwrap.wrap(
                self.why, 100, initial_indent=indent, subsequent_indent=indent,
                break_long_words=False, break_on_hyphens=False,
            )  # fmt: skip
        return lines


def compare(ours: Result, theirs: Result) -> Comparison:
    """Compare minigrad's result with PyTorch's."""
    common = min(len(ours.history), len(theirs.history))
    a, b = (np.array([row.val_nll for row in r.history[:common]]) for r in (ours, theirs))
    with np.errstate(all="ignore"):  # an infinite nll gives a difference of NaN
        difference = abs(a - b) / abs(b)  # (E,)
    return Comparison(
        model=ours.settings.model,
        seed=ours.settings.seed,
        dtype=ours.settings.dtype,
        epochs=(ours.epochs, theirs.epochs),
        equal_labels=int((ours.predicted == theirs.predicted).sum()),
        labels=len(theirs.predicted),
        difference=difference,
    )
