"""The order of the questions, and how many failures must answer alike."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from pt_reference.check.cases import Case
from pt_reference.check.causes import (
    arrays,
    backward,
    forward,
    losses,
    options,
    padding,
    stand_ins,
    updates,
)
from pt_reference.check.causes.evidence import Evidence
from pt_reference.check.causes.words import say, seen
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import Cause, Failure

AT_MOST = 8  # failures that are looked at
AGREE = 0.6  # of them must look like the same mistake

CONVENTIONS = {
    "ties": "of equal maxima, PyTorch gives the gradient to the first; yours chooses otherwise",
    "kink": "at 0 ReLU has no derivative: PyTorch says 0, yours says otherwise",
    "nan": "NaN or infinity goes another way than in PyTorch",
    "infinity": "infinity goes another way than in PyTorch",
    "empty_mean": "the mean of nothing is NaN in PyTorch",
}


def diagnose(layer: str, failures: Sequence[Failure], passed: Sequence[Case] = ()) -> Cause:
    """Return what the failures of one quantity look like; ``passed``: the cases it is right in."""
    plain = [f for f in failures if not f.case.beyond]
    failures = plain or failures  # what a file need not take tells less
    first = failures[0]
    if first.convention:
        return Cause(
            f"convention:{first.convention}", first.case.name, CONVENTIONS[first.convention]
        )
    if first.problem == "beyond_contract":
        names = ", ".join(dict.fromkeys(f.case.name for f in failures))
        return Cause(first.problem, f"PyTorch also takes: {names}", f"PyTorch also takes: {names}")
    if first.problem == "not_in_place":
        several = updates.several_parameters(layer, failures, passed)
        return several or say(first.problem, first.where)
    if first.problem == "raises":
        found = options.layout(layer, failures, passed)
        found = found or options.by_pattern(layer, failures, passed)
        return replace(found or seen("raises", first.where, ""), cause=first.text)
    if first.problem not in ("values", "shape"):
        return seen(first.problem, first.where, first.text)
    if first.check == "optimizer":
        return _update(layer, failures, passed)
    return _array(layer, failures, passed)


def _update(layer: str, failures: Sequence[Failure], passed: Sequence[Case]) -> Cause:
    """Return what the wrong updates look like."""
    for pattern in (options.layout, updates.several_parameters, options.default_by_pattern):
        if cause := pattern(layer, failures, passed):
            return cause
    evidence = [updates.Update(layer, f) for f in _telling(failures)]
    large_eps = [e for e in evidence if "eps" in e.case.options]  # where it can be seen best
    return (
        _first(updates.OF_OPTIONS, evidence)
        or _first((updates.eps_left_out,), large_eps or evidence)
        or options.by_pattern(layer, failures, passed)
        or _first(updates.OF_NUMBERS, evidence)
        or say("update_differs", failures[0].where)
    )


def _array(layer: str, failures: Sequence[Failure], passed: Sequence[Case]) -> Cause:
    """Return what wrong outputs or gradients look like."""
    evidence = [Evidence(layer, f) for f in _telling(failures)]
    if cause := options.layout(layer, failures, passed) or options.ties(layer, failures, passed):
        return cause
    # Before large numbers are blamed.
    cut_off = (padding.padding_value, arrays.saturates, forward.input_cut_off)
    if cause := _first(cut_off, evidence):
        return cause
    if cause := options.extremes(layer, failures, passed):
        return cause
    before = (
        arrays.not_finite, arrays.halved, arrays.rounded, arrays.inexact, options.left_out,
        options.exchanged, forward.bias, forward.axis,
    )  # fmt: skip
    if cause := _first(before, evidence):
        return cause
    if cause := options.default_by_pattern(layer, failures, passed):
        return cause
    gradient = failures[0].check == "backward"
    if not gradient and any("bias" in e.case.inputs for e in evidence):
        with suppress(ValueError):  # a bias does not fit every array
            before_bias = [e.without_bias() for e in evidence]
            if cause := _first(arrays.FINGERPRINTS, before_bias):
                return cause
    usual = any(case.name == "base" for case in passed) and "reduction" in LAYERS[layer].options
    questions = (
        *(() if gradient or usual else (options.other_value,)),
        *arrays.FINGERPRINTS,
        *(backward.COUNTERFACTUALS if gradient else ()),
        *forward.COUNTERFACTUALS,
        *stand_ins.QUESTIONS,
        losses.other_divisor,
    )
    if cause := _first(questions, evidence):
        # What is moved only where rows and columns differ has got the other's setting.
        crossed = cause.id == "shifted" and options.not_square(layer, failures, passed)
        return crossed or cause
    for pattern in (options.not_square, options.wrong_size, options.by_pattern):
        if cause := pattern(layer, failures, passed):
            return cause
    if cause := _first((arrays.scaled_by_sizes, arrays.offset, arrays.boundary), evidence):
        return cause
    smallest = next((f for f in failures if f.problem == "shape"), None)
    if smallest is not None:
        return say("shape", smallest.where, smallest.text)
    return say("backward_differs" if gradient else "forward_differs", failures[0].where)


def _telling(failures: Sequence[Failure]) -> list[Failure]:
    """Return the failures that tell most: plain cases, and more than one number."""
    known = [f for f in failures if f.yours is not None and f.expected is not None]
    known = [f for f in known if f.expected.size] or known
    several = [f for f in known if max(f.yours.size, f.expected.size) > 1] or known
    return sorted(several, key=_oddness)[:AT_MOST]


def _oddness(failure: Failure) -> tuple[bool, bool, bool]:
    case = failure.case
    return case.beyond, bool(case.convention), case.layout != "C" or case.dtype != np.float64


def _first(
    questions: Sequence[Callable[[Evidence], Cause | None]], evidence: Sequence[Evidence]
) -> Cause | None:
    """Return the first cause that enough failures agree on."""
    return next((c for question in questions if (c := _agreed(question, evidence))), None)


def _agreed(question: Callable[..., Cause | None], evidence: Sequence[Evidence]) -> Cause | None:
    """Return the cause that enough failures look like, as the first of them says it."""
    found: list[Cause] = []
    for i, e in enumerate(evidence):
        with np.errstate(all="ignore"), suppress(IndexError, ValueError):  # of another shape
            if cause := question(e):
                found.append(cause)
        if len(found) + len(evidence) - i - 1 < AGREE * len(evidence):
            return None  # too many say no already
    (_, times), *_ = Counter(map(_kind, found)).most_common(1)
    known = next(c for c in found if times == sum(_kind(c) == _kind(other) for other in found))
    return known if times >= AGREE * len(evidence) else None


def _kind(cause: Cause) -> str:
    """Return what must agree: of a factor, the factor too."""
    return cause.cause if cause.id == "scaled" else cause.id
