"""Activations, as modules."""

from __future__ import annotations

from minigrad import functions as F
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class ReLU(Module):
    """The larger of each element and 0. ``inplace=True`` is not supported.

    >>> import minigrad
    >>> ReLU()(minigrad.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        if inplace:
            raise NotImplementedError("minigrad's ReLU has inplace=False alone")
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the larger of each element and 0."""
        return F.relu(input)


class LogSoftmax(Module):
    """The logarithm of the softmax along ``dim``.

    >>> import minigrad
    >>> LogSoftmax(dim=1)(minigrad.zeros(1, 2))
    tensor([[-0.6931, -0.6931]])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the log-probabilities."""
        return F.log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        """Return the axis."""
        return f"dim={self.dim}"
