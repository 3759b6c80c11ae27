"""relu, softmax and log_softmax, with the arguments that only ``nn.functional`` gives them."""

from __future__ import annotations

import warnings

from minigrad import functions as F
from minigrad import inplace as in_place
from minigrad.dtypes import dtype as Dtype
from minigrad.tensor import Tensor


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return the larger of each element and 0; ``inplace`` overwrites the input.

    RuntimeError for bools.

    >>> import minigrad
    >>> relu(minigrad.tensor([-1.0, 0.0, 2.0]))
    tensor([0., 0., 2.])
    """
    result = F.relu(input)
    return in_place.update(input, result) if inplace else result


def softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Dtype | None = None
) -> Tensor:
    """Return ``minigrad.softmax`` along ``dim``; without one, along an axis chosen with a warning.

    >>> import minigrad
    >>> softmax(minigrad.zeros(1, 4), dim=1)
    tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """
    return F.softmax(input, _axis("softmax", input, dim, _stacklevel), dtype)


def log_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Dtype | None = None
) -> Tensor:
    """Return ``minigrad.log_softmax``; without ``dim``, along an axis chosen with a warning.

    >>> import minigrad
    >>> log_softmax(minigrad.zeros(1, 2), dim=1)
    tensor([[-0.6931, -0.6931]])
    """
    return F.log_softmax(input, _axis("log_softmax", input, dim, _stacklevel), dtype)


def _axis(name: str, input: Tensor, dim: int | None, stacklevel: int) -> int:
    """Return ``dim``, or the axis that PyTorch takes in its place."""
    if dim is not None:
        return dim
    axis = 0 if input.ndim in (0, 1, 3) else 1
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include "
        f"dim=X as an argument: dim={axis} was taken for the shape {tuple(input.shape)}.",
        stacklevel=stacklevel,
    )
    return axis
