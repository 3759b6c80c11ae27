"""What leaving out each component of the improved network did to the test error."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev, variance
from typing import Any

from scipy.special import stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Effect:
    """The test error without a component, and how much more that is than with all of them.

    `difference` +- `margin` is a 95 % interval. Neither the margin nor `sd`, the spread of the
    errors over the seeds, is known of one seed.
    """

    without: str | None
    mean: float
    sd: float
    difference: float
    margin: float

    @property
    def verdict(self) -> str:
        """Whether the component pays: the interval must not hold 0."""
        if self.without is None:
            return ""
        if not abs(self.difference) > self.margin:  # nor where the margin is not known
            return "not shown to pay"
        return "pays" if self.difference > 0 else "does harm"


def effects(rows: Sequence[Mapping[str, Any]]) -> list[Effect]:
    """Return the effect of leaving out each component, the whole recipe first.

    Differences are taken seed by seed, for a seed's runs share the validation set. Their spread is
    taken to be the same for all components, and estimated from all together: with K components and
    S seeds, Student's t has K (S - 1) degrees of freedom, where one component alone has S - 1.

    >>> rows = [{"without": w, "seed": s, "test_ce": e + s / 100}
    ...         for w, e in ((None, 0.1), ("relu", 0.2)) for s in (0, 1)]
    >>> [(e.without, round(e.difference, 3), e.verdict) for e in effects(rows)]
    [(None, 0.0, ''), ('relu', 0.1, 'pays')]
    """
    errors: dict[str | None, dict[int, float]] = {}
    for r in rows:
        errors.setdefault(r["without"], {})[r["seed"]] = r["test_ce"]
    whole = errors.pop(None)
    differences = {
        without: [error - whole[seed] for seed, error in by_seed.items()]
        for without, by_seed in errors.items()
    }
    margin = _margin(list(differences.values()))
    return [
        Effect(None, fmean(whole.values()), _sd(whole), 0.0, 0.0),
        *(
            Effect(name, fmean(errors[name].values()), _sd(errors[name]), fmean(more), margin)
            for name, more in differences.items()
        ),
    ]


def _sd(by_seed: Mapping[int, float]) -> float:
    return stdev(by_seed.values()) if len(by_seed) > 1 else math.nan


def _margin(differences: Sequence[Sequence[float]]) -> float:
    """Return half the width of the interval around the mean of each group."""
    seeds = min(map(len, differences), default=1)
    if seeds < 2:
        return math.nan
    pooled = math.sqrt(fmean(map(variance, differences)) / seeds)
    freedom = len(differences) * (seeds - 1)
    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * pooled  # a quantile of Student's t
