"""Other libraries' training of the Digits networks: the same mathematics, as their users write it.

A file a library. Each has a function `trainer` that takes the network's name, its initial weights
(float32 arrays in the order of PyTorch's state_dict) and the two settings of Adamax, and imports
its library only then: none of them has to be installed.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np


class Trainer(NamedTuple):
    """How a library trains.

    `batch` turns images (B, 64) float32 and labels (B,) int64 into what the library takes; it is
    not timed. `step` takes that, changes the weights, and returns the batch's mean loss, as
    anything that `float` can be had of.
    """

    batch: Callable[[np.ndarray, np.ndarray], tuple[Any, ...]]
    step: Callable[..., Any]


# What is shown: the module here, and the package that has to be installed.
PEERS = {
    "PyTorch compiled": ("compiled", "torch"),
    "JAX": ("jax", "jax"),
    "tinygrad": ("tinygrad", "tinygrad"),
    "SmallPebble": ("smallpebble", "smallpebble"),
    "synapgrad": ("synapgrad", "synapgrad"),
    "DeZero": ("dezero", "dezero"),
    "MyGrad": ("mygrad", "mygrad"),
    "HIPS autograd": ("autograd", "autograd"),
}


def installed() -> list[str]:
    """Return the names of the peers whose packages are there, without importing them."""
    return [name for name, (_, package) in PEERS.items() if find_spec(package)]


def trainer(
    peer: str, model: str, weights: list[np.ndarray], lr: float, weight_decay: float
) -> Trainer:
    """Return a peer's training of a network on Digits, 'mlp' or 'cnn', from its initial weights."""
    module = import_module(f"{__name__}.{PEERS[peer][0]}")
    return module.trainer(model, [array.copy() for array in weights], lr, weight_decay)
