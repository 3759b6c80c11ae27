"""The hyperbolic tangent.

The same in plain loops: minigrad/functions/loops/tanh.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.functions.exponential import floating
from minigrad.tensor import Array, Tensor


class Tanh(ArrayFunction):
    """y = sinh x / cosh x, so dy/dx = (cosh^2 x - sinh^2 x) / cosh^2 x = 1 - y^2."""

    @staticmethod
    def forward(ctx: Any, x: Array) -> Array:
        y = np.tanh(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (y,) = ctx.saved_tensors
        return grad_output * (1 - y * y)


def tanh(input: Tensor) -> Tensor:
    """Return the hyperbolic tangent of each element, a number from -1 to 1.

    >>> import minigrad
    >>> tanh(minigrad.tensor([-1e4, 0.0, 1e4]))
    tensor([-1.,  0.,  1.])
    """
    return Tanh.apply(floating(input))
