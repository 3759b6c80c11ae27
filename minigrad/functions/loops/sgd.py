"""Gradient descent: a step against the gradient.

    v <- momentum v + (1 - dampening) g     v begins as the first g
    p <- p - lr v                           with nesterov: p - lr (g + momentum v)

Weight decay is added to g, and maximize takes g's negative.
"""

from typing import Any

import numpy as np


def sgd_step(
    p: np.ndarray,
    grad: np.ndarray,
    state: dict[str, Any],
    lr: float = 1e-3,
    momentum: float = 0,
    dampening: float = 0,
    weight_decay: float = 0,
    nesterov: bool = False,
    maximize: bool = False,
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the parameter and the state after the step. Before the first the state is {}.

    >>> p, state = sgd_step(np.array([1.0, -2.0]), np.array([5.0, -1.0]), {}, lr=0.5)
    >>> p
    array([-1.5, -1.5])
    """
    p, first = p.copy(), not state
    v = np.zeros_like(p) if first else state["momentum_buffer"].copy()
    for i in np.ndindex(p.shape):
        g = -grad[i] if maximize else grad[i]
        if weight_decay:
            g = g + weight_decay * p[i]
        if momentum:
            v[i] = g if first else momentum * v[i] + (1 - dampening) * g
            g = g + momentum * v[i] if nesterov else v[i]
        p[i] -= lr * g
    return p, {"momentum_buffer": v} if momentum else {}
