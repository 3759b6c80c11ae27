"""The matrix product."""

from __future__ import annotations

from typing import Any

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.functions.operands import as_operand, broadcast_shape, unsupported
from minigrad.tensor import Array, Tensor


class MatMul(ArrayFunction):
    """Y = A B, over the last two axes; those before them are broadcast.

    y_ik = sum_j a_ij b_jk. Each a_ij meets every b_jk on its way to y_ik, so

        dL/da_ij = sum_k g_ik b_jk, that is  dA = G B^T
        dL/db_jk = sum_i a_ij g_ik, that is  dB = A^T G
    """

    @staticmethod
    def forward(ctx: Any, a: Array, b: Array) -> Array:
        # (..., n, m) @ (..., m, p) -> (..., n, p)
        ctx.save_for_backward(a, b)
        return a @ b

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        a, b = ctx.saved_tensors
        return (
            grad_output @ b.mT if ctx.needs_input_grad[0] else None,  # (n, p) @ (p, m) -> (n, m)
            a.mT @ grad_output if ctx.needs_input_grad[1] else None,  # (m, n) @ (n, p) -> (m, p)
        )


def matmul(input: Any, other: Any) -> Tensor:
    """Return the matrix product: (n, m) @ (m, p) -> (n, p), with any broadcast axes in front.

    A tensor with one axis is a row on the left, (m,) @ (m, p) -> (p,), and a column on the right.
    Raises RuntimeError where the inner sizes or the dtypes differ.

    >>> import minigrad
    >>> matmul(minigrad.tensor([[1.0, 2.0]]), minigrad.tensor([[3.0], [4.0]]))
    tensor([[11.]])
    """
    a, b = as_operand(input, dtypes.float32), as_operand(other, dtypes.float32)
    _check(a, b)
    rows = a.unsqueeze(0) if a.ndim == 1 else a
    columns = b.unsqueeze(1) if b.ndim == 1 else b
    product = MatMul.apply(rows, columns)
    if b.ndim == 1:
        product = product.squeeze(-1)
    if a.ndim == 1:
        product = product.squeeze(-1 if b.ndim == 1 else -2)
    return product


def _check(a: Tensor, b: Tensor) -> None:
    if not a.ndim or not b.ndim:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {a.ndim}D and {b.ndim}D"
        )
    if a._array.dtype != b._array.dtype:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {_c_name(a)} != {_c_name(b)}"
        )
    if a.dtype is dtypes.bool_:
        raise unsupported("matmul", a.dtype)
    n, m = a._array.shape[-2:] if a.ndim > 1 else (1, a._array.shape[0])
    k, p = b._array.shape[-2:] if b.ndim > 1 else (b._array.shape[0], 1)
    if m != k:
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({n}x{m} and {k}x{p})")
    broadcast_shape(a._array.shape[:-2], b._array.shape[:-2])


def _c_name(t: Tensor) -> str:
    return {"float32": "float", "float64": "double", "int64": "long int"}.get(
        t.dtype.name, t.dtype.name
    )
