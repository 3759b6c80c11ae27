"""Optimizers, as in ``torch.optim``."""

from minigrad.optim.adamax import Adamax
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.sgd import SGD

__all__ = ["SGD", "Adamax", "Optimizer"]
