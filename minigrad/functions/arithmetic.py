"""Addition, subtraction, multiplication, division, powers.

No rule here speaks of broadcasting: the engine sums each gradient to the shape of its input.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.dtypes import bool_
from minigrad.functions.comparison import Mask, Where
from minigrad.functions.exponential import Log
from minigrad.functions.operands import operands, result_type, unsupported
from minigrad.tensor import Array, Number, Tensor


class Add(ArrayFunction):
    """y = a + b, so dy/da = dy/db = 1."""

    @staticmethod
    def forward(ctx: Any, a: Array, b: Array) -> Array:
        return a + b

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return grad_output, grad_output


class Sub(ArrayFunction):
    """y = a - b, so dy/da = 1 and dy/db = -1."""

    @staticmethod
    def forward(ctx: Any, a: Array, b: Array) -> Array:
        return a - b

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return grad_output, -grad_output if ctx.needs_input_grad[1] else None


class Mul(ArrayFunction):
    """y = a b, so dy/da = b and dy/db = a."""

    @staticmethod
    def forward(ctx: Any, a: Array, b: Array) -> Array:
        ctx.save_for_backward(
            a if ctx.needs_input_grad[1] else None, b if ctx.needs_input_grad[0] else None
        )
        return a * b

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        a, b = ctx.saved_tensors
        return (
            grad_output * b if ctx.needs_input_grad[0] else None,
            grad_output * a if ctx.needs_input_grad[1] else None,
        )


class Div(ArrayFunction):
    """y = a / b, so dy/da = 1 / b and dy/db = -a / b^2."""

    @staticmethod
    def forward(ctx: Any, a: Array, b: Array) -> Array:
        ctx.save_for_backward(a if ctx.needs_input_grad[1] else None, b)
        return a / b

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        a, b = ctx.saved_tensors
        return (
            grad_output / b if ctx.needs_input_grad[0] else None,
            -grad_output * ((a / b) / b) if ctx.needs_input_grad[1] else None,
        )


class RoundedDiv(ArrayFunction):
    """y = floor(a / b), or cut towards zero: flat between its jumps, so both gradients are 0."""

    @staticmethod
    def forward(ctx: Any, a: Array, b: Array, rounding_mode: str) -> Array:
        ctx.save_for_backward(a, b)
        _check_divisor(b)
        if rounding_mode == "floor":
            return np.floor_divide(a, b)
        return np.trunc(a / b).astype(a.dtype)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return grad_output * 0.0, grad_output * 0.0, None


class FloorDivide(ArrayFunction):
    """y = floor(a / b) without a gradient: asking for one is an error, as in PyTorch."""

    @staticmethod
    def forward(ctx: Any, a: Array, b: Array) -> Array:
        _check_divisor(b)
        return np.floor_divide(a, b)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        raise RuntimeError("derivative for floor_divide is not implemented")


class Remainder(ArrayFunction):
    """y = a - b floor(a / b), with the sign of b, so dy/da = 1 and dy/db = -floor(a / b)."""

    @staticmethod
    def forward(ctx: Any, a: Array, b: Array) -> Array:
        ctx.save_for_backward(a, b)
        _check_divisor(b)
        return np.remainder(a, b)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        a, b = ctx.saved_tensors
        return grad_output, -grad_output * RoundedDiv.apply(a, b, "floor")


class Pow(ArrayFunction):
    """y = a^b, so dy/da = b a^(b-1) and dy/db = a^b log a, which is 0 where a = 0 and b >= 0."""

    @staticmethod
    def forward(ctx: Any, a: Array, b: Array) -> Array:
        y = np.power(a, b)
        ctx.save_for_backward(a, b, y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        a, b, y = ctx.saved_tensors
        grad_a = grad_b = None
        if ctx.needs_input_grad[0]:
            grad_a = Mask.apply(grad_output * (b * a ** (b - 1)), b != 0)
        if ctx.needs_input_grad[1]:
            grad_b = grad_output * Mask.apply(y * Log.apply(a), ~((a == 0) & (b >= 0)))
        return grad_a, grad_b


class Neg(ArrayFunction):
    """y = -a, so dy/da = -1."""

    @staticmethod
    def forward(ctx: Any, a: Array) -> Array:
        return -a

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return -grad_output


class Abs(ArrayFunction):
    """y = |a|, so dy/da is the sign of a, with PyTorch's choice of 0 at the kink a = 0."""

    @staticmethod
    def forward(ctx: Any, a: Array) -> Array:
        ctx.save_for_backward(a)
        return np.abs(a)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (a,) = ctx.saved_tensors
        flipped = Where.apply(a < 0, -grad_output, grad_output * 0.0)  # at 0, and at NaN
        return Where.apply(a > 0, grad_output, flipped)


