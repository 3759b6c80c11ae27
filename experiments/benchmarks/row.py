"""What was measured: the same work by several libraries in turns, as ratios to one of them."""

from dataclasses import dataclass, field
from statistics import median
from typing import Any, NamedTuple

import numpy as np

OURS, PYTORCH = "minigrad", "PyTorch"


class Key(NamedTuple):
    """What a row is about. `size` is the one thing that grows from row to row, for slopes."""

    group: str
    what: str
    size: int | None = None


@dataclass
class Row:
    """What each library took in each turn; seconds, or bytes for memory.

    A slow library takes part in the first turns only.

    >>> row = Row(Key("epochs", "an epoch"))
    >>> row.taken = {"minigrad": [1.0, 2.0, 9.0], "PyTorch": [4.0, 4.0, 4.0], "slow": [16.0]}
    >>> row.ratio("minigrad"), row.quartiles("minigrad"), row.ratio("minigrad", "slow")
    (0.5, (0.375, 1.375), 0.0625)
    """

    key: Key
    taken: dict[str, list[float]] = field(default_factory=dict)

    def add(self, library: str, taken: float) -> None:
        """Note what a library took in a turn."""
        self.taken.setdefault(library, []).append(taken)

    def ratios(self, library: str, peer: str = PYTORCH) -> list[float]:
        """Return what the library took, as a multiple of the peer's in the same turn."""
        pairs = zip(self.taken[library], self.taken[peer], strict=False)
        return [mine / its for mine, its in pairs]

    def ratio(self, library: str, peer: str = PYTORCH) -> float:
        """Return the median of the turns' ratios."""
        return median(self.ratios(library, peer))

    def quartiles(self, library: str, peer: str = PYTORCH) -> tuple[float, float]:
        """Return between which lie half of the turns' ratios."""
        low, high = np.quantile(self.ratios(library, peer), [0.25, 0.75]).tolist()
        return low, high

    def median(self, library: str) -> float:
        """Return what the library took in the median."""
        return median(self.taken[library])

    def data(self) -> dict[str, Any]:
        """Return everything, all turns too, for --json."""
        ratios = {name: self.ratio(name) for name in self.taken if PYTORCH in self.taken}
        return {**self.key._asdict(), "ratio_to_PyTorch": ratios, "taken": self.taken}


def slope(sizes: list[int], taken: list[float]) -> float:
    """Return the exponent of the power of the size that the cost grows with, by least squares.

    >>> round(slope([8, 16, 32], [3 * 8**2, 3 * 16**2, 3 * 32**2]), 6)
    2.0
    """
    return float(np.polyfit(np.log(sizes), np.log(taken), 1)[0])
