"""The rectifier.

The same in plain loops: minigrad/functions/loops/relu.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.functions.comparison import Mask
from minigrad.tensor import Array, Tensor


class ReLU(ArrayFunction):
    """y = max(x, 0).

    dy/dx is 1 for x > 0 and 0 for x < 0. At the kink x = 0 any value between would do as a
    subgradient; PyTorch takes 0. NaN is neither, and its gradient passes.
    """

    computes_nothing = True

    @staticmethod
    def forward(ctx: Any, x: Array) -> Array:
        y = np.maximum(0, x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (y,) = ctx.saved_tensors
        return Mask.apply(grad_output, y != 0)


def relu(input: Tensor) -> Tensor:
    """Return the larger of each element and 0. RuntimeError for bools.

    >>> import minigrad
    >>> relu(minigrad.tensor([-1.0, 0.0, 2.0]))
    tensor([0., 0., 2.])
    """
    if input._array.dtype.kind == "b":
        raise RuntimeError("Boolean inputs not supported for relu")
    return ReLU.apply(input)
