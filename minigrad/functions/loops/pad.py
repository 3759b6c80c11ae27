"""The border around images: y[n, c, i, j] = x[n, c, row, column], for the pixel that i, j shows.

Inside the image that is i - top, j - left. Outside it, the mode says:

    constant    none: y is ``value``            . . a b c d . .
    reflect     the mirrored one                c b a b c d c b
    replicate   the last one of the border      a a a b c d d d
    circular    the one at the other end        c d a b c d a b
"""

from typing import Any

import numpy as np


def pad_forward(
    x: np.ndarray,
    padding: tuple[int, int, int, int],
    mode: str = "constant",
    value: float = 0.0,
) -> tuple[np.ndarray, Any]:
    """Return y and the cache. ``padding`` is (left, right, top, bottom); below 0 it cuts off.

    >>> pad_forward(np.array([[[[1.0, 2.0, 3.0]]]]), (2, 1, 0, 0), "reflect")[0]
    array([[[[3., 2., 1., 2., 3., 2.]]]])
    """
    # x (N, C, H, W)
    (left, right, top, bottom), (h, w) = padding, x.shape[2:]
    y = np.zeros((*x.shape[:2], top + h + bottom, left + w + right), x.dtype)
    for n, c, i, j in np.ndindex(y.shape):
        row, column = shown(i - top, h, mode), shown(j - left, w, mode)
        if row is None or column is None:
            y[n, c, i, j] = value
        else:
            y[n, c, i, j] = x[n, c, row, column]
    return y, (x.shape, padding, mode)


def pad_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x: a pixel that is shown several times adds up what each receives."""
    shape, (left, _, top, _), mode = cache
    grad_x = np.zeros(shape, grad_output.dtype)
    for n, c, i, j in np.ndindex(grad_output.shape):
        row, column = shown(i - top, shape[2], mode), shown(j - left, shape[3], mode)
        if row is not None and column is not None:
            grad_x[n, c, row, column] += grad_output[n, c, i, j]
    return grad_x


def shown(i: int, size: int, mode: str) -> int | None:
    """Return which of the rows 0, ..., size - 1 row i of the padded image shows; None for none."""
    if 0 <= i < size:
        return i
    if mode == "reflect":
        return -i if i < 0 else 2 * (size - 1) - i
    if mode == "replicate":
        return 0 if i < 0 else size - 1
    return i % size if mode == "circular" else None
