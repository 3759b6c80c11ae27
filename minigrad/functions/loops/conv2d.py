"""The convolution of images.

y[n, o, i, j] = b[o] + sum over c, u, v of  w[o, c, u, v] x[n, c, s i + d u - p, s j + d v - p]

s is the stride, d the dilation, p the padding; x is 0 outside the image. With groups, output o
reads the input channels of its own group alone: c counts from the group's first.
"""

from typing import Any

import numpy as np

Pair = tuple[int, int]  # rows first, columns second


def conv2d_forward(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: Pair = (1, 1),
    padding: Pair | str = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> tuple[np.ndarray, Any]:
    """Return y and the cache. ``padding`` may be 'valid' (none) or 'same' (y has the size of x).

    >>> image, kernel = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    >>> conv2d_forward(image, kernel, padding="same")[0][0, 0]
    array([[4., 4., 2.],
           [4., 4., 2.],
           [2., 2., 1.]])
    """
    # x (N, C, H, W), weight (O, C / groups, KH, KW), bias (O,) or None
    (sh, sw), (dh, dw), (h, w), (kh, kw) = stride, dilation, x.shape[2:], weight.shape[2:]
    (top, bottom), (left, right) = both_sides(padding, kh, kw, dilation)
    oh = (h + top + bottom - dh * (kh - 1) - 1) // sh + 1
    ow = (w + left + right - dw * (kw - 1) - 1) // sw + 1
    y = np.zeros((len(x), len(weight), oh, ow), x.dtype)
    for n, o, i, j in np.ndindex(y.shape):
        first = o * groups // len(weight) * weight.shape[1]  # channel of o's group
        if bias is not None:
            y[n, o, i, j] += bias[o]
        for c, u, v in np.ndindex(weight.shape[1:]):
            row, column = sh * i + dh * u - top, sw * j + dw * v - left
            if 0 <= row < h and 0 <= column < w:
                y[n, o, i, j] += weight[o, c, u, v] * x[n, first + c, row, column]
    return y, (x, weight, bias, stride, (top, left), dilation, groups)


def conv2d_backward(
    grad_output: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the gradients of x, weight and bias: the loops of forward, y's place taken by g."""
    x, weight, bias, (sh, sw), (top, left), (dh, dw), groups = cache
    h, w = x.shape[2:]
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    grad_bias = None if bias is None else np.zeros_like(bias)
    for n, o, i, j in np.ndindex(grad_output.shape):
        first, g = o * groups // len(weight) * weight.shape[1], grad_output[n, o, i, j]
        if grad_bias is not None:
            grad_bias[o] += g
        for c, u, v in np.ndindex(weight.shape[1:]):
            row, column = sh * i + dh * u - top, sw * j + dw * v - left
            if 0 <= row < h and 0 <= column < w:
                grad_x[n, first + c, row, column] += g * weight[o, c, u, v]
                grad_weight[o, c, u, v] += g * x[n, first + c, row, column]
    return grad_x, grad_weight, grad_bias


def both_sides(padding: Pair | str, kh: int, kw: int, dilation: Pair) -> tuple[Pair, Pair]:
    """Return the padding above and below, and to the left and right."""
    if padding == "same":  # where the kernel is even, the odd pixel goes below, or to the right
        rows, columns = dilation[0] * (kh - 1), dilation[1] * (kw - 1)
        return (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)
    p, q = (0, 0) if isinstance(padding, str) else padding
    return (p, p), (q, q)
