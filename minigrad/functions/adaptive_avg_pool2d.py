"""The means of as many parts of an image as are asked for.

The same in plain loops: minigrad/functions/loops/adaptive_avg_pool2d.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.functions.operands import unsupported
from minigrad.functions.reductions import mean
from minigrad.tensor import Array, Tensor

Ranges = list[tuple[int, int]]  # from, and up to but not with; they may overlap


class SumRanges(ArrayFunction):
    """y_k = the sum of x over the k-th range of an axis.

    An element moves the sum of every range that it lies in, and adds their gradients up.
    """

    @staticmethod
    def forward(ctx: Any, x: Array, ranges: Ranges, axis: int) -> Array:
        ctx.ranges, ctx.axis, ctx.size = ranges, axis, x.shape[axis]
        lines = x.swapaxes(0, axis)  # the axis in front
        y = np.empty((len(ranges), *lines.shape[1:]), x.dtype)
        for k, (start, end) in enumerate(ranges):
            lines[start:end].sum(0, out=y[k])
        return y.swapaxes(0, axis)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return SpreadRanges.apply(grad_output, ctx.ranges, ctx.axis, ctx.size), None, None


class SpreadRanges(ArrayFunction):
    """gx = zeros, with each range's gradient added to all of it; SumRanges is its backward."""

    @staticmethod
    def forward(ctx: Any, grad: Array, ranges: Ranges, axis: int, size: int) -> Array:
        ctx.ranges, ctx.axis = ranges, axis
        lines = grad.swapaxes(0, axis)
        x = np.zeros((size, *lines.shape[1:]), grad.dtype)
        for k, (start, end) in enumerate(ranges):
            x[start:end] += lines[k]
        return x.swapaxes(0, axis)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return SumRanges.apply(grad_output, ctx.ranges, ctx.axis), None, None, None


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Return the means of ``output_size`` parts of an image: an int, or a pair (rows, columns).

    Shapes: input (N, C, H, W) or (C, H, W) -> (N, C, OH, OW), where None keeps a size. Part i of
    the rows goes from floor(i H / OH) up to ceil((i + 1) H / OH), so parts overlap where OH does
    not divide H; columns alike.

    >>> import minigrad
    >>> adaptive_avg_pool2d(minigrad.arange(6.0).view(1, 2, 3), (1, 2))
    tensor([[[2., 3.]]])
    """
    shape = input._array.shape
    size = _output_size(shape, output_size)
    if size == (1, 1):
        return mean(input, (-1, -2), keepdim=True)  # PyTorch's way, and its errors
    if len(shape) not in (3, 4):
        raise RuntimeError(
            f"adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got {list(shape)}: images are "
            "(N, C, H, W) or (C, H, W)"
        )
    for axis in (len(shape) - 2, len(shape) - 1):
        if not shape[axis]:
            raise RuntimeError(
                "adaptive_avg_pool2d(): Expected input to have non-zero size for non-batch "
                f"dimensions, but input has sizes {list(shape)} with dimension {axis} being empty"
            )
    if not input.is_floating_point():
        raise unsupported("adaptive_avg_pool2d", input.dtype)
    means = input
    for axis in (-2, -1):
        parts, n = size[axis], shape[axis]
        ranges = [(i * n // parts, -(-(i + 1) * n // parts)) for i in range(parts)]
        lengths = np.array([end - start for start, end in ranges], input._array.dtype)
        sums = SumRanges.apply(means, ranges, axis)
        means = sums / (lengths if axis == -1 else lengths[:, None])
    return means


def _output_size(shape: tuple[int, ...], output_size: Any) -> tuple[int, int]:
    given = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
    for n in given:
        if isinstance(n, bool) or not isinstance(n, int | np.integer | None):
            raise TypeError(
                "adaptive_avg_pool2d(): argument 'output_size' (position 2) must be tuple of ints, "
                f"not {output_size!r}: an int, or a pair of ints or None (rows, columns)"
            )
    if output_size is None:
        raise TypeError("adaptive_avg_pool2d(): output_size None: did you mean (None, None)?")
    if given is output_size and len(shape) <= len(given):
        raise ValueError(
            f"Input dimension should be at least {len(given) + 1}: images are (N, C, H, W) or "
            f"(C, H, W), but got {tuple(shape)}"
        )
    if len(given) != 2:
        raise RuntimeError(
            "adaptive_avg_pool2d: output_size must be 2: an int, or a pair (rows, columns), but "
            f"got {output_size!r}"
        )
    rows, columns = [n if size is None else size for n, size in zip(shape[-2:], given, strict=True)]
    if min(rows, columns) < 0:
        raise RuntimeError(
            "adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 but "
            f"received {{{rows}, {columns}}}"
        )
    return rows, columns
