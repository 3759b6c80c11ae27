"""Which step of an optimizer is the first to be wrong."""

from typing import Any

import numpy as np

from pt_reference.check.compare import difference

Arrays = dict[str, np.ndarray]

CLEAR = 1e-5  # relative: more than an eps beside a gradient makes


def wrong_step(name: str, steps: int, start: np.ndarray, found: Arrays, expected: Arrays) -> Any:
    """Return the first of a parameter's steps that is clearly wrong; None if all are right.

    It is returned as what `Ledger.fail` takes.
    In its first step Adamax moves by lr, whatever the size of the gradient: many a mistake shows
    there in the last digits alone, and clearly in the step after.
    """
    ends = [found[f"{name}.step{t}"] for t in range(1, steps + 1)]
    still = all(np.array_equal(end, start) for end in ends)
    first = None
    yours_before = right_before = start
    for step, yours in enumerate(ends, start=1):
        right = expected[f"{name}.step{step}"]
        if yours.shape != right.shape or yours.dtype != right.dtype:
            problem = "dtype" if yours.shape == right.shape else "shape"
            text = f"{right.dtype}{right.shape} became {yours.dtype}{yours.shape}"
            return first or {"problem": problem, "text": text, "step": step}
        move, right_move = yours - yours_before, right - right_before
        rounding = 4 * float(np.finfo(right.dtype).eps * np.abs(right).max(initial=0))
        if wrong := difference(move, right_move, rounding):
            problem = "not_in_place" if still else "values"
            this = {"problem": problem, "yours": move, "expected": right_move, "step": step}
            if not wrong.max_abs_error <= CLEAR * np.abs(right_move).max():  # a NaN is clear
                return this
            first = first or this
        yours_before, right_before = yours, right
    return first
