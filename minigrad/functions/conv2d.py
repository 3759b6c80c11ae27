"""The convolution of images: forward, and the two products that are its backward.

    y[n, o, i, j] = b[o] + sum over c, u, v of  w[o, c, u, v] x[n, c, s i + d u - p, s j + d v - p]

(PyTorch's "convolution" does not flip the kernel; s is the stride, d the dilation, p the padding,
and x is 0 outside the image.) The image lies channels-last in memory, so the KW pixels under one
row of the kernel, with their C channels, are gathered into one vector for each place of the row:
a *strip* of the image, (H, OW, KW C). Then, for one row u of the kernel,

    strip[s i + d u - p] (OW, KW C)  times  w[u] (KW C, O)

is what row u adds to the output's row i, and the rows of the kernel add up. A block of images at
a time, so that its strips stay in the processor's cache.

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

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.array_function import ArrayFunction
from minigrad.functions.conv_window import conv_window
from minigrad.functions.windows import Pair, Window, channels_first, channels_last
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
        y = np.empty((len(x), *window.places(*x.shape[2:]), len(weight)), x.dtype)
        # The bias at every pixel, as an image: a long run of memory.
        start = 0 if bias is None else np.broadcast_to(bias, y.shape[1:]).copy()
        _sum_products(y, channels_last(x), window.pad, weight, start, window, groups)
        return channels_first(y)

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
    """gx = the gradient of the image, which is a convolution itself.

    The pixel h met the kernel's cell u at the place i with s i + d u - p = h, so

        gx[h] = sum over u of  w[u] g[(h + p - d u) / s]    where s divides h + p - d u

    Lay the gradient's pixels s apart, with zeros between and around them, and it is the plain sum
    over d u again, but from the kernel's end to its start: the kernel is flipped.
    """

    @staticmethod
    def forward(
        ctx: Any, grad: Array, weight: Array, window: Window, groups: int, shape: tuple[int, ...]
    ) -> Array:
        # grad (N, O, OH, OW), weight (O, C/G, KH, KW) -> (N, C, H, W)
        ctx.save_for_backward(grad, weight)
        ctx.window, ctx.groups = window, groups
        n, c, h, w = shape
        x = np.empty((n, h, w, c), grad.dtype)
        spread = partial(window.spread, height=h, width=w)
        step = window._replace(stride=(1, 1))
        _sum_products(x, channels_last(grad), spread, _turned(weight, groups), 0, step, groups)
        return channels_first(x)

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
        g, images = np.ascontiguousarray(channels_last(grad)), channels_last(x)
        o, c, (kh, kw) = grad.shape[1], x.shape[1] // groups, window.kernel
        kernel = np.zeros((kh, groups, o // groups, kw * c), grad.dtype)
        for part in _blocks(g, kw * x.shape[1] * g.itemsize):
            pixels = _by_group(g[part], groups).swapaxes(2, 3)  # (G, n, O/G, OH OW)
            strips = _strips(window.pad(images[part]), window, groups)
            for row, strip in zip(kernel, strips, strict=True):
                row += (pixels @ strip).sum(1)
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


def _sum_products(
    y: Array,
    images: Array,
    pad: Callable[[Array], Array],
    weight: Array,
    start: Any,
    window: Window,
    groups: int,
) -> None:
    """Let y (N, OH, OW, O) be the start plus the padded images' strips times the kernel's rows."""
    o, c, kh, kw = weight.shape
    # (G, O/G, C/G, KH, KW) -> (KH, G, 1, KW C/G, O/G)
    kernel = weight.reshape(groups, o // groups, c, kh, kw).transpose(3, 0, 4, 2, 1)
    rows = kernel.reshape(kh, groups, 1, kw * c, o // groups)
    for part in _blocks(y, kw * images.shape[3] * y.itemsize):
        y[part] = start
        pixels = _by_group(y[part], groups)  # (G, n, OH OW, O/G), a view
        strips = _strips(pad(images[part]), window, groups)
        for strip, row in zip(strips, rows, strict=True):
            pixels += strip @ row


def _strips(image: Array, window: Window, groups: int) -> Iterator[Array]:
    """Yield, for each row of the kernel, the strips it meets: (G, N, OH OW, KW C/G)."""
    n, h, w, c = image.shape
    (sh, sw), (dh, dw), kw = window.stride, window.dilation, window.kernel[1]
    rows, columns = window.reach
    oh, ow, block = (h - rows) // sh + 1, (w - columns) // sw + 1, c // groups
    a, b, column, channel = image.strides
    view = as_strided(
        image,
        (groups, n, h, ow, kw, block),
        (block * channel, a, b, sw * column, dw * column, channel),
        writeable=False,
    )
    strips = np.ascontiguousarray(view)
    for u in range(0, rows, dh):
        yield strips[:, :, u : u + sh * oh : sh][:, :, :oh].reshape(groups, n, oh * ow, kw * block)


def _blocks(y: Array, size: int) -> Iterator[slice]:
    """Cut the images of y (N, OH, OW, O) into blocks, of about 1 MB for ``size`` bytes a pixel."""
    n, oh, ow, _ = y.shape
    step = max(1, 2**20 // max(1, oh * ow * size))
    for start in range(0, n, step):
        yield slice(start, start + step)


def _by_group(y: Array, groups: int) -> Array:
    """Return the view (G, N, OH OW, O/G) of pixels (N, OH, OW, O)."""
    n, h, w, o = y.shape
    return y.reshape(n, h * w, groups, o // groups).transpose(2, 0, 1, 3)


def _turned(weight: Array, groups: int) -> Array:
    """Return the kernels (C, O/G, KH, KW) of the way back: flipped, and from O to C."""
    o, c, *cell = weight.shape
    flipped = weight[:, :, ::-1, ::-1].reshape(groups, o // groups, c, *cell)
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
