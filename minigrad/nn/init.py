"""The first values of weights, drawn as PyTorch draws them."""

from __future__ import annotations

import math

import numpy as np

from minigrad.random import Generator, default_generator, fused_multiply_add, in_memory_order
from minigrad.tensor import Tensor

__all__ = ["constant_", "ones_", "uniform_", "zeros_"]


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill a tensor in place with numbers drawn uniformly from ``a`` to ``b``, and return it.

    >>> import minigrad
    >>> _ = minigrad.manual_seed(0)
    >>> uniform_(minigrad.empty(2), -1, 1)
    tensor([-0.0075,  0.5364])
    """
    if a > b:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={a} > to={b}"
        )
    kind = tensor._array.dtype
    u = (generator or default_generator).uniform(tensor._array.size, kind)
    low, high = kind.type(a), kind.type(b)
    numbers = fused_multiply_add(u, high - low, low)
    numbers[numbers == high] = low  # what rounds up to b, which is excluded, becomes a in PyTorch
    array = tensor._array
    contiguous = tensor.is_contiguous()
    np.copyto(
        array, numbers.reshape(array.shape) if contiguous else in_memory_order(numbers, array)
    )
    tensor._count_change()
    return tensor


def zeros_(tensor: Tensor) -> Tensor:
    """Fill a tensor with zeros in place, and return it."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill a tensor with ones in place, and return it."""
    return constant_(tensor, 1.0)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill a tensor with ``val`` in place, and return it."""
    tensor._array.fill(val)
    tensor._count_change()
    return tensor


def reset_layer(weight: Tensor, bias: Tensor | None) -> None:
    """Draw the weight and then the bias of a layer, as PyTorch's Linear and Conv2d do.

    Both from U(-1/sqrt(fan_in), 1/sqrt(fan_in)), where fan_in, the number of inputs of each output,
    is the size of ``weight[0]``. PyTorch reaches the bound for the weight by way of
    ``kaiming_uniform_(a=sqrt(5))``, and so must we, to round as it does.
    """
    fan_in = math.prod(weight._array.shape[1:])
    if not fan_in:
        if bias is not None:
            zeros_(bias)
        return
    gain = math.sqrt(2.0 / (1 + math.sqrt(5) ** 2))
    bound = math.sqrt(3.0) * (gain / math.sqrt(fan_in))
    uniform_(weight, -bound, bound)
    if bias is not None:
        uniform_(bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))
