"""One layer of a file: its cases in order, and what disagrees in each."""

import time
from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np

from pt_reference.check import initialisation, oracle
from pt_reference.check.cases import Case
from pt_reference.check.compare import difference, fits, same, where_to_look
from pt_reference.check.contract import GRADIENTS, LAYERS
from pt_reference.check.ledger import Ledger
from pt_reference.check.results import (
    CRASHED,
    ERROR,
    FAIL,
    NOT_ATTEMPTED,
    PASS,
    TIMED_OUT,
    Failure,
    LayerReport,
)
from pt_reference.check.sandbox import Ended, Sandbox
from pt_reference.check.shrink import shrunken
from pt_reference.check.steps import wrong_step

Arrays = dict[str, np.ndarray]

WITH_DIFFERENCES = 3  # cases in which a gradient is also held against differences
OF_TENSORS = ("Module", "Function", "Optimizer")
CAUSES = {  # of an error
    "MemoryError": "out_of_memory",
    "SystemExit": "exits",
    "KeyboardInterrupt": "exits",
    "Forbidden": "forbidden",
}
INPUTS = {gradient: name for name, gradient in GRADIENTS.items()}


class LayerCheck:
    """The checks of one layer, in their order."""

    def __init__(
        self,
        sandbox: Sandbox,
        report: LayerReport,
        found: dict[str, Any],
        seed: int,
        shrink: bool = True,
    ) -> None:
        self.sandbox = sandbox
        self.report = report
        self.layer = LAYERS[report.name]
        self.found = found  # what the file defines: the style, the options it lacks
        self.lacks: list[str] = found["lacks"]
        report.style = found["style"]
        self.seed = seed
        self.shrink = shrink
        self.ledger = Ledger(report)
        self.cases: list[Case] = []
        self.differentiated: dict[str, int] = defaultdict(int)
        self.unimplemented = 0

    def run(self) -> None:
        """Try all cases. What ends the process ends the layer, and is said."""
        start = time.perf_counter()
        self.report.verdict = PASS
        self.sandbox.torch_calls.clear()
        answers = oracle.answers(self.layer.name, self.seed)
        self.cases = [case for case, _ in answers]
        try:
            for case, expected in answers:
                if missing := [k for k in (*case.options, *case.needs) if k in self.lacks]:
                    self.ledger.skip(f"no option {missing[0]}")
                elif self._stop():
                    self.ledger.skip("what it returns changes from call to call")
                elif time.perf_counter() - start > self.sandbox.limits.layer_seconds:
                    self.ledger.skip("the layer's time is used up")
                else:
                    self._try_alone_first(case, expected)
            self._drawn()
        except Ended as end:
            self.report.verdict = TIMED_OUT if end.cause == "timed_out" else CRASHED
            self.report.text = f"{end.text} (in the case '{case.name}')"
            self.ledger.failures.insert(
                0, Failure(case, "import", "process", end.cause, text=end.text)
            )
        self._torch_calls()
        self.report.findings = self.ledger.findings()
        if self.report.verdict == PASS:
            self.report.verdict = self._verdict()
        if self.shrink and self.sandbox.alive and not self._stop():
            self._shrink()
        if self.report.verdict == NOT_ATTEMPTED:
            self.report.findings = []
        self.report.seconds = time.perf_counter() - start

    def _verdict(self) -> str:
        """Return the verdict of a layer that has not ended the process."""
        problems = {f.failure.problem for f in self.report.findings if f.severity == ERROR}
        if problems & {"exits", "out_of_memory"}:
            return CRASHED
        computed = set(self.report.ran) - {"initialisation", "refusal"}
        if self.unimplemented and not computed and not problems:
            return NOT_ATTEMPTED
        return FAIL if problems else PASS

    # One case

    def _try_alone_first(self, case: Case, expected: Arrays) -> None:
        """Try a case with another call in it only if it is right without."""
        before = len(self.ledger.failures)
        if case.other_call:
            self._try(replace(case, name="small", other_call=""), expected)
        if len(self.ledger.failures) == before:
            self._try(case, expected)

    def _try(self, case: Case, expected: Arrays) -> None:
        header, found = self._ask("step" if case.steps else "run", case, expected)
        if case.invalid:
            self._refusal(case, header, found)
            return
        error = header.get("error")
        if error and error["type"] == "NotImplementedError":
            self.ledger.skip(f"{header['stage']} is not implemented")
            if "output" not in found:
                self.unimplemented += 1
                return
            error = None
        answered = "output" in found and "output" in expected
        if answered and case.beyond and not same(found["output"], expected["output"]):
            error = None  # it takes the input, and computes it wrongly
        if case.beyond and error:
            self.ledger.fail(case, "forward", "input", "beyond_contract", text=_said(error))
            return
        before = len(self.ledger.failures)
        if case.steps:
            self._updates(case, found, expected)
        else:
            self.ledger.compare(case, "forward", "output", header, found, expected)
            shape_fits = all(
                f.problem in ("values", "dtype") for f in self.ledger.failures[before:]
            )
            if shape_fits:
                self._gradients(case, header, found, expected)
            if error and header["stage"] == "backward" and not shape_fits:
                error = None  # backward was given a gradient of the right shape
        if error:
            self._error(case, header["stage"], error)
        self._side_effects(case, header)
        self._repeats(case, found)

    def _ask(
        self, do: str, case: Case, expected: Arrays, more: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], Arrays]:
        """Let the student's code do a case."""
        arrays = dict(case.inputs)
        arrays |= {f"option.{k}": v for k, v in case.options.items() if isinstance(v, np.ndarray)}
        if "grad_output" in expected:
            arrays["grad_output"] = expected["grad_output"]
        header = {
            "do": do,
            "layer": self.layer.name,
            "options": {k: v for k, v in case.options.items() if not isinstance(v, np.ndarray)},
            "layout": case.layout,
            "other_call": case.other_call,
            "repeat": case.repeat,
            "steps": case.steps,
            "same_arrays": case.same_arrays,
        }
        return self.sandbox.ask(header | (more or {}), arrays)

    def _gradients(
        self, case: Case, header: dict[str, Any], found: Arrays, expected: Arrays
    ) -> None:
        """Compare the gradients. Where forward is wrong, they may be right for that forward."""
        forward = next(
            (f for f in self.ledger.failures if f.case is case and f.problem == "values"), None
        )
        fitting: list[bool | None] = []
        for name in INPUTS:
            if name not in expected or (name not in found and "error" in header):
                continue
            failure = self.ledger.compare(case, "backward", name, header, found, expected)
            if failure is not None and failure.problem == "missing" and forward is not None:
                self.ledger.failures.remove(failure)  # what forward does not use has no gradient
                continue
            if failure is not None and failure.problem != "values":
                continue
            if failure is None and forward is None:
                continue
            fitting.append(self._fits(case, name, found[name], expected))
            if failure is not None:
                self.ledger.failures.remove(failure)
                if forward is None or fitting[-1] is False:  # else forward alone is the mistake
                    self.ledger.failures.append(replace(failure, fits=fitting[-1]))
        if forward is not None and fitting:
            fits = None if None in fitting else all(fitting)
            self.ledger.failures[self.ledger.failures.index(forward)] = replace(forward, fits=fits)

    def _fits(self, case: Case, name: str, yours: np.ndarray, expected: Arrays) -> bool | None:
        """Return whether a gradient is that of the student's own forward; None if unknown."""
        if case.convention or case.dtype != np.float64 or case.layout != "C" or not yours.size:
            return None
        wrong = difference(yours, expected[name])
        with np.errstate(over="ignore"):
            short = yours.astype(np.float32), expected[name].astype(np.float32)
        if wrong and not difference(*short):
            return None  # so small a difference is rounding, to differences too
        if self.differentiated[name] >= WITH_DIFFERENCES:
            return next((f.fits for f in reversed(self.ledger.failures) if f.where == name), None)
        self.differentiated[name] += 1
        at = where_to_look(wrong.wrong if wrong else np.ones_like(yours, bool))
        more = {"of": INPUTS[name], "at": at}
        answer, found = self._ask("differences", case, expected, more)
        return None if "error" in answer else fits(yours, at, found["slopes"], found["kinks"])

    def _updates(self, case: Case, found: Arrays, expected: Arrays) -> None:
        """Compare the steps of each parameter."""
        for name in [k for k in case.inputs if "." not in k]:
            done = [t for t in range(1, case.steps + 1) if f"{name}.step{t}" in found]
            for _ in done:
                self.report.count("update", case.name)
            wrong = wrong_step(name, len(done), case.inputs[name], found, expected)
            if wrong is not None:
                self.ledger.fail(case, "optimizer", "update", **wrong)
            elif len(done) == case.steps:
                self.ledger.passed["update"].append(case)

    def _error(self, case: Case, stage: str, error: dict[str, Any]) -> None:
        """Say that the student's code raised: where, and what."""
        if stage.startswith("step"):
            check, where = "optimizer", "update"
        elif stage == "backward":
            check, where = "backward", "grad_input"
        elif stage == "repeat":
            check, where = "determinism", "output"
        else:
            check, where = "forward", "constructor" if stage == "build" else "output"
        self.ledger.fail(case, check, where, _cause(error), text=_said(error))

    def _side_effects(self, case: Case, header: dict[str, Any]) -> None:
        self.report.count("side effects", case.name)
        for stage, names in header["changed"].items():
            for name in names:
                kind = {"x": "input", "target": "input", "grad_output": "grad_output"}
                cause = "mutates_" + kind.get(
                    name, "gradients" if stage == "step" else "parameters"
                )
                self.ledger.fail(case, "side effects", name, cause, text=f"{stage} changes {name}")
        for a, b in header["aliases"]:
            text = f"{a} shares its memory with {b}"
            self.ledger.fail(case, "side effects", a, "aliases", text=text)

    def _repeats(self, case: Case, found: Arrays) -> None:
        """Compare the same calls, made again on the same layer and on a new one."""
        for name in ("output", *INPUTS):
            if case.repeat == 0 or name not in found or f"{name}.1" not in found:
                continue
            self.report.count("determinism", case.name)
            first, same, new = (found.get(k) for k in (name, f"{name}.1", f"{name}.2"))
            if not _equal(first, again := found.get(f"{name}.again", first)):
                text = f"a second backward of the same call returns another {name}"
                self.ledger.fail(case, "determinism", name, "stateful", again, first, text=text)
            if _equal(first, same):
                continue
            cause = "stateful" if _equal(first, new) or _grows(first, same, new) else "random"
            text = {"stateful": "the second call", "random": "another call"}[cause]
            text = f"{text} with the same numbers returns another {name}"
            self.ledger.fail(case, "determinism", name, cause, same, first, text=text)

    def _refusal(self, case: Case, header: dict[str, Any], found: Arrays) -> None:
        self.report.count("refusal", case.name)
        if "error" not in header:
            text = "PyTorch refuses this input; yours answers"
            self.ledger.fail(
                case, "refusal", "input", "accepts_invalid", found.get("output"), text=text
            )

    def _drawn(self) -> None:
        """Look at the parameters that the layer draws itself."""
        draws = self.report.style in ("plain class", "Module")
        if not draws or self.layer.name not in initialisation.SIZES:
            return
        sizes = list(initialisation.SIZES[self.layer.name])
        _, found = self.sandbox.ask({"do": "draw", "layer": self.layer.name, "sizes": sizes}, {})
        for name, numbers in found.items():
            self.report.count("initialisation", name)
            if cause := initialisation.looks_like(self.layer.name, numbers):
                case = Case("a new layer", {})
                failure = Failure(case, "initialisation", name, cause.id, numbers, text=cause.cause)
                self.ledger.failures.append(failure)

    def _torch_calls(self) -> None:
        """Note what the layer leaves to PyTorch: any call, or in a layer of PyTorch's, its own."""
        calls = sorted(self.sandbox.torch_calls)
        if self.report.style in OF_TENSORS:
            calls = [call for call in calls if self.layer.stem in call]
        if self.found["inherits"]:
            calls.insert(0, self.found["inherits"])
        self.report.torch_calls = tuple(calls)
        if calls:
            text = "calls " + ", ".join(calls[:5])
            self.ledger.fail(self.cases[0], "import", "file", "uses_pytorch", text=text)

    # The examples

    def _shrink(self) -> None:
        """Make the findings' examples smaller, until one of them ends the process."""
        for i, finding in enumerate(self.report.findings):
            right = self.ledger.passed[finding.failure.where]
            try:
                self.report.findings[i] = shrunken(self.layer.name, finding, right, self._attempt)
            except Ended:
                return

    def _attempt(self, case: Case) -> list[Failure]:
        """Return what fails in a case, and write it down nowhere."""
        expected = oracle.answer(self.layer.name, case)
        if bool(expected) == case.invalid:
            return []  # PyTorch refuses what it must take, or takes what it must refuse
        alone = LayerCheck(self.sandbox, LayerReport(self.layer.name), self.found, self.seed)
        if not any(f.check == "forward" for f in self.ledger.failures):  # no need to ask
            alone.differentiated.update(dict.fromkeys(INPUTS, WITH_DIFFERENCES))
        alone._try(case, expected)
        return alone.ledger.failures

    def _stop(self) -> bool:
        return any(f.check == "determinism" for f in self.ledger.failures)


def _equal(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    """Return whether the same calls gave the same, but for the rounding of sums."""
    if a is None or b is None:
        return a is b
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-12, atol=1e-14, equal_nan=True)


def _grows(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> bool:
    """Return whether each of three calls adds the same again: a sum that is never set to zero."""
    return first.shape == second.shape == third.shape and _equal(third - second, second - first)


def _cause(error: dict[str, Any]) -> str:
    """Return the cause that an error of the student's code stands for."""
    return CAUSES.get(error["type"], "raises")


def _said(error: dict[str, Any]) -> str:
    """Return an error in words."""
    line = f" (line {error['line']})" if error["line"] else ""
    return f"{error['type']}: {error['text']}{line}"
