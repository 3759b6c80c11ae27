"""Two arrays element by element, and a gradient against differences of the forward."""

from dataclasses import dataclass

import numpy as np

# float64: relative to the element, and to the largest one, as a sum's rounding is.
TOLERANCES = {"float64": (1e-9, 1e-11), "float32": (1e-4, 1e-5), "float16": (1e-2, 1e-2)}
FLOOR = {"float64": 1e-13, "float32": 1e-7, "float16": 1e-3}
AT_MOST = 24  # derivatives by differences in one array


@dataclass(frozen=True)
class Difference:
    """Where two arrays of one shape differ, and where most."""

    wrong: np.ndarray  # a mask
    index: tuple[int, ...]
    max_abs_error: float


def difference(yours: np.ndarray, expected: np.ndarray, rounding: float = 0.0) -> Difference | None:
    """Return how two arrays of one shape differ, None if they do not. NaN equals NaN.

    ``rounding`` is allowed on top of the tolerances, where the arrays are differences themselves.
    """
    name = expected.dtype.name
    rtol, of_scale = TOLERANCES[name]
    with np.errstate(all="ignore"):
        gap = np.abs(yours.astype(float) - expected)
        same = (yours == expected) | (np.isnan(yours) & np.isnan(expected))
        finite = np.abs(expected[np.isfinite(expected)])
        scale = float(finite.max(initial=0.0))
        allowed = rtol * np.abs(expected) + of_scale * scale + FLOOR[name] + rounding
        wrong = ~same & ~((gap <= allowed) & np.isfinite(expected))
        gap = np.where(same, 0.0, np.where(np.isnan(gap), np.inf, gap))
    if not wrong.any():
        return None
    index = np.unravel_index(np.where(wrong, gap, -1.0).argmax(), gap.shape)
    return Difference(wrong, tuple(int(i) for i in index), float(gap[index]))


def same(yours: np.ndarray, expected: np.ndarray) -> bool:
    """Return whether two arrays have one shape, and differ nowhere."""
    return yours.shape == expected.shape and difference(yours, expected) is None


def where_to_look(wrong: np.ndarray) -> list[list[int]]:
    """Return some of the wrong elements, spread over the array, to differentiate there."""
    at = np.argwhere(wrong)
    step = -(-len(at) // AT_MOST)
    return [[int(i) for i in index] for index in at[::step]]


def fits(
    yours: np.ndarray, at: list[list[int]], slopes: np.ndarray, kinks: np.ndarray
) -> bool | None:
    """Return whether a gradient is what the differences say; None where they cannot say."""
    if kinks.all():
        return None
    claimed = np.array([yours[tuple(index)] for index in at])[~kinks]
    measured = slopes[~kinks]
    scale = float(np.max(np.abs(measured), initial=0.0))
    return bool(np.all(np.abs(claimed - measured) <= 1e-5 * np.abs(measured) + 1e-6 * scale + 1e-7))
