"""The softmax: numbers become probabilities.

The same in plain loops: minigrad/functions/loops/softmax.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.dtypes import dtype as Dtype
from minigrad.functions.operands import normalize_dim, unsupported
from minigrad.tensor import Array, Tensor


class Softmax(ArrayFunction):
    """y_c = exp(x_c) / sum_k exp(x_k), along one axis.

    Subtracting the maximum first multiplies numerator and denominator by the same number, and keeps
    exp from overflowing.

    Each x_j is in its own y_j and, through the sum, in every y_c, where
    dy_c/dx_j = y_c ([c = j] - y_j). So

        dL/dx_j = sum_c g_c y_c ([c = j] - y_j) = y_j (g_j - sum_c g_c y_c)
    """

    @staticmethod
    def forward(ctx: Any, x: Array, dim: int) -> Array:
        ctx.dim = dim
        y = np.exp(x - x.max(axis=dim, keepdims=True, initial=-np.inf))
        y /= y.sum(axis=dim, keepdims=True)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (y,) = ctx.saved_tensors
        weighted = grad_output * y
        return weighted - y * weighted.sum(ctx.dim, keepdims=True), None


def softmax(input: Tensor, dim: int, dtype: Dtype | None = None) -> Tensor:
    """Return the softmax along ``dim``: a float tensor of the same shape, whose sums are 1.

    ``dtype`` casts the input first. Infinity, NaN, or nothing but -infinity make all of their row
    NaN. Raises IndexError for an axis that is not there, NotImplementedError for integers.

    >>> import minigrad
    >>> softmax(minigrad.tensor([[0.0, 0.0], [1e4, 0.0]]), dim=1)
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    x = input if dtype is None else input.to(dtype)
    if not x.is_floating_point():
        raise unsupported("softmax_lastdim_kernel_impl", x.dtype)
    return Softmax.apply(x, normalize_dim(dim, x.ndim))
