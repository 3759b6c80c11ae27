"""Everything a report says, from one place: the findings, and what follows from them."""

import math
from functools import cached_property
from pathlib import Path

import numpy as np

from experiments.finished_run import settings_from
from experiments.run_report.findings import Findings
from experiments.run_report.measurements import Measurements
from experiments.svhn import protocol
from experiments.svhn.recipe import Recipe, recipe
from experiments.svhn.settings import SVHNSettings
from experiments.training import Epoch

PUBLISHED_TEST = 26_032  # images that the published run was tested on: the whole test file


class Facts:
    """A run's findings with what can be worked out from them."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        settings = settings_from(findings.config, Path())
        assert isinstance(settings, SVHNSettings)
        self.settings = settings
        self.test = Measurements(findings.log_probabilities, findings.labels)

    @property
    def remark(self) -> str:
        """The words that a title carries, from a comma on; none for a run like any other."""
        subset = ", on a subset" if self.settings.subset else ""
        rule = ", breaks the assignment's rule" if self.settings.uses_extra else ""
        return subset + rule

    @cached_property
    def recipe(self) -> Recipe:
        """How the network was trained, beyond the settings."""
        return recipe(self.settings.model, self.settings.without)

    @cached_property
    def examples(self) -> tuple[int, int]:
        """How many images trained and how many validated."""
        s = self.settings
        images = {str(source["name"])[:5]: source["images"] for source in self.findings.sources}
        if s.uses_extra:
            training, validation = protocol.published(images["train"] + images["extra"])
        else:
            training, validation = protocol.drawn(images["train"], s.seed, s.val_fraction)
        return len(training), len(validation)

    @property
    def parameters(self) -> int:
        """How many numbers the network learns."""
        return sum(layer.parameters for layer in self.findings.layers)

    @property
    def seconds(self) -> float:
        """How long the epochs took."""
        return sum(epoch.seconds for epoch in self.findings.history)

    @property
    def best(self) -> Epoch:
        """The epoch whose weights are tested."""
        return next(e for e in self.findings.history if e.epoch == self.findings.best_epoch)

    @property
    def untrained(self) -> Epoch:
        """The network before its first step."""
        return self.findings.history[0]

    @property
    def trained(self) -> list[Epoch]:
        """The epochs in which something was learned."""
        return self.findings.history[1:]

    def share_of_drop(self, quantity: str) -> float:
        """How much of the way from the untrained to the best network the first epoch went."""
        first, best, start = (
            getattr(epoch, quantity) for epoch in (self.trained[0], self.best, self.untrained)
        )
        return (start - first) / (start - best) if start != best else math.nan

    @cached_property
    def probabilities(self) -> np.ndarray:
        """What softmax would have given, in the network's own precision."""
        return np.exp(self.findings.log_probabilities)
