"""What the two arrays tell by themselves: a factor, a term, a sum, an end, a limit."""

from itertools import combinations, permutations

import numpy as np

from pt_reference.check.causes import places
from pt_reference.check.causes.evidence import Evidence, near, same
from pt_reference.check.causes.words import axes_in_words, say
from pt_reference.check.results import Cause

FLOAT32 = 1e-5  # relative: what float32 loses, at most


def not_finite(e: Evidence) -> Cause | None:
    """Recognise NaN or infinity where PyTorch has numbers."""
    if not e.same_shape or not (~np.isfinite(e.yours) & np.isfinite(e.expected)).any():
        return None
    return say("not_finite", e.case.name)


def inexact(e: Evidence) -> Cause | None:
    """Recognise what is right to five digits: off to one side by an eps, to both by float32."""
    if not e.same_shape or e.expected.dtype != np.float64:
        return None
    if e.yours.dtype.kind != "f":
        return say("dtype", "the type")
    gap = e.yours.astype(float) - e.expected
    scale = np.abs(e.expected).max(initial=0)
    if not np.all(np.abs(gap) <= FLOAT32 * np.maximum(np.abs(e.expected), 0.1 * scale)):
        return None
    seen = gap[np.abs(gap) > 1e-3 * np.abs(gap).max()]
    relative = seen * np.sign(e.expected[np.abs(gap) > 1e-3 * np.abs(gap).max()])
    one_sided = [(part > 0).all() or (part < 0).all() for part in (seen, relative)]
    return say(
        "inexact" if any(one_sided) and len(seen) > 2 else "dtype", "all digits but the first"
    )


def halved(e: Evidence) -> Cause | None:
    """Recognise numbers that float16 can hold, close to PyTorch's, which it cannot."""
    if not e.same_shape or e.yours.size < 3:
        return None
    if not e.is_gradient and "bias" in e.case.inputs:
        e = e.without_bias()
    holds = [
        np.allclose(np.asarray(a, np.float16).astype(float), a, rtol=1e-6)
        for a in (e.yours, e.expected)
    ]
    close = np.allclose(e.yours, e.expected, rtol=1e-2, atol=1e-2)
    return say("dtype", "all digits but three") if close and holds == [True, False] else None


def rounded(e: Evidence) -> Cause | None:
    """Recognise PyTorch's numbers, rounded to some digits after the point."""
    for shown in (e, e.without_bias()) if not e.is_gradient and "bias" in e.case.inputs else (e,):
        for digits in range(9) if e.same_shape else ():
            other = np.round(shown.expected, digits)
            if other.any() and shown.tells_apart(other):
                return say("inexact", f"after {digits} digits")
    return None


def zero(e: Evidence) -> Cause | None:
    """Recognise nothing but zeros."""
    return say("zero", "everywhere") if e.same_shape and not e.yours.any() else None


def sign(e: Evidence) -> Cause | None:
    """Recognise the other sign everywhere."""
    return say("sign", "everywhere") if e.is_(-e.expected) and e.expected.any() else None


def scaled(e: Evidence) -> Cause | None:
    """Recognise one factor everywhere; one over a count of what is summed is an average."""
    factor = ratio(e.yours, e.expected)
    if factor is None:
        return None
    sizes = counts(e)
    if divisor := next((n for n in sizes if np.isclose(factor * n, 1)), None):
        return say("averaged", "everywhere", sizes[divisor])
    shape = e.case.inputs.get("x", e.expected).shape
    for n, m in permutations(set(shape), 2):
        if np.isclose(factor, n / m):
            return say("scaled", "everywhere", "a ratio of sizes", ": one axis' size for another's")
    if times := next((n for n in sizes if np.isclose(factor, n)), None):
        return say("scaled", "everywhere", "too many", f": {sizes[times]}")
    return say("scaled", "everywhere", f"{factor:.4g}")


def offset(e: Evidence) -> Cause | None:
    """Recognise one number added everywhere, or along an axis: the logarithm of a factor."""
    if not e.same_shape or e.yours.size < 4 or e.is_gradient:
        return None
    gap = e.yours - e.expected
    if gap.any() and same(gap, np.full_like(gap, gap.flat[0])):
        sizes = counts(e)
        logs = [what for n, what in sizes.items() if np.isclose(abs(gap.flat[0]), np.log(n))]
        return say("averaged", "everywhere", logs[0]) if logs else say("offset", "", "everywhere")
    for axis, size in enumerate(gap.shape):
        first = np.take(gap, [0], axis)
        if size > 1 and gap.any() and np.allclose(gap, first, rtol=1e-6):
            return say("offset", f"axis {axis}", f"along axis {axis}")
    return None


def not_summed(e: Evidence) -> Cause | None:
    """Recognise an array that is PyTorch's once axes are summed."""
    a, b = e.yours, e.expected
    if a.ndim <= b.ndim or a.size <= b.size:
        return None
    for axes in combinations(range(a.ndim), a.ndim - b.ndim):
        if same(a.sum(axes), b):
            said = axes_in_words(axes)
            return say("not_summed", said, said)
    return None


