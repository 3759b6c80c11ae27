"""Cross entropy: l_n = -sum_c w_c q_c log p_c, with p the softmax of x_n and q what p should be.

Where the target is a class t, q_t is 1 and all others are 0, so l_n = -w_t log p_t; label_smoothing
e makes it (1 - e) q_c + e / C. Then the sum of all l_n; or the mean, sum_n l_n / sum_n w_t for
classes and sum_n l_n / N for probabilities; or 'none'. ignore_index counts in neither sum.
"""

import math
from typing import Any

import numpy as np


def cross_entropy_forward(
    x: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[np.ndarray, Any]:
    """Return the loss and the cache.

    >>> cross_entropy_forward(np.array([[9.0, -9.0], [0.0, 1e4]]), np.array([1, 1]))[0].round(3)
    np.float64(9.0)
    """
    # x (N, C, d1, ...), target (N, d1, ...) or, of probabilities, (N, C, d1, ...), weight (C,)
    z = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))  # (N, C, D)
    t = target.reshape(z.shape if target.shape == x.shape else (z.shape[0], z.shape[2]))
    losses = np.zeros((z.shape[0], z.shape[2]), x.dtype)
    log_p, total, count = np.zeros_like(z), np.zeros((), x.dtype), np.zeros((), x.dtype)
    wanted = {}
    for n, d in np.ndindex(losses.shape):
        wanted[n, d], share = weigh(t[n, ..., d], z.shape[1], weight, ignore_index, label_smoothing)
        log_softmax(z[n, :, d], log_p[n, :, d])
        for c in wanted[n, d]:
            losses[n, d] -= wanted[n, d][c] * log_p[n, c, d]
        total += losses[n, d]
        count += share
    cache = wanted, log_p, x.shape, reduction, count
    if reduction == "none":
        return losses.reshape(x.shape[0], *x.shape[2:]), cache
    return total / count if reduction == "mean" else total, cache


def cross_entropy_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x: first that of log p, then, as for log_softmax, that of x.

    g of l_n gives  grad_log_p_c = -w_c q_c g  and  grad_x_j = grad_log_p_j - p_j sum_c grad_log_p_c
    """
    wanted, log_p, shape, reduction, count = cache
    grad_x, g = np.zeros_like(log_p), grad_output
    for n, d in wanted:
        grad_loss = g.reshape(shape[0], -1)[n, d] if reduction == "none" else g[()]
        if reduction == "mean":
            grad_loss = grad_loss / count
        total = 0.0
        for c in wanted[n, d]:
            grad_x[n, c, d] -= wanted[n, d][c] * grad_loss
            total -= wanted[n, d][c] * grad_loss
        for j in range(log_p.shape[1]):
            grad_x[n, j, d] -= math.exp(log_p[n, j, d]) * total
    return grad_x.reshape(shape)


def weigh(
    target: np.ndarray, classes: int, weight: Any, ignore_index: int, label_smoothing: float
) -> tuple[dict[int, float], float]:
    """Return w_c q_c for each class c that counts, and what this row counts in the mean."""
    w, e = [1.0] * classes if weight is None else weight, label_smoothing
    if target.ndim:  # probabilities
        return {c: w[c] * ((1 - e) * target[c] + e / classes) for c in range(classes)}, 1.0
    t = int(target)
    if t == ignore_index:
        return {}, 0.0
    if not e:  # the others do not count, even if they are infinite
        return {t: w[t]}, w[t]
    return {c: w[c] * ((1 - e) * (c == t) + e / classes) for c in range(classes)}, w[t]


def log_softmax(x: np.ndarray, y: np.ndarray) -> None:
    """Fill y with x_c - log sum_k exp(x_k); the largest x is subtracted first."""
    m, total = -math.inf, 0.0
    for k in range(len(x)):
        m = max(m, x[k])
    for k in range(len(x)):
        total += math.exp(x[k] - m)
    for c in range(len(x)):
        y[c] = x[c] - m - math.log(total)
