"""The arithmetic of PyTorch's random numbers, to the last bit.

On processors with AVX2, PyTorch multiplies and adds with one rounding, and computes the logarithm,
sine and cosine of float32 by short polynomials (aten/src/ATen/native/cpu/avx_mathfun.h, after
S. Moshier's Cephes library). The same roundings in the same order give the same numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.tensor import Array

F32 = np.float32


def fused_multiply_add(a: Array, b: Any, c: Any) -> Array:
    """Return a * b + c with one rounding, as a processor's FMA instruction gives it.

    PyTorch scales its random numbers so. A float32 product is exact in float64; what a float64
    product rounds away is found by Dekker's splitting (Numerische Mathematik 18, 1971), what a sum
    rounds away by Knuth's two-sum. All but the last sum are rounded to odd, so that the last one
    rounds as the exact number would (Boldo and Melquiond, IEEE Transactions on Computers 57, 2008).
    (Not where products are subnormal, below 1e-290.)
    """
    if a.dtype == np.float32:
        return np.asarray(_round_to_odd(a.astype(np.float64) * b, np.float64(c)), dtype=np.float32)
    product, (a_high, a_low), (b_high, b_low) = a * b, _split(a), _split(np.float64(b))
    lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    low, lowest = _two_sum(np.float64(c), lost)
    total, rest = _two_sum(product, low)
    return np.asarray(total + _round_to_odd(rest, lowest))


def _two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """Return the rounded sum, and exactly what was rounded away."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _round_to_odd(a: Any, b: Any) -> Any:
    """Return a + b, or if that has to be rounded, that of its neighbours whose last bit is 1."""
    total, lost = _two_sum(a, b)
    even = (np.asarray(total).view(np.int64) & 1) == 0
    towards = np.nextafter(total, np.copysign(np.inf, lost))
    return np.where((lost != 0) & even, towards, total)


def _split(x: Any) -> tuple[Any, Any]:
    """Return two halves of 26 bits each whose sum is x: their products are exact."""
    shifted = (2.0**27 + 1) * x
    high = shifted - (shifted - x)
    return high, x - high


def log(x: Array) -> Array:
    """Return the natural logarithm of positive numbers, float32 or float64."""
    if x.dtype == np.float64:
        return _each(math.log, x)
    # x = m 2^e with m from sqrt(1/2) to sqrt(2), so log x = e log 2 + log(1 + f) with f = m - 1.
    m, e = np.frexp(x)
    small = m < F32(math.sqrt(0.5))
    e = (e - small).astype(F32)
    f = np.where(small, m - F32(1) + m, m - F32(1))
    square = f * f
    # log(1 + f) = f - f^2 / 2 + f^3 (1/3 - f/4 + ...), and log 2 = 0.693359375 - 2.12194440e-4
    tail = _polynomial(
        f,
        7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
        -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    )  # fmt: skip
    tail = fused_multiply_add(tail * f, square, e * F32(-2.12194440e-4))
    tail = fused_multiply_add(square, F32(-0.5), tail)
    return fused_multiply_add(e, F32(0.693359375), f + tail)


def cos_sin(x: Array) -> tuple[Array, Array]:
    """Return the cosine and the sine of angles from 0 to 2 pi, float32 or float64."""
    if x.dtype == np.float64:
        return _each(math.cos, x), _each(math.sin, x)
    # The angle is octant pi/4 + r, with an even octant and r from -pi/4 to pi/4. Subtracting pi/4
    # in three parts, each product of which is exact, keeps the digits of r.
    octant = (x * F32(4 / math.pi)).astype(np.int32) + 1 & ~1
    r = x
    for part in (0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8):
        r = fused_multiply_add(octant.astype(F32), F32(-part), r)
    square = r * r
    # cos r = 1 - r^2 / 2 + r^4 (1/24 - ...), sin r = r + r^3 (-1/6 + ...)
    cosine = _polynomial(square, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
    cosine = fused_multiply_add(cosine * square, square, square * F32(-0.5)) + F32(1)
    sine = _polynomial(square, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
    sine = fused_multiply_add(sine * square, r, r)
    # A quarter turn makes a sine of the cosine and a negative cosine of the sine.
    quarter = octant & 2 != 0
    upper = np.where(quarter, -sine, cosine), np.where(quarter, cosine, sine)
    half = octant & 4 != 0
    return np.where(half, -upper[0], upper[0]), np.where(half, -upper[1], upper[1])


def _polynomial(x: Array, *coefficients: float) -> Array:
    """Return the polynomial, whose highest coefficient comes first, by Horner's rule."""
    y = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        y = fused_multiply_add(y, x, F32(coefficient))
    return y


def _each(function: Any, x: Array) -> Array:
    """Apply a function of the C library, as PyTorch does: NumPy's own may round otherwise."""
    return np.array([function(number) for number in x.ravel().tolist()]).reshape(x.shape)
