"""The fully connected layer.

The same in plain loops: minigrad/functions/loops/linear.py
"""

from __future__ import annotations

from typing import Any

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.tensor import Array, Tensor


class Linear(ArrayFunction):
    """Y = X W^T + b.

    y_no = sum_i x_ni w_oi + b_o. With g_no = dL/dy_no, the sums run over every y that a value
    reaches:

        dL/dx_ni = sum_o g_no w_oi, that is  dX = G W
        dL/dw_oi = sum_n g_no x_ni, that is  dW = G^T X
        dL/db_o  = sum_n g_no
    """

    @staticmethod
    def forward(ctx: Any, x: Array, weight: Array, bias: Array | None) -> Array:
        # x (..., in), weight (out, in), bias (out,)
        ctx.save_for_backward(x, weight)
        y = x @ weight.T  # (..., in) @ (in, out) -> (..., out)
        if bias is not None:
            y += bias
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        x, weight = ctx.saved_tensors
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        grad_x = grad_weight = grad_bias = None
        if needs_x:
            grad_x = grad_output @ weight  # (..., out) @ (out, in) -> (..., in)
        rows = grad_output.reshape(-1, weight.shape[0])  # (N, out)
        if needs_weight:
            grad_weight = rows.T @ x.reshape(-1, weight.shape[1])  # (out, N) @ (N, in)
        if needs_bias:
            grad_bias = rows.sum(0)  # (out,)
        return grad_x, grad_weight, grad_bias


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``input @ weight.T + bias``.

    Shapes: input (..., in), weight (out, in), bias (out,) or None -> (..., out). RuntimeError where
    they do not fit or the dtypes differ.

    >>> import minigrad
    >>> linear(minigrad.ones(4, 3), minigrad.ones(2, 3), minigrad.tensor([0.0, 1.0]))[0]
    tensor([3., 4.])
    """
    x, w = input._array, weight._array
    if w.ndim == 1 and x.ndim:
        raise NotImplementedError(
            f"minigrad's linear takes a weight of two axes, (out, in), and not of one: {w.shape}; "
            "for one output, say input @ weight"
        )
    if w.ndim != 2 or not x.ndim:
        raise RuntimeError(
            "linear takes an input of at least one axis and a weight of two, (out, in), but they "
            f"are {x.ndim}D and {w.ndim}D"
        )
    if x.dtype != w.dtype or (bias is not None and bias._array.dtype != w.dtype):
        names = [dtypes.LEGACY_NAMES[t.dtype] for t in (input, weight, bias) if t is not None]
        raise RuntimeError(f"mat1 and mat2 must have the same dtype, but got {' and '.join(names)}")
    if x.shape[-1] != w.shape[1]:
        rows = x.size // x.shape[-1] if x.shape[-1] else 0
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{x.shape[-1]} and "
            f"{w.shape[1]}x{w.shape[0]}): the input has {x.shape[-1]} features (last axis of "
            f"{tuple(x.shape)}), the weight expects {w.shape[1]}"
        )
    if bias is not None and bias._array.shape not in ((w.shape[0],), (1,), ()):
        raise RuntimeError(
            f"linear expects a bias of shape ({w.shape[0]},), but got {tuple(bias.shape)}"
        )
    return Linear.apply(input, weight, bias)
