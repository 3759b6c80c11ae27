"""The first values of weights, drawn as PyTorch draws them."""

from __future__ import annotations

import math
import warnings

from minigrad.random import Generator, normal_, uniform_
from minigrad.tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]


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


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor that makes up for what a nonlinearity does to the spread of its input.

    It is named as in ``nn.functional``; ``param`` is the slope of ``leaky_relu`` below 0, 0.01
    unless given. Raises ValueError for a name without a gain.

    >>> calculate_gain("relu") == math.sqrt(2)
    True
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        raise ValueError(
            f"Unsupported nonlinearity {nonlinearity}: there are leaky_relu, {', '.join(_GAINS)}"
        )
    return _GAINS[nonlinearity]


_LINEAR = ("linear", *[f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3)], "sigmoid")
_GAINS = dict.fromkeys(_LINEAR, 1) | {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill a weight in place so that signals keep their spread forward and backward alike.

    Glorot and Bengio, 2010 (https://proceedings.mlr.press/v9/glorot10a.html): a sum of fan_in
    inputs spreads sqrt(fan_in) times as wide as one of them, and a gradient, on its way back, a sum
    of fan_out. The standard deviation gain sqrt(2 / (fan_in + fan_out)) weighs the two; the bound
    of a uniform distribution is sqrt(3) times its standard deviation. Returns the tensor; raises
    ValueError where it has fewer than 2 axes.
    """
    bound = math.sqrt(3.0) * _xavier_std(tensor, gain)
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill a weight in place as ``xavier_uniform_`` does, with normally distributed numbers."""
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


def _xavier_std(tensor: Tensor, gain: float) -> float:
    return gain * math.sqrt(2.0 / float(sum(_fans(tensor))))


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill a weight in place so that signals keep their spread in a network of rectifiers.

    He et al., 2015 (https://arxiv.org/abs/1502.01852): the standard deviation is gain / sqrt(fan),
    with the gain of the nonlinearity, whose slope below 0 is ``a``. ``mode='fan_in'`` keeps the
    spread on the way forward, ``'fan_out'`` on the way back. Returns the tensor, which is left
    alone, with a warning, where it has no elements; raises ValueError for fewer than 2 axes.

    >>> import minigrad
    >>> kaiming_uniform_(minigrad.empty(1, 2), generator=Generator().manual_seed(0))
    tensor([[-0.0130,  0.9291]])
    """
    if _is_empty(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill a weight in place as ``kaiming_uniform_`` does, with normally distributed numbers."""
    if _is_empty(tensor):
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    modes = ["fan_in", "fan_out"]
    if mode.lower() not in modes:
        raise ValueError(f"Mode {mode.lower()} not supported, please use one of {modes}")
    fan = _fans(tensor)[modes.index(mode.lower())]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _fans(weight: Tensor) -> tuple[int, int]:
    """Return how many inputs each output has, and how many outputs each input goes to.

    Of (out, in) these are in and out; of (out, in, KH, KW) either times KH KW.
    """
    if weight.ndim < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions: its "
            f"shape is {tuple(weight.shape)}, expected (out, in) or (out, in, KH, KW); a bias is "
            "filled by zeros_ or uniform_"
        )
    outputs, inputs, *window = weight.shape
    return inputs * math.prod(window), outputs * math.prod(window)


def _is_empty(tensor: Tensor) -> bool:
    if not tensor.numel():
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return not tensor.numel()


def reset_layer(weight: Tensor, bias: Tensor | None) -> None:
    """Draw the weight and then the bias of a layer, as PyTorch's Linear and Conv2d do.

    Both from U(-1/sqrt(fan_in), 1/sqrt(fan_in)): with a = sqrt(5) the gain is sqrt(1/3), which the
    sqrt(3) of the uniform distribution makes up for.
    """
    kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        fan_in = _fans(weight)[0]
        bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
        uniform_(bias, -bound, bound)
