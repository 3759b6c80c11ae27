"""Losses, as modules."""

from __future__ import annotations

from minigrad.functions.nll_loss import refuse_deprecated
from minigrad.nn import functional as F
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class NLLLoss(Module):
    """The negative log-likelihood; see ``minigrad.nn.functional.nll_loss``.

    >>> import minigrad
    >>> loss = NLLLoss(reduction="none")
    >>> loss(minigrad.tensor([[-0.1, -2.4]]), minigrad.tensor([1]))
    tensor([2.4000])
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: None = None,
        ignore_index: int = -100,
        reduce: None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        refuse_deprecated(size_average=size_average, reduce=reduce)
        self.register_buffer("weight", weight)
        self.ignore_index, self.reduction = ignore_index, reduction

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of log-probabilities (N, C) at targets (N,)."""
        return F.nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class CrossEntropyLoss(Module):
    """The cross-entropy of logits; see ``minigrad.nn.functional.cross_entropy``.

    >>> import minigrad
    >>> CrossEntropyLoss()(minigrad.zeros(2, 4), minigrad.tensor([0, 3]))
    tensor(1.3863)
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: None = None,
        ignore_index: int = -100,
        reduce: None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        refuse_deprecated(size_average=size_average, reduce=reduce)
        self.register_buffer("weight", weight)
        self.ignore_index, self.reduction = ignore_index, reduction
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of logits (N, C) at targets (N,), or at probabilities (N, C)."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )
