"""Difference quotients, and how far each of them can be trusted.

The derivative of f_j by x_i is close to the central difference quotient

    (f_j(x + h e_i) - f_j(x - h e_i)) / 2h

but not equal to it, for three reasons, each of which has its remedy here.

rounding    f is known to its last digits only, and h magnifies their error to noise / h. How noisy
            f is can be measured; so no tolerance need be guessed, and small derivatives are checked
            as closely as large ones.
curvature   the quotient is wrong by about h^2 f''' / 6. A second, shorter step shows how much that
            is.
kinks       where the slopes to the left and to the right differ, there is no derivative. A smooth
            curve's slopes differ too, but in proportion to h; those at a kink do not come together
            when the step is shortened. Any value between them is then a subgradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from minigrad._gradcheck import conduct
from minigrad._gradcheck.vector_function import VectorFunction
from minigrad.tensor import Array

RIGHT, WRONG, KINK, NOT_FINITE = range(4)  # what can be said of one derivative

_SAFETY = 10.0  # times the noise that was measured
_RTOL = 1e-6  # times the derivative: curvature at numbers that are not too small
_SHORTER = 0.25  # the second step, as a part of the first


class Slopes(NamedTuple):
    """The slopes of all outputs (M,) along one input, from x - h to x, to x + h, and across."""

    left: Array
    central: Array
    right: Array
    h: float


class Finding(NamedTuple):
    """What the differences say of the derivatives of all outputs (M,) by one input."""

    numeric: Array
    tolerance: Array
    verdict: Array  # RIGHT, WRONG, KINK (skipped) or NOT_FINITE (skipped)
    kinked: Array  # whether left and right differ
    left: Array
    right: Array


class Differences:
    """The difference quotients of a function around one point.

    ``atol`` and ``rtol`` are those of ``allclose``; None stands for what the quotients can tell.
    """

    def __init__(
        self,
        f: VectorFunction,
        random: Callable[[int], Array],
        eps: float,
        atol: float | None,
        rtol: float | None,
    ) -> None:
        self.f, self.random = f, random
        self._atol, self._rtol = atol, _RTOL if rtol is None else rtol
        self.x, self.center = f.point(), f.values()
        conduct.finite(f, self.center)
        # The steps (N,): longer where x + eps would be x, or nearly; in float32 above all.
        coarse = f.input_precision / np.finfo(np.float64).eps
        self.h = eps * np.sqrt(coarse) * np.maximum(1.0, np.abs(self.x))
        self.noise = self._measure_noise(random(len(self.x)))  # (M,)

    def _measure_noise(self, direction: Array) -> Array:
        """Return by how much rounding alone moves each output.

        Over steps of a few hundred units in the last place every smooth function is a straight
        line; what its second differences show there is rounding. If x is on a jump, two of the
        seven straddle it, and the third largest tells. Where so small a step changes nothing, no
        rounding is seen; but an output's own is no finer than that of the largest beside it.
        """
        step = direction * 256 * self.f.input_precision * np.maximum(1.0, np.abs(self.x))
        values = []
        for k in range(-4, 5):
            self.f.move(k * step)
            values.append(self.f.values())
        self.f.go_home()
        second = np.abs(np.diff(values, 2, axis=0))  # (7, M)
        largest, third = np.sort(np.nan_to_num(second), axis=0)[[-1, -3]]
        precision, size = self.f.output_precision, self.f.largest_beside(self.center)
        jumps = largest > np.sqrt(precision) * (size + np.abs(self.x).max(initial=0))
        return np.maximum(np.where(jumps, third, largest), precision * size)

    def tolerance(self, derivative: Array, h: float) -> Array:
        """Return how far from the quotient over a step h a right derivative can be."""
        resolved = _SAFETY * self.noise / h if self._atol is None else self._atol
        return resolved + self._rtol * np.abs(derivative)

    def slopes(self, i: int, h: float) -> Slopes:
        """Move x_i to both sides, and divide by where it got: x + h is rounded."""
        x = float(self.x[i])
        above = self.f.put(i, x + h)
        f_above = self.f.values()
        below = self.f.put(i, x - h)
        f_below = self.f.values()
        self.f.put(i, x)
        return Slopes(
            (self.center - f_below) / (x - below),
            (f_above - f_below) / (above - below),
            (f_above - self.center) / (above - x),
            h,
        )

    def judge(self, i: int, analytic: Array) -> Finding:
        """Hold the derivatives of all outputs by x_i, (M,), against differences."""
        long = self.slopes(i, self.h[i])
        tolerance = self.tolerance(long.central, long.h)
        agree = np.abs(analytic - long.central) <= tolerance
        if agree.all():
            verdict = np.full(agree.shape, RIGHT)
            return Finding(long.central, tolerance, verdict, ~agree, long.left, long.right)
        return self._look_closer(analytic, agree, long, self.slopes(i, long.h * _SHORTER))

    def _look_closer(self, analytic: Array, agree: Array, long: Slopes, short: Slopes) -> Finding:
        """Find out whether it is the quotient that errs, and not the derivative."""
        # A kink: left and right differ, and not in proportion to the step. One that the shorter
        # step does not reach any more does no harm.
        gap_long, gap_short = long.right - long.left, short.right - short.left
        clear = 10 * self.tolerance(short.central, short.h)
        shrinks = np.abs(gap_short - _SHORTER * gap_long) < 0.1 * _SHORTER * np.abs(gap_long)
        kinked = (np.abs(gap_long) > clear) & ~shrinks
        beyond = kinked & (np.abs(gap_short) <= clear)
        kinked &= ~beyond

        # Elsewhere the quotient is wrong by a term in h^2. It is 16 times smaller for the shorter
        # step, so a fifteenth of the change from one to the other; a tenth is allowed.
        numeric = short.central
        change = np.where(beyond, 0, long.central - short.central)
        tolerance = self.tolerance(numeric, short.h) + np.abs(change) / 10

        left, right = _at_zero(long.left, short.left), _at_zero(long.right, short.right)
        # A slope that grows as the step shrinks is none: there the function jumps.
        jump_left, jump_right = [
            np.abs(a) > 3 * np.abs(b)
            for a, b in ((short.left, long.left), (short.right, long.right))
        ]
        left, right = np.where(jump_left, right, left), np.where(jump_right, left, right)
        margin = self.tolerance(np.maximum(np.abs(left), np.abs(right)), short.h)
        low, high = np.minimum(left, right) - margin, np.maximum(left, right) + margin
        between = (low <= analytic) & (analytic <= high)

        finite = np.isfinite(long.left) & np.isfinite(long.right)
        verdict = np.where(np.abs(analytic - numeric) <= tolerance, RIGHT, WRONG)
        verdict = np.where(kinked, np.where(between, KINK, WRONG), verdict)
        verdict = np.where(finite, verdict, NOT_FINITE)
        verdict = np.where(agree, RIGHT, verdict)
        return Finding(numeric, tolerance, verdict, kinked, left, right)

    def along(self, direction: Array, weights: Array) -> tuple[Array, float, float]:
        """Compare along one direction only: 2 evaluations, however many inputs there are.

        Return the step that was made, (N,), the change of ``weights @ f`` over it, and the
        tolerance of that change.
        """
        above = self.f.move(self.h * direction)
        f_above = self.f.values()
        below = self.f.move(-self.h * direction)
        change = float(weights @ (f_above - self.f.values()))
        self.f.go_home()
        resolved = 2 * _SAFETY * float(np.linalg.norm(weights * self.noise))
        return above - below, change, resolved + self._rtol * abs(change)

    def suspects(self, gradient: Array, weights: Array) -> list[int]:
        """Return the inputs whose derivative of ``weights @ f``, (N,), is not what it should be."""
        found = []
        for i in range(len(self.x)):
            s = self.slopes(i, self.h[i])
            tolerance = self.tolerance(s.central, s.h)
            if not abs(gradient[i] - weights @ s.central) <= np.linalg.norm(weights * tolerance):
                found.append(i)
        return found


def _at_zero(long: Array, short: Array) -> Array:
    """Follow the straight line through the slopes over two steps to a step of no length."""
    return short + (short - long) * _SHORTER / (1 - _SHORTER)
