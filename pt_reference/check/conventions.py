"""Where another answer than PyTorch's is valid too: a note, and no mistake.

At a tie of max-pooling and at ReLU's kink the derivative does not exist, and each of several
subgradients may be taken. What becomes of NaN and infinity, and what the mean of nothing is, no
mathematics decides.
"""

from collections.abc import Iterator

import numpy as np

from pt_reference.check.cases import Case
from pt_reference.check.results import Failure

Cell = tuple[int, ...]


def convention(layer: str, failure: Failure) -> str:
    """Return the convention by which a failure's answer is valid, "" if it is a mistake."""
    case = failure.case
    if failure.problem not in ("values", "raises", "beyond_contract"):
        return ""
    if case.convention not in ("ties", "kink"):
        return case.convention
    if failure.check != "backward" or failure.yours is None:
        return ""
    upstream = case.upstream(_output_shape(case))
    valid = _splits if layer == "MaxPool2d" else _between
    return case.convention if valid(case, failure.yours, upstream) else ""


def _output_shape(case: Case) -> Cell:
    x = case.inputs["x"]
    if "kernel_size" not in case.options:
        return x.shape
    k, s = case.options["kernel_size"], case.options.get("stride", case.options["kernel_size"])
    return (*x.shape[:2], *((n - k) // s + 1 for n in x.shape[2:]))


def _between(case: Case, yours: np.ndarray, upstream: np.ndarray) -> bool:
    """Return whether ReLU's gradient is right off 0, and at 0 between those of both sides."""
    x = case.inputs["x"]
    right = np.where(x > 0, upstream, 0.0)
    slack = 1e-9 * np.abs(upstream)
    at_zero = (yours >= np.minimum(upstream, 0) - slack) & (
        yours <= np.maximum(upstream, 0) + slack
    )
    return bool(np.where(x == 0, at_zero, np.isclose(yours, right)).all())


def _splits(case: Case, yours: np.ndarray, upstream: np.ndarray) -> bool:
    """Return whether each window's gradient went to its maxima, and all of it.

    Windows that share a maximum are taken together: what each gave there cannot be told apart.
    """
    left_over = np.array(yours, float)
    groups: list[tuple[set[Cell], float]] = []
    for window, maxima in _windows(case, upstream.shape):
        cells, total = set(maxima), float(upstream[window])
        for other in [group for group in groups if group[0] & cells]:
            groups.remove(other)
            cells, total = cells | other[0], total + other[1]
        groups.append((cells, total))
    for cells, total in groups:
        received = [left_over[cell] for cell in cells]
        if not np.isclose(sum(received), total):
            return False
        for cell in cells:
            left_over[cell] = 0.0
    return not np.any(np.abs(left_over) > 1e-9)


def _windows(case: Case, shape: Cell) -> Iterator[tuple[Cell, list[Cell]]]:
    """Yield each output's place, and the places of its window's maxima."""
    x, k = case.inputs["x"], case.options["kernel_size"]
    stride = case.options.get("stride", k)
    for n, c, i, j in np.ndindex(*shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + k, left : left + k]
        at = np.argwhere(window == window.max())
        yield (n, c, i, j), [(n, c, int(top + u), int(left + v)) for u, v in at]
