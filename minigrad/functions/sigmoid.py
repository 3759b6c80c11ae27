"""The logistic sigmoid.

The same in plain loops: minigrad/functions/loops/sigmoid.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.functions.exponential import floating
from minigrad.tensor import Array, Tensor


class Sigmoid(ArrayFunction):
    """y = 1 / (1 + e^-x), so dy/dx = e^-x / (1 + e^-x)^2 = y (1 - y).

    Where e^-x overflows, 1 / infinity is the 0 that y has become.
    """

    @staticmethod
    def forward(ctx: Any, x: Array) -> Array:
        y = 1 / (1 + np.exp(-x))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (y,) = ctx.saved_tensors
        return grad_output * (1 - y) * y


def sigmoid(input: Tensor) -> Tensor:
    """Return ``1 / (1 + exp(-x))`` of each element, a number from 0 to 1.

    >>> import minigrad
    >>> sigmoid(minigrad.tensor([-1e4, 0.0, 1e4]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    return Sigmoid.apply(floating(input))
