"""The convolution of images: forward, and the two products that are its backward.

    y[n, o, i, j] = b[o] + sum over c, u, v of  w[o, c, u, v] x[n, c, s i + d u - p, s j + d v - p]

(PyTorch's "convolution" does not flip the kernel; s is the stride, d the dilation, p the padding,
and x is 0 outside the image.) The image lies channels-last in memory, so the KW pixels under one
row of the kernel, with their C channels, are gathered into one vector for each place of the row:
a *strip* of the image, (H, OW, KW C). Then the row u of the kernel takes the strip's row h to the
output's row i wherever h = s i + d u - p lies within the image,

    y[i] (OW, O)  +=  strip[h] (OW, KW C)  times  w[u] (KW C, O)

and the rows of the kernel add up. A block of images at a time, so that its strips stay in the
processor's cache; and M small images side by side, as a wide one, so that the product is worth its
call (strips.py).

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

from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.functions.conv_window import conv_window
from minigrad.functions.strips import abreast, apart, by_group, matrices, side_by_side, strips
from minigrad.functions.windows import Pair, Window, blocks, channels_first, channels_last
from minigrad.tensor import Array, Tensor


class Conv2d(ArrayFunction):
    """y = the bias, plus the strips of x times the kernel's rows."""

    @staticmethod
    def forward(
        ctx: Any, x: Array, weight: Array, bias: Array | None, window: Window, groups: int
    ) -> Array:
        # x (N, C, H, W), weight (O, C/G, KH, KW), bias (O,) -> (N, O, OH, OW)
        ctx.save_for_backward(x, weight)
        ctx.window, ctx.groups = window, groups
        height, (oh, ow) = x.shape[2], window.places(*x.shape[2:])
        kernel = _kernel_rows(weight, groups)  # (KH, G, 1, KW C/G, O/G)
        images = abreast(channels_last(x), oh * ow * kernel[0].size)  # (B, M, H, W, C)
        b, m = images.shape[:2]
        y = np.empty((b, oh, m * ow, len(weight)), x.dtype)
        # The bias at every pixel of a wide row: a long run of memory.
        start = np.full(y.shape[2:], 0 if bias is None else bias, y.dtype)
        for part in blocks(images, window.kernel[1]):
            y[part] = start
            strip = strips(window.across.pad(images[part]), ow, window, groups)
            for u, row in enumerate(kernel):
                i, h = window.rows(u, height, oh)
                _add(y[part, i], strip[:, :, h], row)
        return channels_first(apart(y, m))

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        x, weight = ctx.saved_tensors
        needs_x, needs_weight, needs_bias, *_ = ctx.needs_input_grad
        how = (ctx.window, ctx.groups)
        grad_x = grad_weight = grad_bias = None
        if needs_x:
            grad_x = Conv2dInput.apply(grad_output, weight, *how, x.shape)
        if needs_weight:
            grad_weight = Conv2dWeight.apply(grad_output, x, *how)
        if needs_bias:
            # A bias is added at every pixel of every image. (Images first: long runs of memory.)
            grad_bias = grad_output.sum(0).sum((1, 2))  # (N, O, OH, OW) -> (O, OH, OW) -> (O,)
        return grad_x, grad_weight, grad_bias, None, None


