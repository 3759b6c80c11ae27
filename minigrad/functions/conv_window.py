"""The window of a convolution, and what can be wrong with its arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.functions.operands import unsupported
from minigrad.functions.windows import Window, pair, same_padding
from minigrad.tensor import Tensor

_PAIR = (
    "expected {name} to be a single integer value or a list of 2 values to match the convolution "
    "dimensions"
)


def conv_window(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Window:
    """Return the window that moves over ``input``, or raise PyTorch's error."""
    shape = list(input._array.shape)
    if len(shape) not in (3, 4):
        raise RuntimeError(
            "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: "
            f"{shape}: images are (N, C, H, W) or (C, H, W)"
        )
    window = _window(weight, stride, padding, dilation)
    _check(shape if len(shape) == 4 else [1, *shape], weight, bias, groups)
    _check_size(shape[-2:], window)
    _check_types(input, weight, bias)
    return window


def _window(weight: Tensor, stride: Any, padding: Any, dilation: Any) -> Window:
    if weight.ndim != 4:
        raise RuntimeError(
            "expected weight to be 4-dimensional to match the convolution dimensions, (O, "
            f"C / groups, KH, KW), but got weight of size {list(weight.shape)}"
        )
    kernel = weight._array.shape[2], weight._array.shape[3]
    strides = pair(stride, "conv2d", "stride", _PAIR)
    dilations = pair(dilation, "conv2d", "dilation", _PAIR)
    if min(strides) < 1:
        raise RuntimeError(f"non-positive stride is not supported: stride={strides}")
    if min(dilations) < 1:
        raise RuntimeError(f"dilation should be greater than zero, but got {list(dilations)}")
    if min(kernel) < 1:
        raise RuntimeError(
            "kernel size should be greater than zero, but got "
            f"kernel_height: {kernel[0]} kernel_width: {kernel[1]}"
        )
    if padding == "same":
        if strides != (1, 1):
            raise RuntimeError(
                "padding='same' is not supported for strided convolutions: its output has the "
                f"input's size, that of stride={strides} is smaller"
            )
        before, after = zip(*map(same_padding, kernel, dilations), strict=True)
        return Window(kernel, strides, before, after, dilations)
    if isinstance(padding, str) and padding != "valid":
        raise RuntimeError(
            f"Invalid padding string: '{padding}', should be one of {{'valid', 'same'}}"
        )
    pads = (0, 0) if padding == "valid" else pair(padding, "conv2d", "padding", _PAIR)
    if min(pads) < 0:
        raise RuntimeError(f"negative padding is not supported: padding={pads}")
    return Window(kernel, strides, pads, pads, dilations)


def _check(shape: list[int], weight: Tensor, bias: Tensor | None, groups: int) -> None:
    if isinstance(groups, bool) or not isinstance(groups, int | np.integer):
        raise TypeError(f"conv2d(): argument 'groups' must be int, not {type(groups).__name__}")
    w = list(weight._array.shape)
    given = f"Given groups={groups}, "
    if groups < 1:
        raise RuntimeError(f"non-positive groups is not supported: groups={groups}")
    if w[0] < groups:
        raise RuntimeError(
            f"{given}expected weight to be at least {groups} at dimension 0, but got weight of "
            f"size {w} instead: each group makes one output or more"
        )
    if w[0] % groups:
        raise RuntimeError(
            f"{given}expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size [{w}] instead: each group makes as many of the {w[0]} outputs"
        )
    if shape[1] != w[1] * groups:
        raise RuntimeError(
            f"{given}weight of size {w}, expected input{shape} to have {w[1] * groups} channels, "
            f"but got {shape[1]} channels instead: the input has {shape[1]} channels (axis 1 of "
            f"{tuple(shape)}) but weight expects {w[1] * groups}: did you mean "
            f"Conv2d({shape[1]}, ...)?"
        )
    if bias is not None and list(bias._array.shape) != w[:1]:
        raise RuntimeError(
            f"Given weight of size {w}, expected bias to be 1-dimensional with {w[0]} elements, "
            f"but got bias of size {list(bias.shape)} instead"
        )


def _check_size(image: list[int], window: Window) -> None:
    sides = zip(image, window.before, window.after, strict=True)
    height, width = [n + before + after for n, before, after in sides]
    reach = window.reach
    if height < reach[0] or width < reach[1]:
        raise RuntimeError(
            f"Calculated padded input size per channel: ({height} x {width}). Kernel size: "
            f"({reach[0]} x {reach[1]}). Kernel size can't be greater than actual input size: the "
            f"image has {image[0]} rows and {image[1]} columns: did you mean a smaller kernel, or "
            "padding='same'?"
        )


def _check_types(x: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    names = dtypes.LEGACY_NAMES
    if bias is not None and bias.dtype is not x.dtype:
        raise RuntimeError(
            f"Input type ({names[x.dtype].lower()}) and bias type ({names[bias.dtype].lower()}) "
            "should be the same"
        )
    if weight.dtype is not x.dtype:
        raise RuntimeError(
            f"expected scalar type {names[x.dtype]} but found {names[weight.dtype]}: the input is "
            f"{x.dtype}, weight is {weight.dtype}"
        )
    if x.dtype is dtypes.bool_:
        raise unsupported("slow_conv2d_cpu", dtypes.bool_)
