"""From the failing arrays and the pattern of failing cases to the mistake they look like.

First fingerprints: what would make yours equal to PyTorch's in every failing case? A factor, a
transpose, a flip, a shift, another order, a sum. Where none would, the pattern: an option is
ignored if the cases that pass it fail and the others do not.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from pt_reference.check.cases import Case
from pt_reference.check.compare import TOLERANCES
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import Cause, Failure

Fingerprint = Callable[[Failure], Cause | None]


def diagnose(layer: str, failures: Sequence[Failure], passed: Sequence[Case] = ()) -> Cause:
    """Return what the failures of one quantity look like; ``passed``: the cases it is right in."""
    first = failures[0]
    if first.convention:
        return _convention(first)
    if first.problem == "beyond_contract":
        names = ", ".join(dict.fromkeys(f.case.name for f in failures))
        return Cause(first.problem, f"PyTorch also takes: {names}", f"PyTorch also takes: {names}")
    if first.problem not in ("values", "shape"):
        return Cause(first.problem, first.where, first.text)
    for pattern in (_wrong_default, _ignored_option):
        if cause := pattern(layer, failures, passed):
            return cause
    for fingerprint in FINGERPRINTS:
        causes = [fingerprint(failure) for failure in failures if _comparable(failure)]
        if causes and None not in causes and len({c.id for c in causes}) == 1:
            return causes[0]
    return _otherwise(first)


def _comparable(failure: Failure) -> bool:
    """Return whether a failure's arrays can tell something: there are several numbers in them."""
    yours, expected = failure.yours, failure.expected
    return yours is not None and expected is not None and expected.size > 0


def _convention(failure: Failure) -> Cause:
    said = {
        "ties": "of equal maxima, PyTorch gives the gradient to the first; yours chooses otherwise",
        "kink": "at 0 ReLU has no derivative: PyTorch says 0, yours says otherwise",
        "nan": "NaN or infinity goes another way than in PyTorch",
        "infinity": "infinity goes another way than in PyTorch",
        "empty_mean": "the mean of nothing is NaN in PyTorch",
    }
    return Cause(f"convention:{failure.convention}", failure.case.name, said[failure.convention])


def _ignored_option(
    layer: str, failures: Sequence[Failure], passed: Sequence[Case]
) -> Cause | None:
    """Find an option that all failing cases set, where the plain case is right."""
    if not any(case.name == "base" for case in passed):
        return None
    for option in LAYERS[layer].options:
        if all(option in f.case.options for f in failures):
            where = f"only with {option}"
            said = f"{failures[0].where} is wrong {where}"
            return Cause(f"ignores_option:{option}", where, said)
    return None


def _wrong_default(layer: str, failures: Sequence[Failure], passed: Sequence[Case]) -> Cause | None:
    """Find an option without which the plain case fails, and with which none does."""
    for option in LAYERS[layer].options:
        plain_fails = any(f.case.name == "base" for f in failures)
        without = not any(option in f.case.options for f in failures)
        if plain_fails and without and any(option in case.options for case in passed):
            where = f"wherever {option} is not given"
            said = f"the default of {option} is another than PyTorch's"
            return Cause(f"wrong_default:{option}", where, said)
    return None


def _not_finite(failure: Failure) -> Cause | None:
    if failure.yours.shape != failure.expected.shape:
        return None
    bad = ~np.isfinite(failure.yours) & np.isfinite(failure.expected)
    if not bad.any():
        return None
    return Cause("unstable", failure.case.name, "NaN or infinity where PyTorch has numbers")


def _single_precision(failure: Failure) -> Cause | None:
    a, b = failure.yours, failure.expected
    single = a.astype(np.float32)
    if a.shape != b.shape or not np.array_equal(a, single, equal_nan=True):
        return None
    if np.array_equal(b, b.astype(np.float32)) or not _close(single, b.astype(np.float32), single):
        return None
    return Cause("dtype", "the last digits", "computed in float32, where the input is float64")


def _scaled(failure: Failure) -> Cause | None:
    yours, expected = failure.yours, failure.expected
    if yours.shape != expected.shape or not np.any(expected):
        return None
    factor = float((yours * expected).sum() / (expected * expected).sum())
    if not _close(yours, factor * expected, expected) or factor == 0:
        return None
    if np.isclose(factor, -1):
        return Cause("sign", "everywhere", "yours has the other sign")
    return Cause("scaled", "everywhere", f"yours is {factor:.6g} times as large everywhere")


