"""Activations, as modules."""

from __future__ import annotations

from typing import Any

from minigrad.nn import functional as F
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class ReLU(Module):
    """The larger of each element and 0; ``inplace`` overwrites the input.

    >>> import minigrad
    >>> ReLU()(minigrad.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the larger of each element and 0."""
        return F.relu(input, self.inplace)

    def extra_repr(self) -> str:
        """Return whether the input is overwritten."""
        return "inplace=True" if self.inplace else ""


class LeakyReLU(Module):
    """The elements above 0, and ``negative_slope`` times the others.

    >>> import minigrad
    >>> LeakyReLU(0.1)(minigrad.tensor([-1.0, 2.0]))
    tensor([-0.1000,  2.0000])
    """

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the elements above 0, and the slope times the others."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """Return the slope, and whether the input is overwritten."""
        return f"negative_slope={self.negative_slope}{', inplace=True' if self.inplace else ''}"


class Sigmoid(Module):
    """1 / (1 + exp(-x)) of each element.

    >>> import minigrad
    >>> Sigmoid()(minigrad.zeros(2))
    tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the sigmoid of each element."""
        return F.sigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent of each element.

    >>> import minigrad
    >>> Tanh()(minigrad.zeros(2))
    tensor([0., 0.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the hyperbolic tangent of each element."""
        return F.tanh(input)


class Softmax(Module):
    """The softmax along ``dim``: numbers from 0 to 1 whose sum is 1.

    Without ``dim`` an axis is chosen, with a warning: 0 of one axis or three, else 1.

    >>> import minigrad
    >>> Softmax(dim=1)(minigrad.zeros(1, 2))
    tensor([[0.5000, 0.5000]])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the probabilities."""
        return F.softmax(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        """Return the axis."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """The logarithm of the softmax along ``dim``.

    Without ``dim`` an axis is chosen, with a warning: 0 of one axis or three, else 1.

    >>> import minigrad
    >>> LogSoftmax(dim=1)(minigrad.zeros(1, 2))
    tensor([[-0.6931, -0.6931]])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the log-probabilities."""
        return F.log_softmax(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        """Return the axis."""
        return f"dim={self.dim}"


class Identity(Module):
    """What comes in goes out. Any arguments are taken, so that it can stand in for any layer.

    >>> import minigrad
    >>> Identity(54, unused=True)(minigrad.ones(2))
    tensor([1., 1.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """Return the input."""
        return input
