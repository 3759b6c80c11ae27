"""How a layer's first parameters are distributed: a note, for a file may begin as it likes.

PyTorch draws weight and bias of Linear and Conv2d from the uniform distribution between -b and b,
with b = 1 / sqrt(fan_in). The distance between two distributions is Kolmogorov and Smirnov's: the
largest difference of their cumulative curves.
"""

import math

import numpy as np

from pt_reference.check.results import Cause

SIZES = {"Linear": (100, 60), "Conv2d": (4, 32, 3)}  # large enough to tell a distribution by
FAN_IN = {"Linear": 100, "Conv2d": 36}
FAR = 2.2  # sqrt(n) times the distance: one in ten thousand is as far by chance


def looks_like(layer: str, numbers: np.ndarray) -> Cause | None:
    """Return what a drawn parameter looks like, where it is not as in PyTorch."""
    bound = 1 / math.sqrt(FAN_IN[layer])
    x = np.sort(numbers.astype(float).ravel())
    if not np.isfinite(x).all() or _distance(x, bound) * math.sqrt(len(x)) < FAR:
        return None
    where = "the first values, before training"
    if not x.any():
        return Cause("initialisation:zeros", where, "all values are 0")
    if x[0] == x[-1]:
        return Cause("initialisation:constant", where, f"all values are {x[0]:.4g}")
    if x[0] >= 0 or x[-1] <= 0:
        return Cause("initialisation:one_sided", where, "all values have one sign")
    width = float(np.abs(x).max()) / bound
    if _distance(x, width * bound) * math.sqrt(len(x)) < FAR:
        said = f"uniform as in PyTorch, but {width:.3g} times as wide"
        return Cause("initialisation:scaled", where, said)
    said = f"not uniform between -{bound:.3g} and {bound:.3g}, as in PyTorch"
    return Cause("initialisation:distribution", where, said)


def _distance(ordered: np.ndarray, bound: float) -> float:
    """Return the distance to the uniform distribution between -bound and bound."""
    curve = np.clip((ordered + bound) / (2 * bound), 0, 1)
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return float(max(np.abs(curve - steps[1:]).max(), np.abs(curve - steps[:-1]).max()))
