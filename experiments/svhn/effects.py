"""What leaving out each component of the improved network did to the test error."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any


@dataclass(frozen=True)
class Effect:
    """The test error without a component, and how much more that is than with all of them.

    The difference is taken seed by seed, for a seed's runs share the validation set; `se` is its
    standard error, and neither it nor `sd` is known of one seed.
    """

    without: str | None
    mean: float
    sd: float
    difference: float
    se: float

    @property
    def verdict(self) -> str:
        """Whether the component pays: two standard errors are asked for."""
        if self.without is None:
            return ""
        if not abs(self.difference) > 2 * self.se:  # nor where the error is not known
            return "not shown to pay"
        return "pays" if self.difference > 0 else "does harm"


def effects(rows: Sequence[Mapping[str, Any]]) -> list[Effect]:
    """Return the effect of leaving out each component, the whole recipe first.

    >>> rows = [{"without": w, "seed": s, "test_ce": e + s / 100}
    ...         for w, e in ((None, 0.1), ("relu", 0.2)) for s in (0, 1)]
    >>> [(e.without, round(e.difference, 3), e.verdict) for e in effects(rows)]
    [(None, 0.0, ''), ('relu', 0.1, 'pays')]
    """
    errors: dict[str | None, dict[int, float]] = {}
    for r in rows:
        errors.setdefault(r["without"], {})[r["seed"]] = r["test_ce"]
    whole = errors[None]
    found = []
    for without, by_seed in errors.items():
        differences = [error - whole[seed] for seed, error in by_seed.items()]
        sd, spread = (
            stdev(values) if len(values) > 1 else math.nan
            for values in (list(by_seed.values()), differences)
        )
        se = spread / math.sqrt(len(differences))
        found.append(Effect(without, fmean(by_seed.values()), sd, fmean(differences), se))
    return found
