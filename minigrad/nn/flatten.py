"""Changes of shape, as modules."""

from __future__ import annotations

from collections.abc import Sequence

from minigrad import functions as F
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class Flatten(Module):
    """(N, C, H, W) -> (N, C H W): the axes from ``start_dim`` to ``end_dim`` made one.

    >>> import minigrad
    >>> Flatten()(minigrad.zeros(64, 64, 2, 2)).shape
    torch.Size([64, 256])
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the flattened tensor."""
        return F.flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Return the axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Axis ``dim`` split into ``unflattened_size``.

    >>> import minigrad
    >>> Unflatten(1, (1, 8, 8))(minigrad.zeros(64, 64)).shape
    torch.Size([64, 1, 8, 8])
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        if not isinstance(unflattened_size, Sequence):
            raise TypeError(
                "unflattened_size must be a tuple of ints, but found type "
                f"{type(unflattened_size).__name__}"
            )
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """Return the tensor in its new shape."""
        return F.unflatten(input, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """Return the axis and its sizes."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
