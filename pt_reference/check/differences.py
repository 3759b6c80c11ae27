"""The derivatives of a student's own forward, by differences of its values."""

from collections.abc import Callable, Sequence

import numpy as np


def differences(
    forward: Callable[[], np.ndarray],
    x: np.ndarray,
    at: Sequence[Sequence[int]],
    grad_output: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the slope of sum(grad_output * y) along some elements of x, and which are at a kink.

    An element is moved by h and h / 2, up and down. Where the function is smooth, what an output
    does on both sides is the same but for the curvature, of order h; at a kink the slopes differ.
    """
    slopes, kinks = np.zeros(len(at)), np.zeros(len(at), bool)
    middle = forward().astype(float).copy()
    for i, index in enumerate(map(tuple, at)):
        value = x[index]
        h = 1e-5 * max(1.0, abs(value))
        sides = []
        for move in (h, -h):
            x[index] = value + move
            sides.append(forward().astype(float).copy())
        x[index] = value
        up, down = sides
        slopes[i] = (grad_output * (up - down)).sum() / (2 * h)
        right, left = (up - middle) / h, (middle - down) / h
        scale = max(1.0, float(np.max(np.abs(right), initial=0)))
        bent = np.abs(right - left) > 1e-2 * scale
        kinks[i] = bool(np.any(bent)) or not np.isfinite(slopes[i])
    return slopes, kinks
