"""The logarithm of the softmax.

The same in plain loops: minigrad/functions/loops/log_softmax.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.dtypes import dtype as Dtype
from minigrad.functions.exponential import Exp
from minigrad.functions.operands import normalize_dim, unsupported
from minigrad.tensor import Array, Tensor


class LogSoftmax(ArrayFunction):
    """y_c = x_c - log sum_k exp(x_k), along one axis.

    Subtracting the maximum m first changes nothing but keeps exp from overflowing:
    log sum_k exp(x_k) = m + log sum_k exp(x_k - m).

    Each x_j is in its own y_j and, through the sum, in every y_c, where
    dy_c/dx_j = [c = j] - exp(x_j) / sum_k exp(x_k) = [c = j] - p_j with p = exp(y). So

        dL/dx_j = g_j - p_j sum_c g_c
    """

    @staticmethod
    def forward(ctx: Any, x: Array, dim: int) -> Array:
        ctx.dim = dim
        shifted = x - x.max(axis=dim, keepdims=True, initial=-np.inf)
        y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (y,) = ctx.saved_tensors
        return grad_output - Exp.apply(y) * grad_output.sum(ctx.dim, keepdims=True), None


def log_softmax(input: Tensor, dim: int, dtype: Dtype | None = None) -> Tensor:
    """Return the logarithm of the softmax along ``dim``; a float tensor of the same shape.

    ``dtype`` casts the input first. A class of -infinity has probability 0; infinity, NaN, or
    nothing but -infinity make all of their row NaN. Raises IndexError for an axis that is not
    there, NotImplementedError for integers.

    >>> import minigrad
    >>> log_softmax(minigrad.tensor([[0.0, 0.0]]), dim=1).exp()
    tensor([[0.5000, 0.5000]])
    """
    x = input if dtype is None else input.to(dtype)
    if not x.is_floating_point():
        raise unsupported("log_softmax_lastdim_kernel_impl", x.dtype)
    return LogSoftmax.apply(x, normalize_dim(dim, x.ndim))
