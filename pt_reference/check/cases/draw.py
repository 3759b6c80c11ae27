"""Random numbers of the kinds that the cases need."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np


class Draw:
    """Draws arrays of float64, and their sizes: the first seed has the smallest."""

    def __init__(self, random: np.random.Generator, first: bool = True) -> None:
        self.random = random
        self.first = first

    def sizes(self, *least: int, steps: Sequence[int] = ()) -> tuple[int, ...]:
        """Return sizes, none less than given: what was equal still is, and what differed differs.

        Sizes grow in steps, of 1 if nothing else is said; 0 and 1 stay what they are.
        """
        steps = steps or [1] * len(least)
        for _ in range(0 if self.first else 50):
            more = self.random.integers(0, 3, len(least))
            drawn = [n + k * s if n > 1 else n for n, k, s in zip(least, more, steps, strict=True)]
            pairs = combinations(zip(least, drawn, strict=True), 2)
            if all((a == b) == (x == y) for (a, x), (b, y) in pairs):
                return tuple(int(n) for n in drawn)
        return least

    def normal(self, *shape: int) -> np.ndarray:
        """Return numbers around 0, none of them near it: no kink is touched by accident."""
        x = self.random.normal(size=shape)
        return x + np.copysign(0.05, x)

    def distinct(self, *shape: int) -> np.ndarray:
        """Return numbers of which no two are close: every maximum is one."""
        count = int(np.prod(shape))
        x = self.random.permutation(np.arange(count) - count // 2 + 0.5)
        return (x * (4.0 / max(count, 1))).reshape(shape)

    def integers(self, low: int, high: int, *shape: int) -> np.ndarray:
        """Return whole numbers, low <= n < high: ties are certain."""
        return self.random.integers(low, high, shape).astype(float)

    def classes(self, count: int, *shape: int) -> np.ndarray:
        """Return targets: classes, each of which is there if there is room."""
        all_of_them = np.arange(int(np.prod(shape))) % count
        return self.random.permutation(all_of_them).reshape(shape)

    def log_probs(self, n: int, c: int, *more: int) -> np.ndarray:
        """Return logarithms of probabilities that add up to 1 over axis 1."""
        x = self.normal(n, c, *more)
        return x - np.log(np.exp(x).sum(1, keepdims=True))
