"""exp, log and sqrt. Integers become floats of the default type."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.tensor import Array, Tensor


class Exp(ArrayFunction):
    """y = e^x, so dy/dx = y."""

    @staticmethod
    def forward(ctx: Any, x: Array) -> Array:
        y = np.exp(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (y,) = ctx.saved_tensors
        return grad_output * y


class Log(ArrayFunction):
    """y = log x, so dy/dx = 1 / x."""

    @staticmethod
    def forward(ctx: Any, x: Array) -> Array:
        ctx.save_for_backward(x)
        return np.log(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (x,) = ctx.saved_tensors
        return grad_output / x


class Sqrt(ArrayFunction):
    """y = sqrt(x), so dy/dx = 1 / (2 y)."""

    @staticmethod
    def forward(ctx: Any, x: Array) -> Array:
        y = np.sqrt(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (y,) = ctx.saved_tensors
        return grad_output / (2 * y)


def exp(input: Tensor) -> Tensor:
    """Return e to the power of each element.

    >>> import minigrad
    >>> exp(minigrad.tensor([0, 1]))
    tensor([1.0000, 2.7183])
    """
    return Exp.apply(floating(input))


def log(input: Tensor) -> Tensor:
    """Return the natural logarithm of each element: -inf at 0, NaN below."""
    return Log.apply(floating(input))


def sqrt(input: Tensor) -> Tensor:
    """Return the square root of each element: NaN below 0."""
    return Sqrt.apply(floating(input))


def floating(x: Tensor) -> Tensor:
    """Return the tensor as floats: integers become the default type."""
    return x if x.is_floating_point() else x.to(dtypes.get_default_dtype())
