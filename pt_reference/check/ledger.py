"""What disagrees in a layer, case by case; and in the end, the findings."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np

from pt_reference.check.cases import Case
from pt_reference.check.causes import diagnose
from pt_reference.check.compare import difference
from pt_reference.check.conventions import convention
from pt_reference.check.results import ERROR, NOTE, Failure, Finding, LayerReport

Arrays = dict[str, np.ndarray]

ORDER = (
    "import",
    "determinism",
    "forward",
    "backward",
    "optimizer",
    "side effects",
    "refusal",
    "initialisation",
)
NOTES = ("beyond_contract", "uses_pytorch")
_VAGUE = ("raises", "shape")
_NARROW = ("float32", "float16")


class Ledger:
    """The failures of a layer, and the cases in which a quantity is right."""

    def __init__(self, report: LayerReport) -> None:
        self.report = report
        self.failures: list[Failure] = []
        self.passed: dict[str, list[Case]] = defaultdict(list)  # by quantity

    def fail(
        self,
        case: Case,
        check: str,
        where: str,
        problem: str,
        yours: np.ndarray | None = None,
        expected: np.ndarray | None = None,
        text: str = "",
        step: int = 0,
    ) -> Failure:
        """Write down that a case fails."""
        if case.other_call and problem in ("values", "shape", "raises"):  # alone it is right
            problem, text = "stateful", f"{where} is wrong after another call, with other numbers"
        failure = Failure(case, check, where, problem, yours, expected, text=text, step=step)
        failure = replace(failure, convention=convention(self.report.name, failure))
        self.failures.append(failure)
        return failure

    def skip(self, why: str) -> None:
        """Count a case that is not tried."""
        self.report.skipped[why] = self.report.skipped.get(why, 0) + 1

    def compare(
        self,
        case: Case,
        check: str,
        name: str,
        header: dict[str, Any],
        found: Arrays,
        expected: Arrays,
    ) -> Failure | None:
        """Compare an array of the student's with PyTorch's: there, shape, type, values."""
        right = expected[name]
        if name not in found:
            if name in header["missing"]:
                text = f"{name} is {_a(header['missing'][name])}"
                return self.fail(case, check, name, "missing", text=text)
            return None
        self.report.count(name, case.name)
        yours, dtype = found[name], header["types"][name] or right.dtype.name
        if yours.shape != right.shape:
            text = f"{name} has the shape {yours.shape}, PyTorch's has {right.shape}"
            return self.fail(case, check, name, "shape", yours, right, text=text)
        narrowed = dtype in _NARROW and right.dtype.itemsize > np.dtype(dtype).itemsize
        at_most = (
            difference(_as(dtype, yours), _as(dtype, right))
            if narrowed
            else difference(yours, right)
        )
        if at_most:
            return self.fail(case, check, name, "values", yours, right)
        if dtype != right.dtype.name:
            text = f"{name} is {dtype}, where the input is {right.dtype}"
            return self.fail(case, check, name, "dtype", yours, right, text=text)
        self.passed[name].append(case)
        return None

    def findings(self) -> list[Finding]:
        """Return one finding for each quantity and kind of mistake, the most fundamental first."""
        groups: dict[tuple[str, ...], list[Failure]] = defaultdict(list)
        for f in self.failures:
            problem = "values" if f.problem == "shape" else f.problem
            groups[f.check, f.where, problem, f.convention].append(f)
        for key in [key for key in groups if key[2] == "not_in_place"]:
            if moves := groups.get((*key[:2], "values", key[3])):  # its later steps do move
                moves[:0] = [replace(f, problem="values") for f in groups.pop(key)]
        found = [self._finding(group) for group in groups.values() if not self._follows(group)]
        return _explained(sorted(found, key=_importance))

    def _follows(self, group: list[Failure]) -> bool:
        """Return whether a group need not be told: it is of special cases, and plain ones fail."""
        return all(_is_special(f) for f in group) and any(
            not _is_special(f) and f.problem not in NOTES and f.check != "initialisation"
            for f in self.failures
        )

    def _finding(self, group: list[Failure]) -> Finding:
        smallest = min(group, key=_plainness)
        known = [f.fits for f in group if f.fits is not None]
        smallest = replace(smallest, fits=known[0] if known else None)
        cause = diagnose(self.report.name, group, self.passed[group[0].where])
        first = group[0]
        note = first.problem in NOTES or first.convention or first.check == "initialisation"
        index = error = None
        if smallest.problem == "values" and (
            wrong := difference(smallest.yours, smallest.expected)
        ):
            index, error = wrong.index, wrong.max_abs_error
        names = tuple(dict.fromkeys(f.case.name for f in group))
        return Finding(smallest, cause, NOTE if note else ERROR, names, index, error)


def _importance(finding: Finding) -> tuple[bool, int, int]:
    """Return the key by which findings are told in order.

    Of one check, numbers tell more than an error, and an error more than a shape.
    """
    tells = _VAGUE.index(finding.cause.id) + 1 if finding.cause.id in _VAGUE else 0
    return finding.severity != ERROR, ORDER.index(finding.check), tells


def _explained(findings: list[Finding]) -> list[Finding]:
    """Put an array that is changed before what it may explain: nothing else does for certain."""
    vague = ("_differs", "raises", "shape", "ignores_option", "misuses_option")
    if not findings or not any(word in findings[0].cause.id for word in vague):
        return findings
    return sorted(findings, key=lambda f: not f.cause.id.startswith("mutates_"))


def _is_special(failure: Failure) -> bool:
    return failure.case.beyond or bool(failure.case.convention)


def _plainness(failure: Failure) -> tuple[bool, bool, int, int]:
    """Return the key by which the example to show is the smallest of the plain ones."""
    case = failure.case
    odd = case.layout != "C" or bool(case.other_call) or case.dtype != np.float64
    return _is_special(failure), odd, len(case.options), case.size


def _as(dtype: str, array: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return array.astype(dtype)


def _a(kind: str) -> str:
    """Return in words what is no array of numbers, or too large a one."""
    if kind.startswith("array of"):
        return f"an {kind}"
    return f"{'None' if kind == 'NoneType' else f'a {kind}'}, not an array"
