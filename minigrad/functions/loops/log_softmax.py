"""The logarithm of the softmax: y_c = x_c - log sum_k exp(x_k), along one axis.

The maximum m is subtracted first: it cancels, and exp cannot overflow.
"""

import math
from typing import Any

import numpy as np


def log_softmax_forward(x: np.ndarray, dim: int) -> tuple[np.ndarray, Any]:
    """Return y and the cache.

    >>> log_softmax_forward(np.array([[7.0], [1e4]]), 1)[0]
    array([[0.],
           [0.]])
    """
    y = np.zeros_like(x)
    rows, y_rows = np.moveaxis(x, dim, -1), np.moveaxis(y, dim, -1)  # (..., C); views of x and y
    for row in np.ndindex(rows.shape[:-1]):
        m, total = -math.inf, 0.0
        for k in range(rows.shape[-1]):
            m = max(m, rows[row][k])
        for k in range(rows.shape[-1]):
            total += math.exp(rows[row][k] - m)
        for c in range(rows.shape[-1]):
            y_rows[row][c] = rows[row][c] - m - math.log(total)
    return y, (y, dim)


def log_softmax_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x: each x_j is in its own y_j and, by the sum, in every y_c.

    dy_c/dx_j = [c = j] - exp(y_j), so  grad_x_j = g_j - exp(y_j) sum_c g_c.
    """
    y, dim = cache
    grad_x = np.zeros_like(y)
    y, g, grad_rows = [np.moveaxis(a, dim, -1) for a in (y, grad_output, grad_x)]  # (..., C)
    for row in np.ndindex(y.shape[:-1]):
        total = 0.0
        for c in range(y.shape[-1]):
            total += g[row][c]
        for j in range(y.shape[-1]):
            grad_rows[row][j] = g[row][j] - math.exp(y[row][j]) * total
    return grad_x
