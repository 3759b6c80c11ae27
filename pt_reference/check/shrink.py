"""The smallest case that shows a finding.

From the smallest case that was tried, everything is made simpler that can be while the same
quantity disagrees with PyTorch in the same way, and looks like the same mistake: what is passed,
the sizes, the numbers. Of what remains nothing can be left out alone. The search is greedy and
without chance, so that a file and a seed have one example.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from pt_reference.check import oracle
from pt_reference.check.cases import Case
from pt_reference.check.causes import diagnose
from pt_reference.check.compare import difference
from pt_reference.check.results import Cause, Failure, Finding
from pt_reference.check.simpler import Knob, all_arrays, calls, in_order, numbers, sizes

Attempt = Callable[[Case], Sequence[Failure]]  # what fails in a case
Kind = tuple[str, ...]
Tells = Callable[[Cause, Cause], bool]

CHECKS = ("forward", "backward", "optimizer", "refusal")
PROBLEMS = ("values", "shape", "dtype", "missing", "raises", "not_in_place", "accepts_invalid")
OF_OPTIONS = ("ignores_option", "misuses_option", "wrong_default")  # an option stays all the same
TRIES = 150  # of a finding; most need 20
SECONDS = 4.0  # of a finding, should the student's code, or the machine, be slow


def shrunken(layer: str, finding: Finding, passed: Sequence[Case], attempt: Attempt) -> Finding:
    """Return a finding with a smaller example; with the same, if there is none."""
    failure = finding.failure
    if failure.check not in CHECKS or failure.problem not in PROBLEMS:
        return finding
    if failure.convention == "empty_mean":  # there is nothing to leave out
        return finding
    search = Search(layer, finding, passed, attempt)
    found = search.smallest()
    if found is None:
        return finding
    name = f"{failure.case.name}, made smaller"
    smallest = replace(found, case=replace(found.case, name=name), fits=failure.fits)
    worst = None
    if smallest.problem == "values":
        worst = difference(smallest.yours, smallest.expected)
    return replace(
        finding,
        failure=smallest,
        cause=search.cause_of(found),
        index=worst.index if worst else None,
        max_abs_error=worst.max_abs_error if worst else None,
    )


class Search:
    """A search among the cases that show a finding."""

    def __init__(
        self, layer: str, finding: Finding, passed: Sequence[Case], attempt: Attempt
    ) -> None:
        self.layer = layer
        self.finding = finding
        self.passed = passed  # in these the quantity is right
        self.attempt = attempt
        self.wanted = _kind(finding.failure)
        self.finite = _finite(*finding.failure.case.inputs.values())
        self.allowed: set[Kind] = set()  # what may fail beside it
        self.tells: Tells | None = None  # how much one case alone tells of the cause
        self.known: dict[object, Failure | None] = {}
        self.tries = 0
        self.end = time.monotonic() + SECONDS

    def smallest(self) -> Failure | None:
        """Return the smallest example, None if the first is not one: it cannot be repeated."""
        case = replace(self.finding.failure.case, repeat=0)
        self.allowed = {_kind(f) for f in self._failures(case)}
        best = self._try(case)
        if best is None:
            return None
        self.tells = next((told for told in (_exactly, _shortly) if self._told(best, told)), None)
        simpler = best
        while simpler:
            best, simpler = simpler, self._round(simpler)
        again = self._failures(best.case)
        return best if any(_kind(f) == self.wanted for f in again) else None

    def _round(self, best: Failure) -> Failure | None:
        """Turn every knob once, as far as it goes; return None if nothing is simpler then."""
        first = best
        best = self._turn(sizes, self._turn(calls, best))
        if best.check == "backward" and best.case.grad_output is None:
            drawn = oracle.answer(self.layer, best.case)["grad_output"]
            best = replace(best, case=replace(best.case, grad_output=drawn))
        numbers_matter = best.problem in ("values", "not_in_place")
        best = self._turn(numbers if numbers_matter else in_order, best)
        return best if best.case is not first.case else None

    def _turn(self, knobs: Callable[[str, Case], Iterator[Knob]], best: Failure) -> Failure:
        for knob in knobs(self.layer, best.case):
            while simpler := next((f for c in knob(best.case) if (f := self.shown_by(c))), None):
                best = simpler
        return best

    def shown_by(self, case: Case) -> Failure | None:
        """Return the failure in which a case shows the finding, None if it does not."""
        key = _content(case)
        if key in self.known:
            return self.known[key]
        if self.tries >= TRIES or time.monotonic() > self.end:
            return None
        self.tries += 1
        self.known[key] = found = self._try(case)
        return found

    def _try(self, case: Case) -> Failure | None:
        if _finite(*case.inputs.values()) != self.finite:
            return None  # infinities and NaN go their own ways
        failures = self._failures(case)
        if not {_kind(f) for f in failures} <= self.allowed:
            return None  # something else goes wrong, and may be why
        found = next((f for f in failures if _kind(f) == self.wanted), None)
        if found is None or _finite(found.expected) != _finite(self.finding.failure.expected):
            return None  # it is the mean of nothing, say, where conventions differ
        return found if self.tells is None or self._told(found, self.tells) else None

    def _failures(self, case: Case) -> list[Failure]:
        """Return what is wrong in a case: of forward, if that is in question, alone."""
        if self.finding.check == "forward":
            found = self.attempt(replace(case, forward_only=True))
            return [replace(f, case=case) for f in found]
        found = self.attempt(case)
        if self.finding.failure.problem == "values":  # a first step of nothing, then others
            return [
                replace(f, problem="values") if f.problem == "not_in_place" else f for f in found
            ]
        return list(found)

    def _told(self, failure: Failure, tells: Tells) -> bool:
        """Return whether a failure alone looks like the mistake, and not like another one."""
        cause = self.finding.cause
        if cause.id.endswith("_differs") or cause.id.partition(":")[0] in OF_OPTIONS:
            return False  # arrays do not tell it
        return tells(diagnose(self.layer, [failure], self.passed), cause)

    def cause_of(self, failure: Failure) -> Cause:
        """Return the cause; where its hint names the example's shapes, those of this example."""
        if failure.problem == "values" or self.tells is not _exactly:
            return self.finding.cause
        return diagnose(self.layer, [failure], self.passed)


def _exactly(alone: Cause, cause: Cause) -> bool:
    return (alone.id, alone.axis) == (cause.id, cause.axis)


def _shortly(alone: Cause, cause: Cause) -> bool:
    return alone.id == cause.id


def _kind(failure: Failure) -> Kind:
    """Return what is wrong, and how; of an error, its type and the line it comes from."""
    said = failure.text if failure.problem == "raises" else ""
    kind, line = said.partition(":")[0], said.rpartition("(line ")[2] if "(line " in said else ""
    return failure.check, failure.where, failure.problem, failure.convention, kind, line


def _finite(*arrays: np.ndarray | None) -> bool:
    return all(array is None or np.isfinite(array).all() for array in arrays)


def _content(case: Case) -> object:
    """Return all that makes a case what it is."""
    arrays = all_arrays(case)
    written = {k: v for k, v in case.options.items() if not isinstance(v, np.ndarray)}
    shown = [(k, v.shape, v.dtype.str, v.tobytes()) for k, v in sorted(arrays.items())]
    return repr(written), tuple(shown), case.layout, case.steps, case.same_arrays
