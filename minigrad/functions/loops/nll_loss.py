"""The negative log-likelihood: l_n = -w_t x_nt, with t = target_n.

Then their sum; or their mean, which is the weighted one: sum_n l_n / sum_n w_t; or 'none'. A target
equal to ignore_index counts in neither sum. The mean of nothing is 0 / 0 = NaN.
"""

import math
from typing import Any

import numpy as np


def nll_loss_forward(
    log_probs: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> tuple[np.ndarray, Any]:
    """Return the loss and the cache.

    >>> log_probs, target = np.array([[-0.5, -1.0], [-2.0, -0.1]]), np.array([0, 1])
    >>> nll_loss_forward(log_probs, target, reduction="none")[0]
    array([0.5, 0.1])
    """
    # log_probs (N, C, d1, ...), target (N, d1, ...), weight (C,) or None
    if target.shape != (log_probs.shape[0], *log_probs.shape[2:]):
        raise ValueError(f"{target.shape} is no shape of targets for {log_probs.shape}")
    x = log_probs.reshape(*log_probs.shape[:2], math.prod(log_probs.shape[2:]))  # (N, C, D)
    t = target.reshape(x.shape[0], x.shape[2])
    losses, total, sum_w = np.zeros_like(t, x.dtype), np.zeros((), x.dtype), np.zeros((), x.dtype)
    for n, d in np.ndindex(t.shape):
        if t[n, d] != ignore_index:
            if not 0 <= t[n, d] < x.shape[1]:
                raise IndexError(f"Target {t[n, d]} is out of bounds.")
            w = 1.0 if weight is None else weight[t[n, d]]
            losses[n, d] = -w * x[n, t[n, d], d]
            total += losses[n, d]
            sum_w += w
    cache = x, t, log_probs.shape, weight, ignore_index, reduction, sum_w
    if reduction == "none":
        return losses.reshape(target.shape), cache
    return total / sum_w if reduction == "mean" else total, cache


def nll_loss_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of log_probs: g, divided as the loss was, at the target alone."""
    x, t, shape, weight, ignore_index, reduction, sum_w = cache
    grad_x, g = np.zeros_like(x), grad_output
    for n, d in np.ndindex(t.shape):
        if t[n, d] != ignore_index:
            w = 1.0 if weight is None else weight[t[n, d]]
            grad_loss = g.reshape(t.shape)[n, d] if reduction == "none" else g[()]
            grad_x[n, t[n, d], d] -= w * (grad_loss / sum_w if reduction == "mean" else grad_loss)
    return grad_x.reshape(shape)
