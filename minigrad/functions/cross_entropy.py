"""The cross-entropy of logits: log_softmax, then the negative log-likelihood.

The same in plain loops: minigrad/functions/loops/cross_entropy.py
"""

from __future__ import annotations

from typing import Any

from minigrad import dtypes
from minigrad.functions.comparison import where
from minigrad.functions.log_softmax import log_softmax
from minigrad.functions.nll_loss import check_reduction, check_weight, nll_loss, target_weights
from minigrad.tensor import Tensor, wrap


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return ``nll_loss(log_softmax(input), target)``: the loss of logits, not of probabilities.

    Shapes: input (C,), (N, C) or (N, C, d1, ...); target either the numbers of classes, as in
    ``nll_loss``, or probabilities of the input's shape and a floating-point type; weight (C,).

    With probabilities q the loss of a place is ``-sum_c w_c q_c log p_c``, and its mean is over
    places, whatever the weights. ``label_smoothing`` s takes the share s of each target and spreads
    it over all classes: q becomes (1 - s) q + s / C.

    Raises what ``nll_loss`` raises, and RuntimeError for a ``label_smoothing`` outside of 0 to 1,
    or an ``ignore_index`` of 0 or above for probabilities. (PyTorch takes a negative
    ``label_smoothing`` for 0 without a word.)

    >>> import minigrad
    >>> logits = minigrad.tensor([[2.0, 0.0], [0.0, 0.0]])
    >>> cross_entropy(logits, minigrad.tensor([0, 1]), reduction="none")
    tensor([0.1269, 0.6931])
    >>> cross_entropy(logits, minigrad.tensor([[1.0, 0.0], [0.5, 0.5]]), reduction="none")
    tensor([0.1269, 0.6931])
    """
    check_reduction(reduction, size_average, reduce)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if not isinstance(target, Tensor):
        raise TypeError(
            f"argument 'target' (position 2) must be Tensor, not {type(target).__name__}"
        )
    axis = min(input.ndim - 1, 1)  # of the classes
    if target.shape == input.shape:
        _check_probabilities(input, target, weight, ignore_index)
        log_p = log_softmax(input, axis)
        if label_smoothing:
            target = target * (1 - label_smoothing) + label_smoothing / log_p.shape[axis]
        losses = -_weighted(log_p * target, weight, axis).sum(axis)
        return _reduced(losses, losses.numel(), reduction)
    log_p = log_softmax(input, max(axis, 0))
    if not label_smoothing:
        return nll_loss(log_p, target, weight, ignore_index=ignore_index, reduction=reduction)
    losses = nll_loss(log_p, target, weight, ignore_index=ignore_index, reduction="none")
    even = -_weighted(log_p, weight, axis).sum(axis)  # the loss if every class were right
    counted = (target._array != ignore_index).reshape(even.shape)
    even = where(wrap(counted), even, 0.0)
    losses = losses * (1 - label_smoothing) + even * (label_smoothing / log_p.shape[axis])
    class_weights = None if weight is None else weight._array
    counts = target_weights(target._array, class_weights, ignore_index, log_p._array.dtype)
    return _reduced(losses, counts.sum(), reduction)


def _reduced(losses: Tensor, count: Any, reduction: str) -> Tensor:
    if reduction == "none":
        return losses
    return losses.sum() / count if reduction == "mean" else losses.sum()


def _weighted(x: Tensor, weight: Tensor | None, axis: int) -> Tensor:
    """Return x, each class times its weight."""
    return x if weight is None else x * weight.reshape(-1, *[1] * (x.ndim - 1 - axis))


def _check_probabilities(
    x: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int
) -> None:
    if not target.is_floating_point():
        raise RuntimeError(
            "Expected floating point type for target with class probabilities, got "
            f"{dtypes.LEGACY_NAMES[target.dtype]}: a target of the input's shape, "
            f"{tuple(x.shape)}, holds a probability for each class. One-hot? Take target.float(), "
            "or the numbers of the classes, target.argmax(1)"
        )
    if ignore_index >= 0:
        raise RuntimeError(
            "ignore_index is not supported for floating point target: a target of probabilities "
            "is ignored where all of them are 0"
        )
    if not x.ndim:
        raise IndexError("Dimension specified as 1 but tensor has no dimensions")
    if weight is not None:
        check_weight(weight, tuple(x.shape))
