"""The largest value of each window of an image.

The same in plain loops: minigrad/functions/loops/max_pool2d.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.dtypes import bool_
from minigrad.functions.comparison import Mask
from minigrad.functions.operands import unsupported
from minigrad.functions.pool_window import pool_window
from minigrad.functions.windows import Window, blocks, channels_first, channels_last
from minigrad.tensor import Array, Tensor, wrap


class MaxPool2d(ArrayFunction):
    """y[n, c, i, j] = the largest x in the window at its place (i, j).

    A small change of the winner changes y as much, one of any other pixel not at all: the winner
    takes the whole gradient. Where several are equal it is the first, row by row (PyTorch's
    choice). Where windows overlap, a pixel that wins twice adds both gradients up.
    """

    @staticmethod
    def forward(ctx: Any, x: Array, window: Window, found: tuple[Array, Array] | None) -> Array:
        ctx.window, ctx.shape = window, x.shape
        y, winner = found or largest(x, window)
        ctx.save_for_backward(winner)
        return channels_first(y)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (winner,) = ctx.saved_tensors
        return Unpool.apply(grad_output, winner, ctx.window, ctx.shape), None, None


class Unpool(ArrayFunction):
    """gx = zeros, with each window's gradient added at its winner; Pick is its backward."""

    @staticmethod
    def forward(
        ctx: Any, grad: Array, winner: Array, window: Window, shape: tuple[int, ...]
    ) -> Array:
        ctx.save_for_backward(winner)
        ctx.window = window
        n, c, h, w = shape
        g = np.ascontiguousarray(channels_last(grad))  # (N, OH, OW, C)
        padded = np.empty(window.padded((n, h, w, c)), g.dtype)
        overlap = window.overlaps
        for part in blocks(padded):
            padded[part] = 0
            for number, pixels in enumerate(window.cells(padded[part])):
                won = Mask.apply(g[part], winner[part] == number)
                # Without overlap, no pixel is met twice: 0 is there, which need not be read.
                pixels[...] = pixels + won if overlap else won
        return channels_first(window.crop(padded, h, w))

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (winner,) = ctx.saved_tensors
        return Pick.apply(grad_output, winner, ctx.window), None, None, None


class Pick(ArrayFunction):
    """y = the pixel of x that ``winner`` names in each window; Unpool is its backward."""

    @staticmethod
    def forward(ctx: Any, x: Array, winner: Array, window: Window) -> Array:
        ctx.save_for_backward(winner)
        ctx.window, ctx.shape = window, x.shape
        cells = enumerate(window.cells(window.pad(channels_last(x))))
        y: Any = sum(Mask.apply(pixels, winner == number) for number, pixels in cells)
        return channels_first(y)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (winner,) = ctx.saved_tensors
        return Unpool.apply(grad_output, winner, ctx.window, ctx.shape), None, None


def largest(x: Array, window: Window) -> tuple[Array, Array]:
    """Return the largest pixel of each window, and the number of its cell: (N, OH, OW, C) both."""
    images = channels_last(x)
    shape = len(x), *window.places(*x.shape[2:]), x.shape[1]
    y = np.empty(shape, x.dtype)
    winner = np.zeros(shape, np.uint8 if window.kernel[0] * window.kernel[1] < 256 else np.int64)
    if any(window.before):
        winner[...] = _first_cells(*shape[1:3], window)
    for part in blocks(images):
        _scan(images[part], window, y[part], winner[part])
    return y, winner


def _scan(images: Array, window: Window, y: Array, winner: Array) -> None:
    """Look at each window's cells one after the other: keep the largest, and who it is."""
    has_nan = np.isnan(images.min(initial=0))
    lowest = -np.inf if y.dtype.kind == "f" else np.iinfo(y.dtype).min  # so that no padding wins
    cells = window.cells(window.pad(images, lowest))
    y[...] = next(cells)
    for number, cell in enumerate(cells, start=1):
        pixels = cell.copy()  # read twice: better in one run of memory
        wins = pixels > y  # not >=: the first of equals stays
        if has_nan:
            wins |= pixels != pixels  # NaN beats everything, and the last NaN the others
        np.maximum(winner, wins * winner.dtype.type(number), out=winner)  # who wins later, wins
        np.maximum(y, pixels, out=y)


def _first_cells(height: int, width: int, window: Window) -> Array:
    """Return the number of the first cell of each window that is not padding: (OH, OW, 1).

    It is the winner until another is larger, even where all of them are as low as the padding.
    """
    rows, columns = [
        np.clip(-((s * np.arange(n) - b) // d), 0, k - 1)  # the first u with s i + d u - b >= 0
        for n, k, s, b, _, d in zip((height, width), *window, strict=True)
    ]
    return (rows[:, None] * window.kernel[1] + columns)[..., None]


def _indices(winner: Array, window: Window, height: int, width: int) -> Array:
    """Return which of the image's pixels, counted row by row, won: -1 for one of the padding."""
    pixels = np.arange(1, height * width + 1).reshape(1, 1, height, width)
    return np.asarray(Pick.apply(pixels, winner, window) - 1)


def max_pool2d(
    input: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest value of each window of an image.

    Shapes: input (N, C, H, W) or (C, H, W) -> (N, C, OH, OW) with
    OH = (H + 2 padding - dilation (kernel - 1) - 1) // stride + 1, rounded up with ``ceil_mode``.
    ``stride`` is the kernel size unless given; rows and columns that fill no window are left out.
    Padding never wins. With ``return_indices`` also, as int64, which pixel of its H W each is.

    A window that lies wholly in the padding, which takes a dilation larger than the image, gives
    -inf, the index -1 and no gradient (PyTorch's own index names no pixel of the window there).

    >>> import minigrad
    >>> max_pool2d(minigrad.arange(16.0).view(1, 1, 4, 4), 2)[0, 0]
    tensor([[ 5.,  7.],
            [13., 15.]])
    """
    if input.ndim not in (3, 4):
        raise RuntimeError(
            "non-empty 3D or 4D (batch mode) tensor expected for input: images are (N, C, H, W) or "
            f"(C, H, W), but got {tuple(input.shape)}"
        )
    window = pool_window("max_pool2d", input, kernel_size, stride, padding, dilation, ceil_mode)
    if input.dtype is bool_:
        raise unsupported("max_pool2d", bool_)
    images = input.unsqueeze(0) if input.ndim == 3 else input
    found = largest(images._array, window) if return_indices else None
    values = MaxPool2d.apply(images, window, found)
    if found is None:
        return values.squeeze(0) if input.ndim == 3 else values
    indices = wrap(_indices(found[1], window, *images._array.shape[2:]))
    return (values.squeeze(0), indices.squeeze(0)) if input.ndim == 3 else (values, indices)
