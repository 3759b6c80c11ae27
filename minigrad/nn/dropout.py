"""Dropout, as modules: noise in training mode, nothing in evaluation mode."""

from __future__ import annotations

from minigrad.functions.dropout import check_dropout_options
from minigrad.nn import functional as F
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class _Dropout(Module):
    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_dropout_options(p, inplace)
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """In training, 0 for each element with probability ``p``; see ``nn.functional.dropout``.

    >>> import minigrad
    >>> _ = minigrad.manual_seed(0)
    >>> layer = Dropout(p=0.25)
    >>> layer(minigrad.ones(4)), layer.eval()(minigrad.ones(4))
    (tensor([0.0000, 1.3333, 1.3333, 0.0000]), tensor([1., 1., 1., 1.]))
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input, with noise in training mode."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """In training, 0 for each channel with probability ``p``; see ``nn.functional.dropout2d``.

    >>> import minigrad
    >>> _ = minigrad.manual_seed(0)
    >>> Dropout2d()(minigrad.ones(1, 3, 2, 2)).sum(dim=(2, 3))
    tensor([[0., 0., 8.]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input, in training mode without some channels."""
        return F.dropout2d(input, self.p, self.training, self.inplace)
