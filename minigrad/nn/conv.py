"""The convolution of images, as a module."""

from __future__ import annotations

from typing import Any

from minigrad.creation import empty
from minigrad.dtypes import dtype as Dtype
from minigrad.functions.conv2d import pair
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter
from minigrad.tensor import Tensor


class Conv2d(Module):
    """(N, in_channels, H, W) -> (N, out_channels, OH, OW); see ``minigrad.nn.functional.conv2d``.

    ``weight`` (out_channels, in_channels, KH, KW) and ``bias`` (out_channels,) begin uniformly
    distributed between -1/sqrt(fan_in) and 1/sqrt(fan_in), where fan_in = in_channels KH KW.
    ``groups`` other than 1 and ``padding_mode`` other than 'zeros' are not supported.

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
        if groups != 1:
            raise NotImplementedError(f"minigrad's Conv2d has groups=1 alone, not groups={groups}")
        if padding_mode != "zeros":
            raise NotImplementedError(
                f"minigrad's Conv2d has padding_mode='zeros' alone, not {padding_mode!r}"
            )
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair(kernel_size, "kernel_size")
        self.stride = pair(stride, "stride")
        self.dilation = pair(dilation, "dilation")
        self.padding = padding if isinstance(padding, str) else pair(padding, "padding")
        self.groups, self.padding_mode = groups, padding_mode
        if isinstance(padding, str) and padding not in ("valid", "same"):
            raise ValueError(
                f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}"
            )
        if padding == "same" and self.stride != (1, 1):
            raise ValueError("padding='same' is not supported for strided convolutions")
        shape = (out_channels, in_channels, *self.kernel_size)
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
        return F.conv2d(
            input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )

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
        return text if self.bias is not None else f"{text}, bias=False"
