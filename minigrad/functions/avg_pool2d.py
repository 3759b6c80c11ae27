"""The mean of each window of an image.

The same in plain loops: minigrad/functions/loops/avg_pool2d.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.functions.arithmetic import div
from minigrad.functions.operands import unsupported
from minigrad.functions.pool_window import pool_window
from minigrad.functions.windows import Window, channels_first, channels_last
from minigrad.tensor import Array, Tensor


class SumPool2d(ArrayFunction):
    """y[n, c, i, j] = the sum of x in the window at its place (i, j).

    Every pixel of a window moves its sum as much as itself, and gets its gradient; a pixel in
    several windows adds theirs up.
    """

    @staticmethod
    def forward(ctx: Any, x: Array, window: Window) -> Array:
        ctx.window, ctx.shape = window, x.shape
        cells = window.cells(window.pad(channels_last(x)))
        y = next(cells).copy()  # (N, OH, OW, C)
        for pixels in cells:
            y += pixels
        return channels_first(y)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return SpreadPool2d.apply(grad_output, ctx.window, ctx.shape), None


class SpreadPool2d(ArrayFunction):
    """gx = zeros, with each window's gradient added to all its pixels; SumPool2d's backward."""

    @staticmethod
    def forward(ctx: Any, grad: Array, window: Window, shape: tuple[int, ...]) -> Array:
        ctx.window = window
        n, c, h, w = shape
        g = channels_last(grad)  # (N, OH, OW, C)
        padded = np.zeros(window.padded((n, h, w, c)), g.dtype)
        for pixels in window.cells(padded):
            pixels += g
        return channels_first(window.crop(padded, h, w))

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return SumPool2d.apply(grad_output, ctx.window), None, None


def avg_pool2d(
    input: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of each window of an image.

    Shapes: input (N, C, H, W) or (C, H, W) -> (N, C, OH, OW) with
    OH = (H + 2 padding - kernel) // stride + 1, rounded up with ``ceil_mode``. ``stride`` is the
    kernel size unless given. Padding counts as zeros, or not at all without ``count_include_pad``;
    what a last window of ``ceil_mode`` has beyond the padding never counts. ``divisor_override``
    is what the sums are divided by instead. int64 is divided and rounded towards zero.

    >>> import minigrad
    >>> avg_pool2d(minigrad.arange(16.0).view(1, 1, 4, 4), 2)[0, 0]
    tensor([[ 2.5000,  4.5000],
            [10.5000, 12.5000]])
    """
    if input.ndim < 3:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-input.ndim}, "
            f"{input.ndim - 1}], but got -3): avg_pool2d takes images (N, C, H, W) or (C, H, W), "
            f"but got {tuple(input.shape)}"
        )
    window = pool_window("avg_pool2d", input, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero: divisor_override is what sums are divided by")
    if not input.is_floating_point() and input.dtype is not dtypes.int64:
        raise unsupported("avg_pool2d", input.dtype)
    if divisor_override is not None and not isinstance(divisor_override, int | np.integer):
        raise TypeError(
            f"avg_pool2d(): argument 'divisor_override' must be int, not {divisor_override!r}"
        )
    images = input.unsqueeze(0) if input.ndim == 3 else input
    divisor = divisor_override or _counts(images._array, window, count_include_pad)
    rounding = None if input.is_floating_point() else "trunc"
    means = div(SumPool2d.apply(images, window), divisor, rounding_mode=rounding)
    return means.squeeze(0) if input.ndim == 3 else means


def _counts(x: Array, window: Window, include_padding: bool) -> Array:
    """Return how many pixels each window holds, the sum of so many ones: (1, 1, OH, OW)."""
    height, width = x.shape[2:]
    if include_padding:  # the given one; what ceil_mode has added after it stays outside
        (top, left), (bottom, right) = window.before, window.after
        height, width = height + 2 * top, width + 2 * left
        window = window._replace(before=(0, 0), after=(bottom - top, right - left))
    return np.asarray(SumPool2d.apply(np.ones((1, 1, height, width), x.dtype), window))
