"""The convolution of images: forward, and the two products that are its backward.

    y[n, o, i, j] = b[o] + sum over c, u, v of  w[o, c, u, v] x[n, c, s i + d u - p, s j + d v - p]

(PyTorch's "convolution" does not flip the kernel; s is the stride, d the dilation, p the padding,
and x is 0 outside the image.) Every output pixel is the product of one *patch* of the image with
the kernel, so all of them are one matrix product: patches (N OH OW, KH KW C) times kernel
(KH KW C, O). The image lies channels-last in memory, so that a patch's row is one run of memory.

The convolution is linear in x and in w. Its backward is two more functions of the same kind,

    Conv2dInput    gx = sum over o, i, j of  g w    "which outputs did this pixel reach?"
    Conv2dWeight   gw = sum over n, i, j of  g x    "which pixels did this weight meet?"

and each of the three has the other two as its own derivatives.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.tensor import Array, Tensor


class Window(NamedTuple):
    """How the kernel moves over the image: rows first, columns second."""

    stride: tuple[int, int]
    before: tuple[int, int]  # padding above, and to the left
    after: tuple[int, int]  # padding below, and to the right
    dilation: tuple[int, int]

    def output_size(self, image: tuple[int, int], kernel: tuple[int, int]) -> tuple[int, int]:
        """Return how many places the kernel has: what does not fill a last one is left out."""
        height, width = [
            (n + b + a - d * (k - 1) - 1) // s + 1
            for n, k, s, b, a, d in zip(image, kernel, *self, strict=True)
        ]
        return height, width


class Conv2d(ArrayFunction):
    """y = the patches of x times the kernel, plus the bias."""

    @staticmethod
    def forward(ctx: Any, x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
        # x (N, C, H, W), weight (O, C, KH, KW), bias (O,)
        patches = _patches(x, weight.shape[2:], window)  # (N, OH, OW, KH, KW, C)
        ctx.save_for_backward(x, weight, patches if ctx.needs_input_grad[1] else None)
        ctx.window = window
        rows = patches.reshape(-1, _row_length(patches))  # (N OH OW, KH KW C)
        y = rows @ _as_matrix(weight)  # (N OH OW, O)
        if bias is not None:
            y += bias
        return channels_first(y.reshape(*patches.shape[:3], weight.shape[0]))

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        x, weight, patches = ctx.saved_tensors
        needs_x, needs_weight, needs_bias, _ = ctx.needs_input_grad
        grad_x = grad_weight = grad_bias = None
        if needs_x:
            grad_x = Conv2dInput.apply(grad_output, weight, ctx.window, x.shape)
        if needs_weight:
            grad_weight = Conv2dWeight.apply(grad_output, x, ctx.window, weight.shape, patches)
        if needs_bias:
            # A bias is added at every pixel of every image. (Images first: long runs of memory.)
            grad_bias = grad_output.sum(0).sum((1, 2))  # (N, O, OH, OW) -> (O, OH, OW) -> (O,)
        return grad_x, grad_weight, grad_bias, None


class Conv2dInput(ArrayFunction):
    """gx = the gradient of the image: each patch's gradient, g times the kernel, put back in place.

    Patches overlap; where they do, a pixel adds up what it receives.
    """

    @staticmethod
    def forward(
        ctx: Any, grad: Array, weight: Array, window: Window, shape: tuple[int, ...]
    ) -> Array:
        # grad (N, O, OH, OW), weight (O, C, KH, KW) -> (N, C, H, W)
        ctx.save_for_backward(grad, weight)
        ctx.window = window
        n, c, h, w = shape
        (kh, kw), (oh, ow) = weight.shape[2:], grad.shape[2:]
        (sh, sw), (top, left), (bottom, right), (dh, dw) = window
        rows = channels_last(grad).reshape(-1, grad.shape[1])  # (N OH OW, O)
        patches = rows @ _as_matrix(weight).T  # (N OH OW, KH KW C)
        patches = patches.reshape(n, oh, ow, kh, kw, c)
        image = np.zeros((n, h + top + bottom, w + left + right, c), patches.dtype)
        for u in range(kh):
            for v in range(kw):
                rows_u = slice(dh * u, dh * u + sh * (oh - 1) + 1, sh)
                columns_v = slice(dw * v, dw * v + sw * (ow - 1) + 1, sw)
                image[:, rows_u, columns_v] += patches[:, :, :, u, v]
        return channels_first(image[:, top : top + h, left : left + w])

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        grad, weight = ctx.saved_tensors
        needs_grad, needs_weight = ctx.needs_input_grad[:2]
        shape = weight.shape
        return (
            Conv2d.apply(grad_output, weight, None, ctx.window) if needs_grad else None,
            Conv2dWeight.apply(grad, grad_output, ctx.window, shape, None)
            if needs_weight
            else None,
            None,
            None,
        )


class Conv2dWeight(ArrayFunction):
    """gw = the gradient of the kernel: every patch times the gradient of the pixel it made."""

    @staticmethod
    def forward(
        ctx: Any,
        grad: Array,
        x: Array,
        window: Window,
        shape: tuple[int, ...],
        patches: Array | None,
    ) -> Array:
        # grad (N, O, OH, OW), x (N, C, H, W) -> (O, C, KH, KW)
        ctx.save_for_backward(grad, x)
        ctx.window = window
        p = _patches(x, shape[2:], window) if patches is None else patches
        rows = channels_last(grad).reshape(-1, shape[0])  # (N OH OW, O)
        kernel = rows.T @ p.reshape(-1, _row_length(p))  # (O, KH KW C)
        return channels_first(kernel.reshape(shape[0], *shape[2:], shape[1]))

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        grad, x = ctx.saved_tensors
        needs_grad, needs_x = ctx.needs_input_grad[:2]
        return (
            Conv2d.apply(x, grad_output, None, ctx.window) if needs_grad else None,
            Conv2dInput.apply(grad, grad_output, ctx.window, x.shape) if needs_x else None,
            None,
            None,
            None,
        )


def _patches(x: Array, kernel: tuple[int, ...], window: Window) -> Array:
    """Return the patch under every place of the kernel: (N, OH, OW, KH, KW, C)."""
    (top, left), (bottom, right) = window.before, window.after
    image = channels_last(x)  # (N, H, W, C)
    if top or left or bottom or right:
        image = np.zeros(
            (len(x), x.shape[2] + top + bottom, x.shape[3] + left + right, x.shape[1]), x.dtype
        )
        image[:, top : top + x.shape[2], left : left + x.shape[3]] = channels_last(x)
    (kh, kw), (sh, sw), (dh, dw) = kernel, window.stride, window.dilation
    oh, ow = window.output_size((x.shape[2], x.shape[3]), (kh, kw))
    n, row, column, channel = image.strides
    view = as_strided(
        image,
        (len(x), oh, ow, kh, kw, x.shape[1]),
        (n, sh * row, sw * column, dh * row, dw * column, channel),
        writeable=False,
    )
    return np.ascontiguousarray(view)


def _row_length(patches: Array) -> int:
    return math.prod(patches.shape[3:])


def _as_matrix(weight: Array) -> Array:
    """Return the kernel (O, C, KH, KW) as a matrix (KH KW C, O)."""
    return weight.transpose(2, 3, 1, 0).reshape(-1, weight.shape[0])


def channels_last(x: Array) -> Array:
    """Return the view (N, H, W, C) of an image (N, C, H, W)."""
    return x.transpose(0, 2, 3, 1)


def channels_first(x: Array) -> Array:
    """Return the view (N, C, H, W) of an image (N, H, W, C)."""
    return x.transpose(0, 3, 1, 2)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] | str = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> Tensor:
    """Return the convolution of images with a kernel.

    Shapes: input (N, C, H, W) or (C, H, W), weight (O, C, KH, KW), bias (O,) or None ->
    (N, O, OH, OW) with OH = (H + 2 padding - dilation (KH - 1) - 1) // stride + 1. ``padding`` may
    be 'valid' (none) or 'same' (the output has the input's size; an odd pixel goes below and to the
    right). ``groups`` other than 1 is not supported. RuntimeError where shapes do not fit.

    >>> import minigrad
    >>> image, kernel = minigrad.ones(1, 1, 3, 3), minigrad.ones(1, 1, 3, 3)
    >>> conv2d(image, kernel, padding="same")[0, 0]
    tensor([[4., 6., 4.],
            [6., 9., 6.],
            [4., 6., 4.]])
    """
    if groups != 1:
        raise NotImplementedError(f"minigrad's conv2d has groups=1 alone, not groups={groups}")
    if input.ndim == 3:
        image = input.unsqueeze(0)
        return conv2d(image, weight, bias, stride, padding, dilation).squeeze(0)
    _check(input, weight, bias)
    kernel = weight._array.shape[2:]
    window = _window(stride, padding, dilation, (kernel[0], kernel[1]))
    _check_size(input._array.shape[2:], kernel, window)
    return Conv2d.apply(input, weight, bias, window)


def pair(value: Any, name: str) -> tuple[int, int]:
    """Return ``(value, value)``, or the two integers that ``value`` holds."""
    values = (value, value) if isinstance(value, int) else tuple(value)
    if len(values) == 1:
        values *= 2
    if len(values) != 2 or not all(isinstance(v, int) for v in values):
        raise RuntimeError(f"expected {name} to be an int or a pair of ints, but got {value!r}")
    return values[0], values[1]


def same_padding(kernel: int, dilation: int) -> tuple[int, int]:
    """Return the padding before and after an axis that keeps its size at stride 1."""
    total = dilation * (kernel - 1)
    return total // 2, total - total // 2


def _window(stride: Any, padding: Any, dilation: Any, kernel: tuple[int, int]) -> Window:
    strides, dilations = pair(stride, "stride"), pair(dilation, "dilation")
    if min(strides) < 1:
        raise RuntimeError("non-positive stride is not supported")
    if min(dilations) < 1:
        raise RuntimeError("dilation should be greater than zero")
    if padding == "same":
        if strides != (1, 1):
            raise RuntimeError("padding='same' is not supported for strided convolutions")
        rows, columns = [same_padding(k, d) for k, d in zip(kernel, dilations, strict=True)]
        return Window(strides, (rows[0], columns[0]), (rows[1], columns[1]), dilations)
    if isinstance(padding, str) and padding != "valid":
        raise RuntimeError(
            f"Invalid padding string '{padding}', should be one of {{'valid', 'same'}}"
        )
    pads = (0, 0) if padding == "valid" else pair(padding, "padding")
    if min(pads) < 0:
        raise RuntimeError("negative padding is not supported")
    return Window(strides, pads, pads, dilations)


def _check(x: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    shape, w = x._array.shape, weight._array.shape
    if len(w) != 4:
        raise RuntimeError(f"conv2d takes a weight (O, C, KH, KW), but got one of size: {list(w)}")
    if len(shape) != 4:
        raise RuntimeError(
            "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: "
            f"{list(shape)}"
        )
    if shape[1] != w[1]:
        raise RuntimeError(
            f"Given groups=1, weight of size {list(w)}, expected input{list(shape)} to have "
            f"{w[1]} channels, but got {shape[1]} channels instead: the input has {shape[1]} "
            f"channels (axis 1 of {tuple(shape)}) but weight expects {w[1]}: did you mean "
            f"Conv2d({shape[1]}, ...)?"
        )
    if bias is not None and bias._array.shape != w[:1]:
        raise RuntimeError(
            f"Given weight of size {list(w)}, expected bias to be 1-dimensional with {w[0]} "
            f"elements, but got bias of size {list(bias.shape)} instead"
        )
    for other in (weight, bias):
        if other is not None and other.dtype is not x.dtype:
            names = dtypes.LEGACY_NAMES
            raise RuntimeError(
                f"Input type ({names[x.dtype]}) and weight or bias type ({names[other.dtype]}) "
                "should be the same"
            )


def _check_size(image: tuple[int, ...], kernel: tuple[int, ...], window: Window) -> None:
    _, before, after, dilation = window
    padded = [n + b + a for n, b, a in zip(image, before, after, strict=True)]
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    if padded[0] < reach[0] or padded[1] < reach[1]:
        raise RuntimeError(
            f"Calculated padded input size per channel: ({padded[0]} x {padded[1]}). Kernel size: "
            f"({reach[0]} x {reach[1]}). Kernel size can't be greater than actual input size"
        )
