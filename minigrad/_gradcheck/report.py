"""What gradcheck says: which derivative is wrong, by how much, and what it did not compare."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from minigrad._gradcheck.differences import KINK, NOT_FINITE
from minigrad._gradcheck.jacobian import Comparison
from minigrad.tensor import Array


def skipped(comparison: Comparison) -> str:
    """Return a sentence on the derivatives that could not be compared; empty if there are none."""
    reasons = []
    for verdict, where in (
        (KINK, "on a kink (the value of backward lies between the slopes on both sides)"),
        (NOT_FINITE, "where the function is not finite one step away"),
    ):
        count = int((comparison.verdicts == verdict).sum())
        if count:
            reasons.append(f"{count} {where}")
    total = comparison.verdicts.size
    return f"Not compared, of {total} derivatives: {', '.join(reasons)}." if reasons else ""


def mismatch(comparison: Comparison) -> str:
    """Return the report on a Jacobian that is wrong: on its first pair of output and input."""
    f, wrong = comparison.differences.f, comparison.wrong
    blocks = {
        (output, input): np.ix_(rows, columns)
        for output, rows in _parts(f.outputs, f.output_starts, range(len(wrong)))
        for input, columns in _parts(f.inputs, f.input_starts, comparison.columns)
    }
    (first, block), *others = [(p, b) for p, b in blocks.items() if wrong[b].any()]
    lines = [
        "Jacobian mismatch for output {} with respect to input {},".format(*first),
        f"{wrong[block].sum()} of {wrong[block].size} derivatives are wrong. The worst is",
        *_worst(comparison, block),
        *_ratio(comparison, block),
        *[
            "Also wrong: output {} with respect to input {}, ".format(*pair)
            + f"{wrong[b].sum()} of {wrong[b].size}."
            for pair, b in others
        ],
        _looked_at(comparison),
        skipped(comparison),
    ]
    return "\n".join([line for line in lines if line])


def _looked_at(comparison: Comparison) -> str:
    looked, n = len(comparison.columns), len(comparison.differences.x)
    if looked == n:
        return ""
    return f"Fast mode: the derivatives by {looked} of {n} input elements were looked at."


def _parts(
    numbers: Iterable[int], starts: Array, elements: Iterable[int]
) -> list[tuple[int, Array]]:
    """Return, for each tensor, which of the elements belong to it."""
    owner = np.searchsorted(starts, np.array(list(elements)), side="right") - 1
    return [(number, np.flatnonzero(owner == part)) for part, number in enumerate(numbers)]


def _worst(comparison: Comparison, block: tuple[Array, ...]) -> list[str]:
    """Describe the derivative in a block that is farthest off."""
    differences, f = comparison.differences, comparison.differences.f
    errors = np.abs(comparison.analytic[block] - comparison.numeric[block])
    errors = np.where(comparison.wrong[block], np.nan_to_num(errors, nan=np.inf), -1)
    # The first of those that are equally far off.
    worst = np.argmax(errors >= errors.max() * (1 - 1e-6))
    row, column = np.unravel_index(worst, errors.shape)
    j, c = int(block[0][row, 0]), int(block[1][0, column])
    i = comparison.columns[c]
    finding = differences.judge(i, comparison.analytic[:, c])
    analytic, numeric = comparison.analytic[j, c], finding.numeric[j]
    lines = [
        f"  d {f.output_name(j)} / d {f.input_name(i)}",
        f"  analytical: {analytic:.10g} (by backward)",
    ]
    if finding.kinked[j]:
        left, right = f"{finding.left[j]:.6g}", f"{finding.right[j]:.6g}"
        if left == right:
            return [*lines, f"  numerical:  {left} beside this jump"]
        return [
            *lines,
            f"  numerical:  {left} to the left and {right} to the right of this kink; "
            "any value between them would be right",
        ]
    error = abs(analytic - numeric)
    relative = f", relative error {error / abs(numeric):.3g}" if numeric else ""
    return [
        *lines,
        f"  numerical:  {numeric:.10g} (by differences)",
        f"  absolute error {error:.3g}{relative}; allowed {finding.tolerance[j]:.1g}",
    ]


def _ratio(comparison: Comparison, block: tuple[Array, ...]) -> list[str]:
    """Say so if all derivatives are wrong by the same factor."""
    analytic, numeric = comparison.analytic[block], comparison.numeric[block]
    clear = np.abs(numeric) > 1e-3 * np.abs(numeric).max()
    if clear.sum() < 2 or not comparison.wrong[block][clear].all():
        return []
    ratios = analytic[clear] / numeric[clear]
    if not np.allclose(ratios, ratios[0], rtol=1e-5, atol=0):
        return []
    if not ratios[0]:
        return ["Every analytical value is 0."]
    if np.isclose(ratios[0], -1, rtol=1e-5):
        return ["Every analytical value is the numerical one with the opposite sign."]
    return [f"Every analytical value is {ratios[0]:.6g} times the numerical one."]
