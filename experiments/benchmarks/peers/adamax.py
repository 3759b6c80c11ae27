"""Adamax for the libraries that have none: the formula over their arrays, in NumPy."""

import numpy as np


class Adamax:
    """PyTorch's Adamax with its default betas and eps, over a list of arrays, in their memory.

    >>> p = np.array([1.0, -2.0])
    >>> Adamax([p], lr=0.1, weight_decay=0).step([2 * p])
    >>> p
    array([ 0.9, -1.9])
    """

    def __init__(self, arrays: list[np.ndarray], lr: float, weight_decay: float) -> None:
        self.arrays, self.lr, self.weight_decay = arrays, lr, weight_decay
        self.means = [np.zeros_like(p) for p in arrays]
        self.largest = [np.zeros_like(p) for p in arrays]
        self.t = 0

    def step(self, grads: list[np.ndarray], beta1=0.9, beta2=0.999, eps=1e-8) -> None:
        """Move each array against its gradient."""
        self.t += 1
        rate = self.lr / (1 - beta1**self.t)
        for p, g, m, u in zip(self.arrays, grads, self.means, self.largest, strict=True):
            g = g + self.weight_decay * p
            m += (1 - beta1) * (g - m)
            np.maximum(beta2 * u, np.abs(g) + eps, out=u)
            p -= rate * m / u
