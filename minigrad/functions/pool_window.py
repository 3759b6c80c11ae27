"""The window of a pooling layer, and what can be wrong with it."""

from __future__ import annotations

from typing import Any

from minigrad.functions.windows import Window, pair
from minigrad.tensor import Tensor

_PAIR = "{function}: {name} must either be a single int, or a tuple of two ints"
_PAIR_OR_NONE = "{function}: {name} must either be omitted, a single int, or a tuple of two ints"


def pool_window(
    function: str,
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Window:
    """Return the window that moves over ``input``, or raise PyTorch's error.

    ``ceil_mode`` lets a last window reach beyond the image and its padding, if it begins before
    their end; that is as much padding more, below and to the right.
    """
    kernel = pair(kernel_size, function, "kernel_size", _PAIR)
    omitted = stride is None or (isinstance(stride, tuple | list) and not stride)
    strides = kernel if omitted else pair(stride, function, "stride", _PAIR_OR_NONE)
    pads = pair(padding, function, "padding", _PAIR)
    dilations = pair(dilation, function, "dilation", _PAIR)
    window = Window(kernel, strides, pads, pads, dilations)
    _check(input, window)
    *_, c, h, w = input._array.shape
    if ceil_mode:
        below, right = map(_last_window, (h, w), window.reach, strides, pads)
        window = window._replace(after=(below, right))
    oh, ow = window.places(h, w)
    if oh < 1 or ow < 1:
        raise RuntimeError(
            f"Given input size: ({c}x{h}x{w}). Calculated output size: ({c}x{oh}x{ow}). Output "
            f"size is too small: the window spans {window.reach} pixels, the image with its "
            f"padding {(h + 2 * pads[0], w + 2 * pads[1])} (axes {input.ndim - 2} and "
            f"{input.ndim - 1} of {tuple(input.shape)}): did you mean a smaller kernel_size?"
        )
    return window


def _last_window(size: int, reach: int, stride: int, padding: int) -> int:
    """Return the padding after an axis with which the last window of ``ceil_mode`` is whole."""
    rest = size + 2 * padding - reach  # what the first window leaves
    last = -(-rest // stride) * stride  # where the last one begins: rounded up
    if last >= size + padding:
        last -= stride  # it would begin in the padding after the image
    return padding + max(0, last - rest)


def _check(input: Tensor, window: Window) -> None:
    kernel, stride, pads, _, dilation = window
    if 0 in stride:
        raise RuntimeError(f"stride should not be zero, but got stride={stride} (rows, columns)")
    for pad, k, d in zip(pads, kernel, dilation, strict=True):
        if pad < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {pad}")
        if pad > (d * (k - 1) + 1) // 2:
            raise RuntimeError(
                "pad should be at most half of effective kernel size, but got "
                f"pad={pad}, kernel_size={k} and dilation={d}: this window takes a padding of "
                f"at most {(d * (k - 1) + 1) // 2}"
            )
    for name, letter, (height, width) in (
        ("kernel size", "k", kernel),
        ("stride", "d", stride),
        ("dilation", "dilation", dilation),
    ):
        if height < 1 or width < 1:
            raise RuntimeError(
                f"{name} should be greater than zero, but got {letter}H: {height} {letter}W: "
                f"{width}"
            )
    shape = input._array.shape
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{list(shape)}: images are (N, C, H, W) or (C, H, W), and N alone may be 0"
        )
    if pads[0] > kernel[0] // 2 or pads[1] > kernel[1] // 2:
        raise RuntimeError(
            "pad should be smaller than or equal to half of kernel size, but got "
            f"padW = {pads[1]}, padH = {pads[0]}, kW = {kernel[1]}, kH = {kernel[0]}"
        )