def add(input: Any, other: Any, *, alpha: Number = 1) -> Tensor:
    """Return ``input + alpha * other``, broadcast.

    >>> import minigrad
    >>> add(minigrad.tensor([1.0, 2.0]), 10)
    tensor([11., 12.])
    """
    return Add.apply(*operands(input, other if alpha == 1 else _scaled(input, other, alpha)))


def sub(input: Any, other: Any, *, alpha: Number = 1) -> Tensor:
    """Return ``input - alpha * other``, broadcast. RuntimeError for bools, which have no minus."""
    a, b = operands(input, other if alpha == 1 else _scaled(input, other, alpha))
    bools = _is_bool(input) + _is_bool(other)
    if bools == 2:
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
            "`logical_xor()` operator instead."
        )
    if bools:
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying "
            "to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return Sub.apply(a, b)


def mul(input: Any, other: Any) -> Tensor:
    """Return ``input * other``, element by element, broadcast."""
    return Mul.apply(*operands(input, other))


def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """Return ``input / other``, broadcast: a float, unless ``rounding_mode`` is given.

    ``rounding_mode``: None, ``'floor'`` (towards minus infinity) or ``'trunc'`` (towards zero).
    """
    if rounding_mode is None:
        return Div.apply(*operands(input, other, floating=True))
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(
            "div expected rounding_mode to be one of None, 'trunc', or 'floor' "
            f"but found '{rounding_mode}'"
        )
    a, b = _of_numbers(f"div_{rounding_mode}_cpu", input, other)
    return RoundedDiv.apply(a, b, rounding_mode)


def floor_divide(input: Any, other: Any) -> Tensor:
    """Return ``input // other``, rounded towards minus infinity. It has no gradient."""
    return FloorDivide.apply(*_of_numbers("div_floor_cpu", input, other))


def remainder(input: Any, other: Any) -> Tensor:
    """Return ``input % other``, with the sign of ``other``."""
    return Remainder.apply(*_of_numbers("remainder_cpu", input, other))


def pow(input: Any, exponent: Any) -> Tensor:
    """Return ``input ** exponent``. RuntimeError for an integer to a negative integer."""
    a, b = _of_numbers("pow", input, exponent)
    if a._array.dtype.kind in "iu" and (b._array < 0).any():
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    return Pow.apply(a, b)


def neg(input: Tensor) -> Tensor:
    """Return ``-input``. RuntimeError for bools."""
    if input.dtype is bool_:
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to "
            "invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return Neg.apply(input)


def abs(input: Tensor) -> Tensor:
    """Return the absolute value; the gradient at 0 is 0."""
    if input.dtype is bool_:
        raise unsupported("abs_cpu", bool_)
    return Abs.apply(input)


def _scaled(input: Any, other: Any, alpha: Number) -> Tensor:
    if isinstance(alpha, float) and not result_type(input, other).is_floating_point:
        raise RuntimeError(
            "For integral input tensors, argument alpha must not be a floating point number."
        )
    return mul(other, alpha)


def _is_bool(value: Any) -> bool:
    return np.asarray(getattr(value, "_array", value)).dtype.kind == "b"


def _of_numbers(name: str, a: Any, b: Any) -> tuple[Tensor, Tensor]:
    a, b = operands(a, b)
    if a.dtype is bool_:
        raise unsupported(name, bool_)
    return a, b


def _check_divisor(b: Array) -> None:
    if b.dtype.kind in "iu" and (b == 0).any():
        raise RuntimeError("ZeroDivisionError")
