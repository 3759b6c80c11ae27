"""The Jacobian, M outputs by N inputs, once from backward and once from differences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigrad._gradcheck.differences import WRONG, Differences
from minigrad.tensor import Array

_DIRECTIONS = 3  # tried where not every derivative is looked at
_MOST = 10**7  # derivatives that are looked at once one of these directions is wrong


class Comparison:
    """The derivatives by some of the inputs, the columns C: all arrays are (M, C)."""

    def __init__(self, differences: Differences, columns: Sequence[int], analytic: Array) -> None:
        self.differences, self.columns, self.analytic = differences, columns, analytic
        self.numeric = np.empty_like(analytic)
        self.verdicts = np.empty(analytic.shape, dtype=np.int8)
        for c, i in enumerate(columns):
            finding = differences.judge(i, analytic[:, c])
            self.numeric[:, c], self.verdicts[:, c] = finding.numeric, finding.verdict

    @property
    def wrong(self) -> Array:
        """Where the two disagree, and it is not the differences' fault."""
        return self.verdicts == WRONG


def every_derivative(differences: Differences) -> Comparison:
    """Compare the whole Jacobian."""
    return _compare(differences, range(len(differences.x)))


def directions(differences: Differences) -> Comparison | None:
    """Compare vᵀJu for random v and u, whose signs differ: a single error cannot hide in it.

    Where they disagree, find the inputs to blame, and compare their derivatives one by one. None
    where all agree.
    """
    f, m, n = differences.f, len(differences.center), len(differences.x)
    for _ in range(_DIRECTIONS):
        u, v = differences.random(n), differences.random(m)
        step, change, tolerance = differences.along(u, v)
        gradient = f.gradient(v)
        if not abs(gradient @ step - change) <= tolerance:
            suspects = differences.suspects(gradient, v) or list(range(n))
            return _compare(differences, suspects[: max(1, _MOST // m)])
    return None


def _compare(differences: Differences, columns: Sequence[int]) -> Comparison:
    f, m = differences.f, len(differences.center)
    rows = np.zeros((m, len(columns)))
    upstream = np.zeros(m)
    for j in range(m):
        upstream[j] = 1
        rows[j] = f.gradient(upstream)[columns]
        upstream[j] = 0
    return Comparison(differences, columns, rows)
