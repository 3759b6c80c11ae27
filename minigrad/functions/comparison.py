"""Comparisons and logic, which have no gradient, and ``where``, which chooses one."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.functions.operands import (
    as_operand,
    broadcast_shape,
    operands,
    same_dtype,
    unsupported,
)
from minigrad.tensor import Array, Tensor, wrap


class Where(ArrayFunction):
    """y = a where the condition holds, else b; each gradient flows only where it was chosen."""

    @staticmethod
    def forward(ctx: Any, condition: Array, a: Any, b: Any) -> Array:
        ctx.save_for_backward(condition)
        return np.where(condition, a, b)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (condition,) = ctx.saved_tensors
        return (
            None,
            Mask.apply(grad_output, condition) if ctx.needs_input_grad[1] else None,
            Mask.apply(grad_output, ~condition) if ctx.needs_input_grad[2] else None,
        )


class Mask(ArrayFunction):
    """y = x where the condition holds, else 0; the gradient passes where x did.

    All bits of x, or none: several times as fast as a choice, np.where(condition, x, 0). A product
    with 0 would make NaN of infinity, and -0 of what is negative.
    """

    @staticmethod
    def forward(ctx: Any, x: Array, condition: Array) -> Array:
        ctx.save_for_backward(condition)
        bits = f"i{x.itemsize}"  # integers of that size, of which -1 is all bits
        return (-condition.astype(bits) & x.view(bits)).view(x.dtype)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (condition,) = ctx.saved_tensors
        return Mask.apply(grad_output, condition), None


def where(condition: Tensor, input: Any, other: Any) -> Tensor:
    """Return ``input`` where the bool tensor ``condition`` holds, ``other`` elsewhere.

    >>> import minigrad
    >>> x = minigrad.tensor([-1.0, 2.0])
    >>> where(x > 0, x, 0.0)
    tensor([0., 2.])
    """
    if condition.dtype is not dtypes.bool_:
        raise RuntimeError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{dtypes.LEGACY_NAMES[condition.dtype]}"
        )
    a, b = same_dtype(input, other)
    broadcast_shape(condition.shape, broadcast_shape(a.shape, b.shape))
    return Where.apply(condition, a, b)


def eq(input: Any, other: Any) -> Tensor:
    """Return where ``input == other``."""
    a, b = operands(input, other)
    return wrap(a._array == b._array)


def ne(input: Any, other: Any) -> Tensor:
    """Return where ``input != other``."""
    a, b = operands(input, other)
    return wrap(a._array != b._array)


def lt(input: Any, other: Any) -> Tensor:
    """Return where ``input < other``."""
    a, b = operands(input, other)
    return wrap(a._array < b._array)


def le(input: Any, other: Any) -> Tensor:
    """Return where ``input <= other``."""
    a, b = operands(input, other)
    return wrap(a._array <= b._array)


def gt(input: Any, other: Any) -> Tensor:
    """Return where ``input > other``."""
    a, b = operands(input, other)
    return wrap(a._array > b._array)


def ge(input: Any, other: Any) -> Tensor:
    """Return where ``input >= other``."""
    a, b = operands(input, other)
    return wrap(a._array >= b._array)


def bitwise_not(input: Tensor) -> Tensor:
    """Return ``~input``: the opposite of bools, the complement of integers."""
    return wrap(~_integral(input, "bitwise_not")._array)


def bitwise_and(input: Any, other: Any) -> Tensor:
    """Return ``input & other``, of bools or bit by bit."""
    a, b = operands(input, other)
    return wrap(_integral(a, "bitwise_and")._array & b._array)


def bitwise_or(input: Any, other: Any) -> Tensor:
    """Return ``input | other``, of bools or bit by bit."""
    a, b = operands(input, other)
    return wrap(_integral(a, "bitwise_or")._array | b._array)


def bitwise_xor(input: Any, other: Any) -> Tensor:
    """Return ``input ^ other``, of bools or bit by bit."""
    a, b = operands(input, other)
    return wrap(_integral(a, "bitwise_xor")._array ^ b._array)


def isnan(input: Tensor) -> Tensor:
    """Return where an element is NaN."""
    return wrap(np.isnan(input._array))


def isfinite(input: Tensor) -> Tensor:
    """Return where an element is neither infinite nor NaN."""
    return wrap(np.isfinite(input._array))


def equal(input: Tensor, other: Tensor) -> bool:
    """Return whether two tensors have the same shape and elements."""
    other = as_operand(other, input.dtype)
    return input.shape == other.shape and bool((input._array == other._array).all())


def allclose(
    input: Tensor,
    other: Tensor,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> bool:
    """Return whether ``|input - other| <= atol + rtol * |other|`` everywhere."""
    if input.dtype is not other.dtype:
        raise RuntimeError(
            f"{dtypes.LEGACY_NAMES[input.dtype]} did not match {dtypes.LEGACY_NAMES[other.dtype]}"
        )
    return bool(np.allclose(input._array, other._array, rtol, atol, equal_nan))


def _integral(tensor: Tensor, name: str) -> Tensor:
    if tensor.is_floating_point():
        raise unsupported(f"{name}_cpu", tensor.dtype)
    return tensor
