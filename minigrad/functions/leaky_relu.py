"""The rectifier that leaks.

The same in plain loops: minigrad/functions/loops/leaky_relu.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import inplace as in_place
from minigrad.array_function import ArrayFunction
from minigrad.functions.operands import unsupported
from minigrad.tensor import Array, Tensor


class LeakyReLU(ArrayFunction):
    """y = x where x > 0, slope x elsewhere: y = f x, so dy/dx = f with f in {1, slope}.

    At the kink x = 0 and for NaN, PyTorch takes the slope.
    """

    @staticmethod
    def forward(ctx: Any, x: Array, slope: float) -> Array:
        factor = np.where(x > 0, 1, slope).astype(x.dtype)
        ctx.save_for_backward(factor)
        return x * factor

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (factor,) = ctx.saved_tensors
        return grad_output * factor, None


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Return each element that is above 0, and ``negative_slope`` times the others.

    NotImplementedError for integers. ``inplace`` overwrites the input.

    >>> import minigrad
    >>> leaky_relu(minigrad.tensor([-1.0, 0.0, 2.0]))
    tensor([-0.0100,  0.0000,  2.0000])
    """
    if not input.is_floating_point():
        raise unsupported("leaky_relu_cpu", input.dtype)
    result = LeakyReLU.apply(input, float(negative_slope))
    return in_place.update(input, result) if inplace else result
