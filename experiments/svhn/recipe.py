"""How the networks for house numbers are trained: the published way, and the improved one.

The improved one is made of components; any one can be left out, to see what it brings.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from experiments.svhn.augmentation import augmented
from pt_reference import networks
from pt_reference.improved import improved

# What can be left out, and what then takes its place.
COMPONENTS = {
    "normalise": "raw pixels 0..255",
    "relu": "no activation between the convolutions",
    "batch-norm": "convolutions with a bias instead",
    "depth": "one convolution a stage",
    "dropout": "all features in every step",
    "geometry": "images neither moved nor turned nor stretched",
    "colours": "the colours as they are",
    "schedule": "a constant learning rate",
}
DROPOUT = 0.3
WARM_UP, LOWEST = 0.2, 0.04
CONSTANT = 0.2  # of the highest learning rate, without a schedule


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained; the numbers can be changed on the command line."""

    network: Callable[[Any], Any]  # of the namespace its layers come from
    epochs: int
    patience: int
    lr: float
    weight_decay: float
    batch_size: int
    augment: Callable[[Any, Callable[[int], Any]], Any] | None = None
    scheduled: bool = False

    def schedule(self, optimizer: Any, steps: int) -> Any:
        """Return the learning rate's course over so many steps, or None for a constant one."""
        if not self.scheduled:
            return None
        return torch.optim.lr_scheduler.LambdaLR(optimizer, partial(one_cycle, steps=steps))


PUBLISHED = Recipe(
    networks.svhn, epochs=100, patience=2, lr=1e-3, weight_decay=1e-5, batch_size=256
)


def recipe(model: str, without: str | None = None) -> Recipe:
    """Return the recipe of a model, 'published' or 'improved', the latter without a component."""
    if model == "published":
        return PUBLISHED
    components = {name: name != without for name in COMPONENTS}

    def network(_: Any) -> Any:
        return improved(
            normalise=components["normalise"],
            relu=components["relu"],
            batch_norm=components["batch-norm"],
            depth=components["depth"],
            dropout=DROPOUT if components["dropout"] else 0.0,
        )

    highest = 1.5e-2
    return Recipe(
        network,
        epochs=15,
        patience=15,  # the schedule ends the training: its last epochs are its best
        lr=highest if components["schedule"] else CONSTANT * highest,
        weight_decay=1e-5,
        batch_size=64,
        augment=partial(augmented, geometry=components["geometry"], colours=components["colours"]),
        scheduled=components["schedule"],
    )


def one_cycle(step: int, steps: int) -> float:
    """Return the factor of the learning rate: half a cosine up, and half a cosine down to 0.

    Smith and Topin (2018). The slow start spares the random weights, the slow end averages.

    >>> [round(one_cycle(step, 100), 2) for step in (0, 10, 20, 60, 100)]
    [0.04, 0.52, 1.0, 0.5, 0.0]
    """
    top = WARM_UP * steps
    if step < top:
        return LOWEST + (1 - LOWEST) * (1 - math.cos(math.pi * step / top)) / 2
    return (1 + math.cos(math.pi * (step - top) / (steps - top))) / 2
