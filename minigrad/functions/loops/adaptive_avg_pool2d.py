"""The mean of windows, as many as are asked for: they divide the image as evenly as pixels allow.

y[n, c, i, j] = sum of x[n, c, row, column] / k over the rows from floor(i H / OH) to
ceil((i + 1) H / OH), the last not included, and such columns; k is how many pixels those are.
Where OH does not divide H, neighbouring windows share a row.
"""

from typing import Any

import numpy as np


def adaptive_avg_pool2d_forward(
    x: np.ndarray, output_size: tuple[int, int]
) -> tuple[np.ndarray, Any]:
    """Return y and the cache.

    >>> adaptive_avg_pool2d_forward(np.array([[[[1.0, 3.0, 5.0]]]]), (1, 2))[0]
    array([[[[2., 4.]]]])
    """
    # x (N, C, H, W) -> (N, C, OH, OW)
    y = np.zeros((*x.shape[:2], *output_size), x.dtype)
    for n, c, i, j in np.ndindex(y.shape):
        rows, columns = window(i, x.shape[2], y.shape[2]), window(j, x.shape[3], y.shape[3])
        for row in rows:
            for column in columns:
                y[n, c, i, j] += x[n, c, row, column]
        y[n, c, i, j] /= len(rows) * len(columns)
    return y, x.shape


def adaptive_avg_pool2d_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x: every pixel of the window gets its part of g."""
    g, grad_x = grad_output, np.zeros(cache, grad_output.dtype)
    for n, c, i, j in np.ndindex(g.shape):
        rows, columns = window(i, cache[2], g.shape[2]), window(j, cache[3], g.shape[3])
        for row in rows:
            for column in columns:
                grad_x[n, c, row, column] += g[n, c, i, j] / (len(rows) * len(columns))
    return grad_x


def window(i: int, size: int, windows: int) -> range:
    """Return the rows, or columns, of window i."""
    return range(i * size // windows, ((i + 1) * size + windows - 1) // windows)
