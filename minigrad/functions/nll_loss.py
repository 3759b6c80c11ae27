"""The negative log-likelihood.

The same in plain loops: minigrad/functions/loops/nll_loss.py
"""

from __future__ import annotations

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
        counts = target != ignore_index
        w = target_weights(target, weight, ignore_index, x.dtype)
        t = target * counts  # 0 where ignored
        n_d: list[Array] = list(np.indices(target.shape, sparse=True))  # n, d1, ... of each target
        at_target = (n_d[0], t, *n_d[1:])
        losses = np.where(counts, -w * x[at_target], 0)  # (N, d1, ...)
        ctx.at_target, ctx.counts, ctx.shape = at_target, counts, x.shape
        ctx.coefficient = -w / w.sum() if reduction == "mean" else -w
        if reduction == "none":
            return losses
        return losses.sum() / (w.sum() if reduction == "mean" else 1)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        grad = Mask.apply(ctx.coefficient * grad_output, ctx.counts)  # (N, d1, ...)
        grad = Scatter.apply(grad, ctx.at_target, ctx.shape, False)  # (N, C, d1, ...)
        return grad, None, None, None, None


def target_weights(
    target: Array, weight: Array | None, ignore_index: int, dtype: np.dtype[Any]
) -> Array:
    """Return how much each target counts: the weight of its class, or 1; 0 where ignored."""
    counts = target != ignore_index
    return counts.astype(dtype) if weight is None else weight[target * counts] * counts


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
    ``reduction='none'``, one for each target. The mean of nothing is NaN.

    Raises ValueError for a batch size or a reduction that does not fit, IndexError for a target out
    of range, RuntimeError for a target of another type or shape: one of shape (N, 1), which an
    array library would spread over the batch, is refused. ``size_average`` and ``reduce``, which
    PyTorch deprecated, are not supported.

    >>> import minigrad
    >>> log_p = minigrad.tensor([[-0.1, -2.4], [-1.0, -0.5]])
    >>> nll_loss(log_p, minigrad.tensor([0, 1]), reduction="none")
    tensor([0.1000, 0.5000])
    """
    check_reduction(reduction, size_average, reduce)
    _check(input, target, weight, ignore_index)
    if input.ndim == 1:
        rows = NLLLoss.apply(input.unsqueeze(0), target.reshape(1), weight, ignore_index, reduction)
        return rows.reshape(())
    return NLLLoss.apply(input, target, weight, ignore_index, reduction)


def check_reduction(reduction: str, size_average: Any, reduce: Any) -> None:
    """Raise for a reduction that there is not, and for its deprecated form."""
    refuse_deprecated(size_average=size_average, reduce=reduce)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(
            f"{reduction} is not a valid value for reduction: it is 'mean', 'sum' or 'none'"
        )


def refuse_deprecated(**options: Any) -> None:
    """Raise NotImplementedError, by name, for what ``reduction`` has replaced in PyTorch."""
    for name, value in options.items():
        if value is not None:
            raise NotImplementedError(
                f"minigrad's losses have no {name}={value}: say reduction='mean', 'sum' or 'none'"
            )


def check_weight(weight: Tensor, shape: tuple[int, ...]) -> None:
    """Raise RuntimeError unless there is one weight for each class of an input of this shape."""
    axis = min(len(shape) - 1, 1)
    if weight._array.shape != (shape[axis],):
        raise RuntimeError(
            f"weight tensor should be defined either for all {shape[axis]} classes or no classes "
            f"but got weight tensor of shape: {list(weight.shape)}: axis {axis} of the input, "
            f"{shape}, counts the classes"
        )


def _check(x: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int) -> None:
    if not isinstance(target, Tensor):
        raise TypeError(
            f"argument 'target' (position 2) must be Tensor, not {type(target).__name__}"
        )
    shape, kind = x._array.shape, target.dtype
    if not shape:
        raise ValueError("Expected 1 or more dimensions (got 0): the input is (C,) or (N, C, ...)")
    _check_target_shape(shape, target._array.shape)
    if kind not in (dtypes.int64, dtypes.uint8):
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {dtypes.LEGACY_NAMES[kind]}: a "
            "target is the number of a class; target.long() makes it int64"
        )
    if kind is dtypes.uint8 and x.ndim > 2:
        raise RuntimeError(
            "expected scalar type Long but found Byte: for an input of more axes than (N, C), "
            "PyTorch takes int64 targets alone"
        )
    if not x.is_floating_point():
        raise unsupported("nll_loss_out_frame", x.dtype)
    if weight is not None:
        check_weight(weight, shape)
        if weight.dtype is not x.dtype:
            have, found = dtypes.LEGACY_NAMES[x.dtype], dtypes.LEGACY_NAMES[weight.dtype]
            raise RuntimeError(
                f"expected scalar type {have} but found {found}: input and weight differ in dtype"
            )
        if weight.requires_grad:
            raise RuntimeError(
                "The function 'nll_loss_forward' is not differentiable with respect to argument "
                "'weight'. This input cannot have requires_grad True."
            )
    axis, values = min(len(shape) - 1, 1), target._array
    classes = shape[axis]
    wrong = (values < 0) | (values >= classes)
    if wrong.any() and (wrong := wrong & (values != ignore_index)).any():
        raise IndexError(
            f"Target {values[wrong].flat[0]} is out of bounds: the input {shape} has {classes} "
            f"classes (axis {axis}), counted from 0, and ignore_index is {ignore_index}"
        )


def _check_target_shape(shape: tuple[int, ...], have: tuple[int, ...]) -> None:
    """Raise unless there is one target for each place of an input of this shape."""
    wanted = (shape[0], *shape[2:]) if len(shape) > 1 else ()
    if have == wanted or (len(shape), have) == (1, (1,)):
        return
    axes = ", ".join(["N", "C", *[f"d{k}" for k in range(1, len(shape) - 1)]])
    hint = f": an input {shape} is {f'({axes})' if len(shape) > 1 else '(C,)'} and takes a target "
    hint += f"of shape {wanted}, one class for each place, not {have}"
    for k, size in enumerate(have):
        if size == 1 and (*have[:k], *have[k + 1 :]) == wanted:
            hint += f": did you mean target.squeeze({k})?"
    if have == shape:
        hint += ": one-hot? Take target.argmax(1), or cross_entropy with target.float()"
    if len(shape) > 1 and have[:1] != shape[:1]:
        batch = have[0] if have else 0
        raise ValueError(
            f"Expected input batch_size ({shape[0]}) to match target batch_size ({batch}){hint}"
        )
    if len(shape) == len(have) == 1:
        raise ValueError(
            f"For 1D input, 1D target must have size 1, but got target size: {have[0]}{hint}"
        )
    if len(shape) <= 2:
        raise RuntimeError(f"0D or 1D target tensor expected, multi-target not supported{hint}")
    raise RuntimeError(f"Expected target size {list(wanted)}, got {list(have)}{hint}")