class Conv2dInput(ArrayFunction):
    """gx = the gradient of the image: along the way that y came, back.

    The row u of the kernel gives the gradient of the output's row i to the image's row h. Within
    the row, the pixel l met the kernel's cell v at the place j with s j + d v - p = l, so

        gx[h, l]  +=  sum over v of  w[u, v] g[i, (l + p - d v) / s]    where s divides l + p - d v

    Lay the gradient's pixels s apart, with zeros between and around them, and the sum is one over
    d v again, but from the row's end to its start: each row of the kernel is flipped.
    """

    @staticmethod
    def forward(
        ctx: Any, grad: Array, weight: Array, window: Window, groups: int, shape: tuple[int, ...]
    ) -> Array:
        # grad (N, O, OH, OW), weight (O, C/G, KH, KW) -> (N, C, H, W)
        ctx.save_for_backward(grad, weight)
        ctx.window, ctx.groups = window, groups
        _, c, height, width = shape
        kernel = _kernel_rows(_turned(weight, groups), groups)  # (KH, G, 1, KW O/G, C/G)
        g = abreast(channels_last(grad), height * width * kernel[0].size)  # (B, M, OH, OW, O)
        b, m, oh = g.shape[:3]
        x = np.empty((b, height, m * width, c), grad.dtype)
        step = window._replace(stride=(1, 1))
        for part in blocks(g, window.kernel[1]):
            x[part] = 0
            strip = strips(window.across.spread(g[part], width), width, step, groups)
            for u, row in enumerate(kernel):
                i, h = window.rows(u, height, oh)
                _add(x[part, h], strip[:, :, i], row)
        return channels_first(apart(x, m))

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        grad, weight = ctx.saved_tensors
        needs_grad, needs_weight = ctx.needs_input_grad[:2]
        how = (ctx.window, ctx.groups)
        return (
            Conv2d.apply(grad_output, weight, None, *how) if needs_grad else None,
            Conv2dWeight.apply(grad, grad_output, *how) if needs_weight else None,
            None,
            None,
            None,
        )


class Conv2dWeight(ArrayFunction):
    """gw = the gradient of the kernel: every strip times the gradient of the pixels it made."""

    @staticmethod
    def forward(ctx: Any, grad: Array, x: Array, window: Window, groups: int) -> Array:
        # grad (N, O, OH, OW), x (N, C, H, W) -> (O, C/G, KH, KW)
        ctx.save_for_backward(grad, x)
        ctx.window, ctx.groups = window, groups
        (o, oh, ow), height = grad.shape[1:], x.shape[2]
        c, (kh, kw) = x.shape[1] // groups, window.kernel
        kernel = np.zeros((kh, groups, o // groups, kw * c), grad.dtype)
        images = abreast(channels_last(x), oh * ow * kernel[0].size)
        g = side_by_side(channels_last(grad).reshape(*images.shape[:2], oh, ow, o))
        for part in blocks(images, kw):
            strip = strips(window.across.pad(images[part]), ow, window, groups)
            for u, row in enumerate(kernel):
                i, h = window.rows(u, height, oh)
                pixels = matrices(by_group(g[part, i], groups))  # (G, B, rows M OW, O/G)
                row += (pixels.swapaxes(2, 3) @ matrices(strip[:, :, h])).sum(1)
        # (KH, G, O/G, KW C/G) -> (G, O/G, C/G, KH, KW)
        kernel = kernel.reshape(kh, groups, o // groups, kw, c).transpose(1, 2, 4, 0, 3)
        return kernel.reshape(o, c, kh, kw)

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
        )


def _add(y: Array, strip: Array, row: Array) -> None:
    """Add to rows of pixels, (B, rows, M OW, O), their strips times a row of the kernel."""
    product = matrices(strip) @ row  # (G, B, rows M OW, O/G)
    y += product.transpose(1, 2, 0, 3).reshape(y.shape)


def _kernel_rows(weight: Array, groups: int) -> Array:
    """Return the rows of the kernels (O, C/G, KH, KW) as matrices: (KH, G, 1, KW C/G, O/G)."""
    o, c, kh, kw = weight.shape
    rows = weight.reshape(groups, o // groups, c, kh, kw).transpose(3, 0, 4, 2, 1)
    return rows.reshape(kh, groups, 1, kw * c, o // groups)


def _turned(weight: Array, groups: int) -> Array:
    """Return the kernels (C, O/G, KH, KW) of the way back: from O to C, each row flipped."""
    o, c, *cell = weight.shape
    flipped = weight[..., ::-1].reshape(groups, o // groups, c, *cell)
    return flipped.swapaxes(1, 2).reshape(groups * c, o // groups, *cell)


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
