"""The mean of each window: y[n, c, i, j] = sum over u, v of  x[n, c, s i + u - p, s j + v - p] / k.

k is how many pixels the window has: those of the padding too if ``count_include_pad``, but never
those that stick out of it under ``ceil_mode``. Or it is ``divisor_override``.
"""

from typing import Any

import numpy as np

Pair = tuple[int, int]  # rows first, columns second


def avg_pool2d_forward(
    x: np.ndarray,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = (0, 0),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> tuple[np.ndarray, Any]:
    """Return y and the cache. ``stride`` is the kernel size unless given.

    >>> avg_pool2d_forward(np.array([[[[1.0, 5.0], [2.0, 4.0]]]]), (2, 2))[0]
    array([[[[3.]]]])
    """
    # x (N, C, H, W)
    (kh, kw), (sh, sw), (ph, pw), (h, w) = kernel_size, stride or kernel_size, padding, x.shape[2:]
    oh, ow = count(h, kh, sh, ph, ceil_mode), count(w, kw, sw, pw, ceil_mode)
    y, divisors = np.zeros((*x.shape[:2], oh, ow), x.dtype), np.zeros((oh, ow), int)
    for i, j in np.ndindex(oh, ow):
        for u, v in np.ndindex(kh, kw):
            row, column = sh * i + u - ph, sw * j + v - pw
            in_image = 0 <= row < h and 0 <= column < w
            in_padding = row < h + ph and column < w + pw
            divisors[i, j] += in_image or (count_include_pad and in_padding)
        divisors[i, j] = divisor_override or divisors[i, j]
    for n, c, i, j in np.ndindex(y.shape):
        for u, v in np.ndindex(kh, kw):
            row, column = sh * i + u - ph, sw * j + v - pw
            if 0 <= row < h and 0 <= column < w:
                y[n, c, i, j] += x[n, c, row, column] / divisors[i, j]
    return y, (x.shape, kernel_size, (sh, sw), padding, divisors)


def avg_pool2d_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x: every pixel of the window gets its part of g."""
    shape, (kh, kw), (sh, sw), (ph, pw), divisors = cache
    h, w = shape[2:]
    grad_x = np.zeros(shape, grad_output.dtype)
    for n, c, i, j in np.ndindex(grad_output.shape):
        for u, v in np.ndindex(kh, kw):
            row, column = sh * i + u - ph, sw * j + v - pw
            if 0 <= row < h and 0 <= column < w:
                grad_x[n, c, row, column] += grad_output[n, c, i, j] / divisors[i, j]
    return grad_x


def count(size: int, k: int, s: int, p: int, ceil_mode: bool) -> int:
    """Return how many windows an axis has: those that fit into it and its padding.

    With ``ceil_mode`` one more, that sticks out, if it begins before the padding behind the image.
    """
    left_over = size + 2 * p - k
    windows = left_over // s + 1
    return windows + 1 if ceil_mode and left_over % s and windows * s < size + p else windows
