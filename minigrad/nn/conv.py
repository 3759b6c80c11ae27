"""The convolution of images, as a module."""

from __future__ import annotations

from typing import Any

from minigrad.creation import empty
from minigrad.dtypes import dtype as Dtype
from minigrad.functions.windows import pair, same_padding
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter
from minigrad.tensor import Tensor

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class Conv2d(Module):
    """(N, in_channels, H, W) -> (N, out_channels, OH, OW); see ``minigrad.nn.functional.conv2d``.

    ``weight`` (out_channels, in_channels / groups, KH, KW) and ``bias`` (out_channels,) begin
    uniformly distributed between -1/sqrt(fan_in) and 1/sqrt(fan_in), where
    fan_in = in_channels / groups KH KW. ``padding_mode`` is what stands in the padding: 'zeros', or
    what ``minigrad.nn.functional.pad`` repeats of the image.

    >>> Conv2d(1, 16, 3, padding="same")
    Conv2d(1, 16, kernel_size=(3, 3), stride=(1, 1), padding=same)
    """

    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Dtype | None = None,
    ) -> None:
        super().__init__()
        _check(in_channels, out_channels, groups, padding_mode)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = _pair(kernel_size, "kernel_size")
        self.stride = _pair(stride, "stride")
        self.dilation = _pair(dilation, "dilation")
        self.padding = padding if isinstance(padding, str) else _pair(padding, "padding")
        self.groups, self.padding_mode = groups, padding_mode
        if isinstance(padding, str) and padding not in ("valid", "same"):
            raise ValueError(
                f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}"
            )
        if padding == "same" and self.stride != (1, 1):
            raise ValueError(
                "padding='same' is not supported for strided convolutions: its output has the "
                f"input's size, that of stride={self.stride} is smaller"
            )
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight = Parameter(empty(shape, dtype=dtype, device=device))
        self.register_parameter(
            "bias", Parameter(empty(out_channels, dtype=dtype, device=device)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        init.reset_layer(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return the convolution of the input with the weight, plus the bias."""
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._pads(), self.padding_mode), (0, 0)
        return F.conv2d(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )

    def _pads(self) -> tuple[int, ...]:
        """Return what ``pad`` is to add: left, right, top, bottom."""
        if self.padding == "same":
            rows, columns = map(same_padding, self.kernel_size, self.dilation)
        else:
            h, w = (0, 0) if isinstance(self.padding, str) else self.padding
            rows, columns = (h, h), (w, w)
        return (*columns, *rows)

    def extra_repr(self) -> str:
        """Return the sizes, and what differs from the defaults."""
        text = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}"
        )
        if self.padding != (0, 0):
            text += f", padding={self.padding}"
        if self.dilation != (1, 1):
            text += f", dilation={self.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


def _pair(value: Any, name: str) -> tuple[int, int]:
    return pair(value, "Conv2d", name, "Conv2d expected {name} to be an int or a pair of ints")


def _check(in_channels: int, out_channels: int, groups: int, padding_mode: str) -> None:
    if groups <= 0:
        raise ValueError(f"groups must be a positive integer, but got groups={groups}")
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            raise ValueError(
                f"{name} must be divisible by groups: {channels} channels do not make {groups} "
                "equal blocks"
            )
    if padding_mode not in _PADDING_MODES:
        raise ValueError(
            f"padding_mode must be one of {_PADDING_MODES}, but got padding_mode={padding_mode!r}"
        )
