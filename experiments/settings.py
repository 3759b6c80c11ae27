"""What a run is made of: what was asked for, and the machine it ran on."""

import dataclasses
import os
import platform
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_info

from experiments.console import note
from experiments.installed import PACKAGES, version
from experiments.processes import current
from experiments.shell import typed

FRAMEWORKS = {"minigrad": "minigrad", "torch": "PyTorch"}


@dataclass(frozen=True)
class Settings:
    """What a run is made of; the same settings on the same machine give the same numbers."""

    experiment: str
    backend: str
    model: str
    seed: int
    dtype: str
    device: str
    epochs: int
    patience: int
    lr: float
    weight_decay: float
    batch_size: int

    @property
    def name(self) -> str:
        """The name of the run's folder."""
        return f"{self.backend}-{self.model}-seed{self.seed}"

    @property
    def label(self) -> str:
        """The assignment's name of the network, with which its files begin."""
        return f"classifier_{self.model}"

    @property
    def title(self) -> str:
        """What stands above the run's figures."""
        return f"{self.model.upper()} in {FRAMEWORKS[self.backend]}, seed {self.seed}"

    @property
    def print_freq(self) -> int:
        """Every how many epochs the validation is printed, as in the assignment."""
        return 10

    @property
    def remarks(self) -> tuple[str, ...]:
        """What has to be known wherever a number of the run is given."""
        return ()

    @property
    def command(self) -> str:
        """What to type to repeat this one run."""
        options = dataclasses.asdict(self)
        experiment = options.pop("experiment")
        return " ".join(["minigrad", experiment, *typed(options)])


def possible_batch_size(typed: int, images: int) -> int:
    """Return the batch size for so many training images; say so if it is not what was typed."""
    if typed > images:
        note(f"--batch-size {typed:,}: there are {images:,} images to train on, one batch of all")
    return min(typed, images)


def configuration(settings: Settings) -> dict[str, Any]:
    """Return everything that is needed to repeat a run, the machine included."""
    return {
        **dataclasses.asdict(settings),
        "command": settings.command,
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in PACKAGES},
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "processes": current().number,
        "thread_pools": dict(sorted((p["prefix"], p["num_threads"]) for p in threadpool_info())),
    }
