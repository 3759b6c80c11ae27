"""The convolution of images: forward, and the two products that are its backward.

    y[n, o, i, j] = b[o] + sum over c, u, v of  w[o, c, u, v] x[n, c, s i + d u - p, s j + d v - p]

(PyTorch's "convolution" does not flip the kernel; s is the stride, d the dilation, p the padding,
and x is 0 outside the image.) Every output pixel is the product of one *patch* of the image with
the kernel, so all of them are one matrix product: patches (N OH OW, KH KW C) times kernel
(KH KW C, O). The image lies channels-last in memory, so that a patch's row is one run of memory.

With G groups, the channels are cut into G blocks, and those of the output too; each block of the
output sees its own block of the input alone. That is a stack of G products, each as above, of
C / G channels with O / G kernels: an axis more, in front, of length 1 where there are no groups.

The convolution is linear in x and in w. Its backward is two more functions of the same kind,

    Conv2dInput    gx = sum over o, i, j of  g w    "which outputs did this pixel reach?"
    Conv2dWeight   gw = sum over n, i, j of  g x    "which pixels did this weight meet?"

and each of the three has the other two as its own derivatives.

The same in plain loops: minigrad/functions/loops/conv2d.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.array_function import ArrayFunction
from minigrad.functions.conv_window import conv_window
from minigrad.functions.windows import Pair, Window, channels_first, channels_last
from minigrad.tensor import Array, Tensor


class Conv2d(ArrayFunction):
    """y = the patches of x times the kernel, plus the bias."""

    @staticmethod
    def forward(
        ctx: Any, x: Array, weight: Array, bias: Array | None, window: Window, groups: int
    ) -> Array:
        # x (N, C, H, W), weight (O, C/G, KH, KW), bias (O,)
        patches = _patches(x, window, groups)  # (G, N, OH, OW, KH, KW, C/G)
        ctx.save_for_backward(x, weight, patches if ctx.needs_input_grad[1] else None)
        ctx.window, ctx.groups = window, groups
        y = _rows(patches) @ _matrices(weight, groups)  # (G, N OH OW, O/G)
        y = y.transpose(1, 0, 2).reshape(*patches.shape[1:4], len(weight))
        if bias is not None:
            y += bias
        return channels_first(y)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        x, weight, patches = ctx.saved_tensors
        needs_x, needs_weight, needs_bias, *_ = ctx.needs_input_grad
        how = (ctx.window, ctx.groups)
        grad_x = grad_weight = grad_bias = None
        if needs_x:
            grad_x = Conv2dInput.apply(grad_output, weight, *how, x.shape)
        if needs_weight:
            grad_weight = Conv2dWeight.apply(grad_output, x, *how, patches)
        if needs_bias:
            # A bias is added at every pixel of every image. (Images first: long runs of memory.)
            grad_bias = grad_output.sum(0).sum((1, 2))  # (N, O, OH, OW) -> (O, OH, OW) -> (O,)
        return grad_x, grad_weight, grad_bias, None, None


class Conv2dInput(ArrayFunction):
    """gx = the gradient of the image: each patch's gradient, g times the kernel, put back in place.

    Patches overlap; where they do, a pixel adds up what it receives.
    """

    @staticmethod
    def forward(
        ctx: Any, grad: Array, weight: Array, window: Window, groups: int, shape: tuple[int, ...]
    ) -> Array:
        # grad (N, O, OH, OW), weight (O, C/G, KH, KW) -> (N, C, H, W)
        ctx.save_for_backward(grad, weight)
        ctx.window, ctx.groups = window, groups
        (n, _, h, w), (oh, ow) = shape, grad.shape[2:]
        patches = _by_group(grad, groups) @ _matrices(weight, groups).transpose(0, 2, 1)
        patches = patches.reshape(groups, n, oh, ow, math.prod(window.kernel), weight.shape[1])
        padded = window.zeros(n, h, w, groups, weight.shape[1], dtype=patches.dtype)
        for cell, pixels in enumerate(window.cells(padded)):
            pixels += patches[..., cell, :].transpose(1, 2, 3, 0, 4)  # (N, OH, OW, G, C/G)
        return channels_first(window.crop(padded, h, w).reshape(n, h, w, shape[1]))

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        grad, weight = ctx.saved_tensors
        needs_grad, needs_weight = ctx.needs_input_grad[:2]
        how = (ctx.window, ctx.groups)
        return (
            Conv2d.apply(grad_output, weight, None, *how) if needs_grad else None,
            Conv2dWeight.apply(grad, grad_output, *how, None) if needs_weight else None,
            None,
            None,
            None,
        )


class Conv2dWeight(ArrayFunction):
    """gw = the gradient of the kernel: every patch times the gradient of the pixel it made."""

    @staticmethod
    def forward(
        ctx: Any, grad: Array, x: Array, window: Window, groups: int, patches: Array | None
    ) -> Array:
        # grad (N, O, OH, OW), x (N, C, H, W) -> (O, C/G, KH, KW)
        ctx.save_for_backward(grad, x)
        ctx.window, ctx.groups = window, groups
        p = _patches(x, window, groups) if patches is None else patches
        kernel = _by_group(grad, groups).transpose(0, 2, 1) @ _rows(p)  # (G, O/G, KH KW C/G)
        return channels_first(kernel.reshape(grad.shape[1], *p.shape[4:]))

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        grad, x = ctx.saved_tensors
        needs_grad, needs_x = ctx.needs_input_grad[:2]
        how = (ctx.window, ctx.groups)
        return (
            Conv2d.apply(x, grad_output, None, *how) if needs_grad else None,
            Conv2dInput.apply(grad, grad_output, *how, x.shape) if needs_x else None,
            None,
            None,
            None,
        )


def _patches(x: Array, window: Window, groups: int) -> Array:
    """Return the patch under every place of the kernel: (G, N, OH, OW, KH, KW, C/G)."""
    image = window.pad(channels_last(x))  # (N, H, W, C)
    (oh, ow), block = window.places(*x.shape[2:]), x.shape[1] // groups
    n, row, column, channel = image.strides
    (sh, sw), (dh, dw) = window.stride, window.dilation
    view = as_strided(
        image,
        (groups, len(x), oh, ow, *window.kernel, block),
        (block * channel, n, sh * row, sw * column, dh * row, dw * column, channel),
        writeable=False,
    )
    return np.ascontiguousarray(view)


def _rows(patches: Array) -> Array:
    """Return the patches as the rows of matrices: (G, N OH OW, KH KW C/G)."""
    shape = patches.shape
    return patches.reshape(shape[0], math.prod(shape[1:4]), math.prod(shape[4:]))


def _by_group(y: Array, groups: int) -> Array:
    """Return pixels (N, O, OH, OW) as the rows of matrices: (G, N OH OW, O/G)."""
    n, o, h, w = y.shape
    return channels_last(y).reshape(n * h * w, groups, o // groups).transpose(1, 0, 2)


def _matrices(weight: Array, groups: int) -> Array:
    """Return the kernels (O, C/G, KH, KW) as the columns of matrices: (G, KH KW C/G, O/G)."""
    o, *cell = weight.shape
    columns = weight.transpose(2, 3, 1, 0).reshape(math.prod(cell), groups, o // groups)
    return columns.transpose(1, 0, 2)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Pair = 1,
    padding: int | Pair | str = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Return the convolution of images with a kernel.

    Shapes: input (N, C, H, W) or (C, H, W), weight (O, C / groups, KH, KW), bias (O,) or None ->
    (N, O, OH, OW) with OH = (H + 2 padding - dilation (KH - 1) - 1) // stride + 1. ``padding`` may
    be 'valid' (none) or 'same' (the output has the input's size; an odd pixel goes below and to the
    right). With ``groups``, the k-th block of the O outputs sees the k-th block of the C channels.
    RuntimeError where shapes or dtypes do not fit.

    >>> import minigrad
    >>> image, kernel = minigrad.ones(1, 1, 3, 3), minigrad.ones(1, 1, 3, 3)
    >>> conv2d(image, kernel, padding="same")[0, 0]
    tensor([[4., 6., 4.],
            [6., 9., 6.],
            [4., 6., 4.]])
    """
    window = conv_window(input, weight, bias, stride, padding, dilation, groups)
    images = input.unsqueeze(0) if input.ndim == 3 else input
    y = Conv2d.apply(images, weight, bias, window, groups)
    return y.squeeze(0) if input.ndim == 3 else y
