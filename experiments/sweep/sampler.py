"""Draws that are a function of the seed and the trial's number, whichever process makes them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial

KINDS: dict[str, type[BaseSampler]] = {"tpe": TPESampler, "random": RandomSampler}


class SeededSampler(BaseSampler):
    """A sampler of Optuna's, begun anew for each trial with a seed of the trial's own.

    So a search that was killed and goes on draws what it would have drawn. `random` draws the same
    in any number of processes; `tpe` also looks at the trials before, which several processes
    finish in another order than one.
    """

    def __init__(self, kind: str, seed: int) -> None:
        self.kind, self.seed = kind, seed
        self._number = -1
        self._own: BaseSampler | None = None

    def of(self, trial: FrozenTrial) -> BaseSampler:
        """Return the sampler of a trial: one for all its values, or they would all be alike."""
        if self._own is None or trial.number != self._number:
            seed = np.random.SeedSequence([self.seed, trial.number]).generate_state(1)[0]
            self._own, self._number = KINDS[self.kind](seed=int(seed)), trial.number
        return self._own

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Ask the trial's sampler which values it draws together."""
        return self.of(trial).infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Mapping[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Let the trial's sampler draw values together."""
        return self.of(trial).sample_relative(study, trial, dict(search_space))

    def sample_independent(
        self, study: Study, trial: FrozenTrial, name: str, distribution: BaseDistribution
    ) -> Any:
        """Let the trial's sampler draw a value by itself."""
        return self.of(trial).sample_independent(study, trial, name, distribution)
