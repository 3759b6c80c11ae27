"""A training step of one of the assignment's networks, its parts named for the profiler."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.backend import Backend
from experiments.digits import Digits
from minigrad.autograd.profiler import record_function
from pt_reference import networks

NETWORKS = {"mlp": networks.mlp, "cnn": networks.cnn, "svhn": networks.svhn}
BATCH_SIZES = {"mlp": 64, "cnn": 64, "svhn": 256}
# Settings that the assignment trains with. None of them changes how long a step takes.
LR, WEIGHT_DECAY, SEED = 1e-3, 1e-5, 0


@dataclass
class Step:
    """Calling it trains on the next batch; `model` names the network."""

    model: str
    backend: Backend

    def __post_init__(self) -> None:
        self.network = self.backend.classifier(NETWORKS[self.model], SEED)
        self.optimizer = self.backend.adamax(self.network, LR, WEIGHT_DECAY)
        self.batches = self.endless_batches()

    @property
    def batch_size(self) -> int:
        """How many images a step takes."""
        return BATCH_SIZES[self.model]

    def __call__(self) -> None:
        """Do what the training loop does for a batch."""
        with record_function("step"):
            with record_function("loader"):
                x, y = self.backend.batch(*next(self.batches))
            with record_function("forward"):
                loss = self.network(x, y)
                loss.item()
            self.optimizer.zero_grad()
            with record_function("backward"):
                loss.backward()
            self.optimizer.step()

    def endless_batches(self) -> Iterator[Any]:
        """Yield the full batches of one epoch after the other."""
        images = house_numbers(4 * self.batch_size) if self.model == "svhn" else Digits("train")
        loader = self.backend.data.DataLoader(images, self.batch_size, shuffle=True, drop_last=True)
        while True:
            yield from loader


def house_numbers(count: int) -> list[tuple[np.ndarray, int]]:
    """Return random images (3, 32, 32) float32, of the size of house numbers, and labels."""
    rng = np.random.default_rng(SEED)
    images = rng.random((count, 3, 32, 32), np.float32)
    return list(zip(images, rng.integers(0, 10, count).tolist(), strict=True))