def _transposed(failure: Failure) -> Cause | None:
    a, b = failure.yours, failure.expected
    for i in range(a.ndim):
        for j in range(i + 1, a.ndim):
            if _equals(a.swapaxes(i, j), b):
                said = f"yours has axes {i} and {j} exchanged"
                return Cause("transposed", f"axes {i} and {j}", said)
    return None


def _flipped(failure: Failure) -> Cause | None:
    a, b = failure.yours, failure.expected
    axes = [(i,) for i in range(a.ndim)] + [(a.ndim - 2, a.ndim - 1)] * (a.ndim > 1)
    for flipped in axes:
        if _equals(np.flip(a, flipped), b):
            said = f"yours runs backwards along axis {' and '.join(map(str, flipped))}"
            return Cause("flipped", f"axis {flipped}", said)
    return None


def _shifted(failure: Failure) -> Cause | None:
    a, b = failure.yours, failure.expected
    if a.shape != b.shape or a.ndim < 3:
        return None
    for move in [(i, j) for i in (-2, -1, 0, 1, 2) for j in (-2, -1, 0, 1, 2) if (i, j) != (0, 0)]:
        here = tuple(
            slice(max(0, m), n + min(0, m)) for m, n in zip(move, a.shape[-2:], strict=True)
        )
        there = tuple(
            slice(max(0, -m), n - max(0, m)) for m, n in zip(move, a.shape[-2:], strict=True)
        )
        part = b[(..., *there)]
        if part.size >= 2 and np.any(part) and _equals(a[(..., *here)], part):
            return Cause("shifted", "rows and columns", f"yours is shifted by {move}")
    return None


def _permuted(failure: Failure) -> Cause | None:
    a, b = failure.yours, failure.expected
    if a.size == b.size > 2 and _close(np.sort(a, None), np.sort(b, None), b):
        return Cause("permuted", "the order", "yours has the same numbers in another order")
    return None


def _not_summed(failure: Failure) -> Cause | None:
    a, b = failure.yours, failure.expected
    if a.ndim > b.ndim:
        for axes in combinations(range(a.ndim), a.ndim - b.ndim):
            if _equals(a.sum(axes), b):
                return Cause("not_summed", f"axis {axes}", f"a sum over axis {axes} is missing")
    return None


def _boundary(failure: Failure) -> Cause | None:
    a, b = failure.yours, failure.expected
    if a.shape != b.shape:
        return None
    wrong = ~_near(a, b, b)
    for axis in range(a.ndim):
        along = wrong.any(tuple(i for i in range(a.ndim) if i != axis))
        for end in (0, -1):
            if len(along) > 2 and along[end] and along.sum() == 1:
                side = "first" if end == 0 else "last"
                return Cause(
                    "boundary", f"axis {axis}", f"only the {side} index of axis {axis} is wrong"
                )
    return None


FINGERPRINTS: tuple[Fingerprint, ...] = (
    _not_finite,
    _single_precision,
    _scaled,
    _transposed,
    _flipped,
    _not_summed,
    _shifted,
    _permuted,
    _boundary,
)


def _otherwise(failure: Failure) -> Cause:
    if failure.problem == "shape":
        return Cause("shape", failure.where, failure.text)
    said = {"forward": "forward_differs", "backward": "backward_differs"}
    return Cause(said.get(failure.check, "update_differs"), failure.where, "the numbers differ")


def _equals(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and _close(a, b, b)


def _close(a: np.ndarray, b: np.ndarray, scale: np.ndarray) -> bool:
    return bool(_near(a, b, scale).all())


def _near(a: np.ndarray, b: np.ndarray, scale: np.ndarray) -> np.ndarray:
    tolerance = 10 * max(TOLERANCES.get(scale.dtype.name, (1e-9, 0)))
    largest = float(np.max(np.abs(scale), initial=0.0))
    with np.errstate(all="ignore"):
        return np.isclose(a, b, rtol=tolerance, atol=tolerance * largest, equal_nan=True)
