"""Adamax: a step of about lr in each coordinate, whatever the size of its gradient.

    m <- beta1 m + (1 - beta1) g            a mean of the last gradients
    u <- max(beta2 u, |g| + eps)            the largest of the last gradients
    p <- p - lr / (1 - beta1^t) * m / u     m begins at 0: the division makes up for it

t counts from 1. Weight decay is added to g, and maximize takes g's negative.
"""

from typing import Any

import numpy as np


def adamax_step(
    p: np.ndarray,
    grad: np.ndarray,
    state: dict[str, Any],
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0,
    maximize: bool = False,
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the parameter and the state after the step. Before the first the state is {}.

    >>> p, state = adamax_step(np.array([1.0, -2.0]), np.array([5.0, -3.0]), {}, lr=0.5)
    >>> p
    array([ 0.5, -1.5])
    """
    p, t = p.copy(), state.get("step", 0) + 1
    m = state["exp_avg"].copy() if state else np.zeros_like(p)
    u = state["exp_inf"].copy() if state else np.zeros_like(p)
    beta1, beta2 = betas
    for i in np.ndindex(p.shape):
        g = -grad[i] if maximize else grad[i]
        if weight_decay:
            g = g + weight_decay * p[i]
        m[i] = beta1 * m[i] + (1 - beta1) * g
        u[i] = np.maximum(beta2 * u[i], abs(g) + eps)  # unlike max, it never loses a NaN
        p[i] -= lr / (1 - beta1**t) * m[i] / u[i]
    return p, {"step": t, "exp_avg": m, "exp_inf": u}
