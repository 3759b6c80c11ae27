"""One run says little: what many seeds say, and where a published value stands among them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    """The values of a quantity, smaller being better, over the seeds.

    `place` is the published value's, counted from the best, among the runs and itself.
    """

    mean: float
    sd: float
    min: float
    max: float
    published: float
    place: int
    of: int


def spread(values: Sequence[float], published: float) -> Spread:
    """Summarise two or more values; equal ones share the better place.

    >>> s = spread([0.2, 0.1, 0.4, 0.3], published=0.25)
    >>> f"{s.mean:.2f} +- {s.sd:.3f}, place {s.place} of {s.of}"
    '0.25 +- 0.129, place 3 of 5'
    """
    array = np.asarray(values, dtype=float)
    return Spread(
        mean=float(array.mean()),
        sd=float(array.std(ddof=1)),
        min=float(array.min()),
        max=float(array.max()),
        published=published,
        place=1 + int((array < published).sum()),
        of=1 + len(array),
    )
