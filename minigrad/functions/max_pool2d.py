"""The largest value of each window of an image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.dtypes import bool_
from minigrad.functions.comparison import Mask
from minigrad.functions.conv2d import channels_first, channels_last, pair
from minigrad.functions.operands import unsupported
from minigrad.tensor import Array, Tensor


class MaxPool2d(ArrayFunction):
    """y[n, c, i, j] = the largest x in the window at (s i, s j).

    A small change of the winner changes y as much, one of any other pixel not at all: the winner
    takes the whole gradient. Where several are equal it is the first, row by row (PyTorch's
    choice). Where windows overlap, a pixel that wins twice adds both gradients up.
    """

    @staticmethod
    def forward(ctx: Any, x: Array, kernel: tuple[int, int], stride: tuple[int, int]) -> Array:
        ctx.kernel, ctx.stride, ctx.shape = kernel, stride, x.shape
        taps = _taps(channels_last(x), kernel, stride)
        y = next(taps).copy()  # (N, OH, OW, C)
        number = np.uint8 if kernel[0] * kernel[1] < 256 else np.int64
        winner = np.zeros_like(y, dtype=number)
        has_nan = np.isnan(x.min(initial=0))
        for position, tap in enumerate(taps, start=1):
            wins = tap > y  # not >=: the first of equals stays
            if has_nan:
                wins |= tap != tap  # NaN beats everything, and the last NaN the others
            winner = np.maximum(winner, wins * number(position))  # whoever wins later, wins
            y = np.maximum(y, tap)
        ctx.save_for_backward(winner)
        return channels_first(y)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (winner,) = ctx.saved_tensors
        return Unpool.apply(grad_output, winner, ctx.kernel, ctx.stride, ctx.shape), None, None


class Unpool(ArrayFunction):
    """gx = zeros, with each window's gradient added at its winner; Pick is its backward."""

    @staticmethod
    def forward(
        ctx: Any,
        grad: Array,
        winner: Array,
        kernel: tuple[int, int],
        stride: tuple[int, int],
        shape: tuple[int, ...],
    ) -> Array:
        ctx.save_for_backward(winner)
        ctx.kernel, ctx.stride = kernel, stride
        n, c, h, w = shape
        g = np.ascontiguousarray(channels_last(grad))  # (N, OH, OW, C)
        image = np.zeros((n, h, w, c), g.dtype)
        for position, tap in enumerate(_taps(image, kernel, stride)):
            tap += Mask.apply(g, winner == position)
        return channels_first(image)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (winner,) = ctx.saved_tensors
        return Pick.apply(grad_output, winner, ctx.kernel, ctx.stride), None, None, None, None


class Pick(ArrayFunction):
    """y = the pixel of x that ``winner`` names in each window; Unpool is its backward."""

    @staticmethod
    def forward(
        ctx: Any, x: Array, winner: Array, kernel: tuple[int, int], stride: tuple[int, int]
    ) -> Array:
        ctx.save_for_backward(winner)
        ctx.kernel, ctx.stride, ctx.shape = kernel, stride, x.shape
        taps = enumerate(_taps(channels_last(x), kernel, stride))
        return channels_first(sum(Mask.apply(tap, winner == position) for position, tap in taps))

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (winner,) = ctx.saved_tensors
        grad = Unpool.apply(grad_output, winner, ctx.kernel, ctx.stride, ctx.shape)
        return grad, None, None, None


def _taps(x: Array, kernel: tuple[int, int], stride: tuple[int, int]) -> Iterator[Array]:
    """Yield, for each place in the window, row by row, the pixels that lie there: (N, OH, OW, C).

    Each is a view of x (N, H, W, C), so writing to it writes to x.
    """
    (kh, kw), (sh, sw), (h, w) = kernel, stride, x.shape[1:3]
    for u in range(kh):
        for v in range(kw):
            # The last window begins at h - kh or before it; what fills none is left out.
            yield x[:, u : h - kh + u + 1 : sh, v : w - kw + v + 1 : sw]


def max_pool2d(
    input: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """Return the largest value of each window of an image.

    Shapes: input (N, C, H, W) or (C, H, W) -> (N, C, OH, OW) with OH = (H - kernel) // stride + 1;
    rows and columns that fill no window are left out. ``stride`` is the kernel size unless given.
    ``padding``, ``dilation``, ``ceil_mode`` and ``return_indices`` are not supported.

    >>> import minigrad
    >>> max_pool2d(minigrad.arange(16.0).view(1, 1, 4, 4), 2)[0, 0]
    tensor([[ 5.,  7.],
            [13., 15.]])
    """
    check_pool_options(padding, dilation, ceil_mode, return_indices)
    if input.ndim not in (3, 4):
        raise RuntimeError("non-empty 3D or 4D (batch mode) tensor expected for input")
    if input.dtype is bool_:
        raise unsupported("max_pool2d", bool_)
    kernel = pair(kernel_size, "kernel_size")
    strides = kernel if stride is None else pair(stride, "stride")
    if min(kernel) < 1 or min(strides) < 1:
        raise RuntimeError("kernel size and stride should be greater than zero")
    if input.ndim == 3:
        return max_pool2d(input.unsqueeze(0), kernel, strides).squeeze(0)
    c, h, w = input._array.shape[1:]
    if not c or not h or not w:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{list(input.shape)}"
        )
    oh, ow = (h - kernel[0]) // strides[0] + 1, (w - kernel[1]) // strides[1] + 1
    if oh < 1 or ow < 1:
        raise RuntimeError(
            f"Given input size: ({c}x{h}x{w}). Calculated output size: ({c}x{oh}x{ow}). "
            "Output size is too small"
        )
    return MaxPool2d.apply(input, kernel, strides)


def check_pool_options(padding: Any, dilation: Any, ceil_mode: Any, return_indices: Any) -> None:
    """Raise NotImplementedError, by name, for what PyTorch's max-pool has and this one lacks."""
    for name, value, default in (
        ("padding", padding, 0),
        ("dilation", dilation, 1),
        ("ceil_mode", ceil_mode, False),
        ("return_indices", return_indices, False),
    ):
        if value not in (default, (default, default)):
            raise NotImplementedError(
                f"minigrad's max-pool has {name}={default} alone, not {name}={value}"
            )
