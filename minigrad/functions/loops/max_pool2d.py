"""Max-pooling: y[n, c, i, j] = the largest x[n, c, s i + d u - p, s j + d v - p] over u, v.

Padding is never chosen. Of equals the first wins, row by row; NaN beats every number, and the last
NaN the others.
"""

import math
from typing import Any

import numpy as np

Pair = tuple[int, int]  # rows first, columns second


def max_pool2d_forward(
    x: np.ndarray,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    ceil_mode: bool = False,
) -> tuple[np.ndarray, Any]:
    """Return y and the cache: the winners. ``stride`` is the kernel size unless given.

    >>> max_pool2d_forward(np.array([[[[1.0, 5.0], [2.0, 3.0]]]]), (2, 2))
    (array([[[[5.]]]]), ((1, 1, 2, 2), {(0, 0, 0, 0): (0, 0, 0, 1)}))
    """
    # x (N, C, H, W)
    (kh, kw), (sh, sw), (ph, pw), (dh, dw) = kernel_size, stride or kernel_size, padding, dilation
    h, w = x.shape[2:]
    oh = count(h, dh * (kh - 1) + 1, sh, ph, ceil_mode)
    ow = count(w, dw * (kw - 1) + 1, sw, pw, ceil_mode)
    y, winners = np.zeros((*x.shape[:2], oh, ow), x.dtype), {}
    for n, c, i, j in np.ndindex(y.shape):
        y[n, c, i, j] = -math.inf
        for u, v in np.ndindex(kh, kw):
            row, column = sh * i + dh * u - ph, sw * j + dw * v - pw
            if 0 <= row < h and 0 <= column < w:
                rival, first = x[n, c, row, column], (n, c, i, j) not in winners
                if first or rival > y[n, c, i, j] or math.isnan(rival):  # not >=
                    y[n, c, i, j] = x[n, c, row, column]
                    winners[n, c, i, j] = (n, c, row, column)
    return y, (x.shape, winners)


def max_pool2d_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x: y was x at the winner, so the winner gets g."""
    shape, winners = cache
    grad_x = np.zeros(shape, grad_output.dtype)
    for place, winner in winners.items():
        grad_x[winner] += grad_output[place]  # +=: where windows overlap, a pixel may win twice
    return grad_x


def count(size: int, reach: int, s: int, p: int, ceil_mode: bool) -> int:
    """Return how many windows an axis has: those that fit into it and its padding.

    With ``ceil_mode`` one more, that sticks out, if it begins before the padding behind the image.
    """
    left_over = size + 2 * p - reach
    windows = left_over // s + 1
    return windows + 1 if ceil_mode and left_over % s and windows * s < size + p else windows
