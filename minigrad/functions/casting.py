"""A tensor of another type, and copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.device import device as Device
from minigrad.tensor import Array, Tensor


class Cast(ArrayFunction):
    """y = x as another type; the engine casts the gradient back to the type of x."""

    @staticmethod
    def forward(ctx: Any, x: Array, to: np.dtype[Any]) -> Array:
        return x.astype(to)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return grad_output, None


class Clone(ArrayFunction):
    """y = x in memory of its own, so dy/dx = 1."""

    @staticmethod
    def forward(ctx: Any, x: Array) -> Array:
        return np.array(x, order="C")

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return grad_output


def to(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Return the tensor as another dtype: ``to(dtype)``, ``to(other)`` or ``to("cpu", dtype)``.

    The tensor itself where nothing changes, unless ``copy=True``.
    """
    target, copy = parse_to(*args, **kwargs)
    if target is not None and target.numpy != input._array.dtype:
        return Cast.apply(input, target.numpy)
    return clone(input) if copy else input


def parse_to(
    *args: Any,
    device: Any = None,
    dtype: dtypes.dtype | None = None,
    non_blocking: bool = False,
    copy: bool = False,
) -> tuple[dtypes.dtype | None, bool]:
    """Read the arguments of ``Tensor.to`` and ``Module.to``: the dtype, and whether to copy.

    ``non_blocking`` concerns copies between devices: on the CPU alone it means nothing.
    """
    flags = []
    for arg in args:
        if isinstance(arg, dtypes.dtype):
            dtype = arg
        elif isinstance(arg, Tensor):
            dtype = arg.dtype
        elif isinstance(arg, bool):
            flags.append(arg)
        elif arg is not None:
            device = arg
    if device is not None:
        Device(device)  # raises for any but the CPU
    return dtype, flags[1] if len(flags) > 1 else copy


def clone(input: Tensor) -> Tensor:
    """Return a copy in memory of its own, through which gradients flow."""
    return Clone.apply(input)


def contiguous(input: Tensor) -> Tensor:
    """Return the tensor, or a copy where it does not lie in memory in the order of its axes."""
    return input if input.is_contiguous() else clone(input)
