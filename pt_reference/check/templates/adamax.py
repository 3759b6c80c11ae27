"""Adamax: steps of about the size lr, whatever the size of the gradients. A file to fill in.

At step t = 1, 2, ... each parameter p with the gradient g keeps two arrays, m and u, 0 at first:

    g <- -g                          if maximize
    g <- g + weight_decay p
    m <- beta1 m + (1 - beta1) g
    u <- the larger of beta2 u and |g| + eps, element by element
    p <- p - lr / (1 - beta1^t) m / u

Replace `raise NotImplementedError`, then type: minigrad check FILE.py
While it is there, Adamax is not attempted. An option that you do not want to write yet
(weight_decay, maximize) may be taken out of the signature: then it is not attempted either.

step changes the arrays of params in place, for others hold them too (p -= ..., not p = p - ...).
The gradients belong to the caller: they are not changed.
"""

import numpy as np


class Adamax:
    def __init__(
        self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, maximize=False
    ):
        self.params = list(params)
        self.lr, self.betas, self.eps = lr, betas, eps
        self.weight_decay, self.maximize = weight_decay, maximize
        self.m = [np.zeros_like(p) for p in self.params]
        self.u = [np.zeros_like(p) for p in self.params]
        self.t = 0

    def step(self, grads):
        # grads: for each of params its gradient, of the same shape, or None where it has none
        raise NotImplementedError
