"""The right numbers at the wrong places: axes exchanged, images turned or moved, borders kept."""

from itertools import combinations, product

import numpy as np

from pt_reference.check.causes.evidence import Evidence, same
from pt_reference.check.causes.words import axes_in_words, say
from pt_reference.check.results import Cause


def squeezed(e: Evidence) -> Cause | None:
    """Recognise PyTorch's numbers with an axis of length 1 more, or less."""
    if e.same_shape or not same(np.squeeze(e.yours), np.squeeze(e.expected)):
        return None
    return say("shape", e.failure.where, e.failure.text)


def transposed(e: Evidence) -> Cause | None:
    """Recognise two axes exchanged."""
    for i, j in combinations(range(e.expected.ndim), 2):
        if e.is_(e.expected.swapaxes(i, j)):
            return say("transposed", f"axes {i} and {j}", f"axes {i} and {j}")
    return None


def flipped(e: Evidence) -> Cause | None:
    """Recognise an array that runs backwards along one axis or the last two."""
    count = e.expected.ndim
    for axes in [(i,) for i in range(count)] + [(-2, -1)] * (count > 2):
        if e.is_(np.flip(e.expected, axes)):
            said = axes_in_words([i % count for i in axes])
            return say("flipped", said, said)
    return None


def not_cropped(e: Evidence) -> Cause | None:
    """Recognise PyTorch's array with a border around it."""
    a, b = e.yours, e.expected
    if not e.is_gradient or a.ndim != b.ndim or not b.size:
        return None
    if any(m < n for m, n in zip(a.shape, b.shape, strict=True)):
        return None
    spare = [m - n for m, n in zip(a.shape, b.shape, strict=True)]
    if not any(spare):
        return None
    for start in product(*[range(n + 1) for n in spare]):
        if same(a[tuple(slice(s, s + n) for s, n in zip(start, b.shape, strict=True))], b):
            axes = [i for i, n in enumerate(spare) if n]
            return say("not_cropped", axes_in_words(axes), f"{max(spare)} rows or columns")
    return None


def shifted(e: Evidence) -> Cause | None:
    """Recognise an image moved by one or two rows or columns."""
    a, b = e.yours, e.expected
    for axis, size in enumerate(b.shape if e.same_shape else ()):
        for by in (1, -1) if size > 2 else ():
            if e.tells_apart(np.roll(b, by, axis)):
                return say("shifted", f"axis {axis}", f"by one along axis {axis}")
    if not e.same_shape or a.ndim < 3:
        return None
    for move in product(range(-2, 3), repeat=2):
        if move == (0, 0):
            continue
        sizes = list(zip(move, a.shape[-2:], strict=True))
        here = (..., *[slice(max(0, m), n + min(0, m)) for m, n in sizes])
        there = (..., *[slice(max(0, -m), n - max(0, m)) for m, n in sizes])
        if b[there].size >= 2 and b[there].any() and same(a[here], b[there]):
            return say("shifted", "rows and columns", f"by {move[0]} rows and {move[1]} columns")
    return None


def permuted(e: Evidence) -> Cause | None:
    """Recognise the same numbers in another order."""
    a, b = e.yours, e.expected
    if a.ndim != b.ndim or a.size != b.size or b.size < 3 or len(np.unique(b)) < 3:
        return None
    return say("permuted", "the order") if same(np.sort(a, None), np.sort(b, None)) else None
