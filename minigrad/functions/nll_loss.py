"""The negative log-likelihood."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.functions.comparison import Mask
from minigrad.functions.indexing import Scatter
from minigrad.functions.operands import unsupported
from minigrad.tensor import Array, Tensor


class NLLLoss(ArrayFunction):
    """l_n = -w_t x_nt, with t = target_n: minus the log-probability of the right class.

    Then reduced: their sum; or their mean, which PyTorch takes to be the *weighted* one,
    sum_n l_n / sum_n w_t; or 'none'. A target equal to ignore_index counts in neither sum.

    Only x_nt is in l_n, so dL/dx_nc = -w_t g_n [c = t], with g_n = g for the sum and
    g / sum_n w_t for the mean.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Array,
        target: Array,
        weight: Array | None,
        ignore_index: int,
        reduction: str,
    ) -> Array:
        # x (N, C, d1, ...), target (N, d1, ...), weight (C,)
        n, classes, *rest = x.shape
        d = math.prod(rest)  # d1, ... as one axis
        counts = target != ignore_index
        t = target * counts  # 0 where ignored
        w = counts.astype(x.dtype) if weight is None else weight[t] * counts
        at_target = (
            np.arange(n)[:, None],
            t.reshape(n, d),
            np.arange(d),
        )  # each is, or fills, (N, D)
        picked = x.reshape(n, classes, d)[at_target].reshape(t.shape)
        losses = np.where(counts, -w * picked, 0)  # (N, d1, ...)
        ctx.shape, ctx.sizes, ctx.at_target, ctx.counts = (
            x.shape,
            (n, classes, d),
            at_target,
            counts,
        )
        ctx.coefficient = -w / w.sum() if reduction == "mean" else -w
        if reduction == "none":
            return losses
        return losses.sum() / (w.sum() if reduction == "mean" else 1)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        n, _, d = ctx.sizes
        grad = Mask.apply(ctx.coefficient * grad_output, ctx.counts)  # (N, d1, ...)
        grad = Scatter.apply(grad.reshape((n, d)), ctx.at_target, ctx.sizes, False)
        return grad.reshape(ctx.shape), None, None, None, None


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the negative log-likelihood of log-probabilities.

    Shapes: input (N, C), (C,) or (N, C, d1, ...); target (N,), () or (N, d1, ...), int64 or uint8,
    from 0 to C-1 or ``ignore_index``; weight (C,). The result is a number, or, with
    ``reduction='none'``, has the shape of the target. The mean of nothing is NaN.

    Raises ValueError for a batch size or a reduction that does not fit, IndexError for a target out
    of range, RuntimeError for a target of another type or shape.

    >>> import minigrad
    >>> log_p = minigrad.tensor([[-0.1, -2.4], [-1.0, -0.5]])
    >>> nll_loss(log_p, minigrad.tensor([0, 1]), reduction="none")
    tensor([0.1000, 0.5000])
    """
    if size_average is not None or reduce is not None:
        raise NotImplementedError("size_average and reduce are deprecated: use reduction='...'")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    _check(input, target, weight, ignore_index)
    if input.ndim == 1:
        rows = NLLLoss.apply(input.unsqueeze(0), target.reshape(1), weight, ignore_index, reduction)
        return rows.reshape(target.shape) if reduction == "none" else rows
    return NLLLoss.apply(input, target, weight, ignore_index, reduction)


def _check(x: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int) -> None:
    if target.dtype not in (dtypes.int64, dtypes.uint8):
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {dtypes.LEGACY_NAMES[target.dtype]}"
        )
    if not x.is_floating_point():
        raise unsupported("nll_loss_out_frame", x.dtype)
    if not x.ndim:
        raise RuntimeError("input tensor should be 1D or 2D, but is 0D")
    shape, wanted = x._array.shape, target._array.shape
    if x.ndim == 1:
        if target.numel() != 1 or target.ndim > 1:
            raise ValueError(
                f"For 1D input, 1D target must have size 1, but got target size: {list(wanted)}"
            )
    elif target.ndim and shape[0] != wanted[0]:
        raise ValueError(
            f"Expected input batch_size ({shape[0]}) to match target batch_size ({wanted[0]})."
        )
    elif wanted != (shape[0], *shape[2:]):
        raise RuntimeError(
            "0D or 1D target tensor expected, multi-target not supported: an input of shape "
            f"{tuple(shape)} takes a target of shape {(shape[0], *shape[2:])}, not {tuple(wanted)}"
        )
    classes = shape[0] if x.ndim == 1 else shape[1]
    if weight is not None and weight._array.shape != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but "
            f"got weight tensor of shape: {list(weight.shape)}"
        )
    values = target._array
    wrong = (values < 0) | (values >= classes)
    if wrong.any() and (wrong := wrong & (values != ignore_index)).any():
        raise IndexError(f"Target {values[wrong].flat[0]} is out of bounds.")
