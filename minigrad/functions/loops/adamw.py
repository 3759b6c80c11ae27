"""AdamW: Adam, whose weight decay pulls at the parameter itself and not through the gradient.

    p <- (1 - lr weight_decay) p
    m <- beta1 m + (1 - beta1) g            a mean of the last gradients
    v <- beta2 v + (1 - beta2) g^2          a mean of their squares
    p <- p - lr m' / (sqrt(v') + eps)       m' = m / (1 - beta1^t), v' = v / (1 - beta2^t)

m and v begin at 0: the divisions make up for it; t counts from 1. With amsgrad, the largest v so
far stands in the place of v. maximize takes g's negative.
"""

import math
from typing import Any

import numpy as np


def adamw_step(
    p: np.ndarray,
    grad: np.ndarray,
    state: dict[str, Any],
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
    amsgrad: bool = False,
    maximize: bool = False,
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the parameter and the state after the step. Before the first the state is {}.

    >>> p, state = adamw_step(np.array([2.0]), np.array([5.0]), {}, 0.5, weight_decay=1, eps=0)
    >>> p
    array([0.5])
    """
    p, t, (beta1, beta2) = p.copy(), state.get("step", 0) + 1, betas
    m = state["exp_avg"].copy() if state else np.zeros_like(p)
    v = state["exp_avg_sq"].copy() if state else np.zeros_like(p)
    largest = state["max_exp_avg_sq"].copy() if state else np.zeros_like(p)
    for i in np.ndindex(p.shape):
        g = -grad[i] if maximize else grad[i]
        p[i] *= 1 - lr * weight_decay
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        largest[i] = np.maximum(largest[i], v[i]) if amsgrad else v[i]
        root = math.sqrt(largest[i] / (1 - beta2**t))
        p[i] -= lr * (m[i] / (1 - beta1**t)) / (root + eps)
    return p, {"step": t, "exp_avg": m, "exp_avg_sq": v, "max_exp_avg_sq": largest}