def all_pairs(e: Evidence) -> Cause | None:
    """Recognise a table of all pairs, with PyTorch's numbers on its diagonal."""
    table = e.yours.ndim == 2 and e.expected.ndim == 1 and len(set(e.yours.shape)) == 1
    return (
        say("all_pairs", "axes 0 and 1") if table and same(e.yours.diagonal(), e.expected) else None
    )


def summed_away(e: Evidence) -> Cause | None:
    """Recognise sums over other axes, or spread over the axis that was summed."""
    a, b = e.yours, e.expected
    if not e.is_gradient:
        return None
    if a.shape != b.shape:
        total = a.ndim <= b.ndim and np.isclose(a.sum(), b.sum())
        picked = same(np.sort(a, None), np.sort(b[b != 0], None))  # and nothing is summed
        return say("summed_over_wrong_axis", f"shape {a.shape}") if total and not picked else None
    for axis, size in enumerate(b.shape):
        if size > 1 and same(a, np.broadcast_to(b.sum(axis, keepdims=True), b.shape)):
            return say("summed_over_wrong_axis", f"axis {axis}", f": axis {axis} is kept")
        if size > 1 and same(a, np.broadcast_to(b.mean(axis, keepdims=True), b.shape)):
            return say("averaged", f"axis {axis}", f"the length of axis {axis}")
    return None


def boundary(e: Evidence) -> Cause | None:
    """Recognise what is wrong at the first or the last index of an axis only."""
    if not e.same_shape:
        return None
    wrong = ~near(e.yours, e.expected)
    for axis in range(wrong.ndim):
        along = wrong.any(tuple(i for i in range(wrong.ndim) if i != axis))
        for side, end in (("first", 0), ("last", -1)):
            if len(along) > 1 and along[end] and along.sum() == 1:
                return say("boundary", f"axis {axis}", side, axis, "the result")
            alone = along.sum() == len(along) - 1 and not along[end]
            if len(along) > 2 and alone and not e.yours[wrong].any():
                return say("boundary", f"axis {axis}", "rest after the " + side, axis, "the result")
    return None


def leaks(e: Evidence) -> Cause | None:
    """Recognise numbers where PyTorch has zeros, with the rest right, or the total."""
    if not e.same_shape:
        return None
    none = e.expected == 0
    there = near(e.yours, e.expected)
    if none.sum() < 2 or none.all() or (e.yours[none] != 0).mean() < 0.5:
        return None
    if there[~none].all():
        return say("leaks", "where PyTorch's is zero")
    spread = np.isclose(e.yours.sum(), e.expected.sum())
    return say("averaged", "each window", "the number of its cells") if spread else None


def saturates(e: Evidence) -> Cause | None:
    """Recognise numbers that stop at a limit where PyTorch's go on."""
    if e.is_gradient or not e.same_shape or e.yours.size < 4:
        return None
    wrong = ~near(e.yours, e.expected)
    for limit, limited in (
        (e.yours.min(), np.maximum(e.expected, e.yours.min())),
        (e.yours.max(), np.minimum(e.expected, e.yours.max())),
    ):
        if wrong.any() and not wrong.all() and same(e.yours, limited):
            side = "below" if limit == e.yours.min() else "above"
            return say("saturates", f"{side} a limit", side)
    return None


def scaled_by_sizes(e: Evidence) -> Cause | None:
    """Recognise a factor that is another one in each case."""
    several = np.count_nonzero(e.expected) > 2
    if not several or ratio(e.yours, e.expected) is None:
        return None
    return say("scaled", "everywhere", "a number that depends on the sizes")


FINGERPRINTS = (
    places.squeezed, zero, sign, places.transposed, places.flipped, scaled, not_summed, all_pairs,
    places.not_cropped, places.shifted, places.permuted, leaks, summed_away,
)  # fmt: skip


def ratio(yours: np.ndarray, expected: np.ndarray) -> float | None:
    """Return the factor between two arrays, if it is one and neither 0 nor 1."""
    if yours.shape != expected.shape or not expected.any() or not np.isfinite(yours).all():
        return None
    factor = float((yours * expected).sum() / (expected * expected).sum())
    alike = same(yours, factor * expected) and not np.isclose(factor, [0.0, 1.0], rtol=1e-9).any()
    return factor if alike else None


def counts(e: Evidence) -> dict[float, str]:
    """Return the numbers that a sum may have been divided by, and what each counts."""
    x = e.case.inputs.get("x", e.expected)
    names = ("the batch", "axis 1", "the rows", "the columns")
    sizes = dict(zip(names, x.shape, strict=False))
    found = {float(n): f"the size of {name}" for name, n in sizes.items()}
    shape = e.answer["output"].shape if "output" in e.answer else ()
    for k in range(1, len(shape) + 1):
        for axes in combinations(range(len(shape)), k):
            n = float(np.prod([shape[i] for i in axes]))
            found.setdefault(n, f"the number of outputs along {axes_in_words(axes)}")
    if isinstance(k := e.case.options.get("kernel_size"), int):
        found.setdefault(float(k * k), "the cells of a window")
    if "weight" in e.case.inputs:
        found.setdefault(float(np.prod(e.case.inputs["weight"].shape[2:])), "the kernel's cells")
    return {n: what for n, what in found.items() if n > 1}
