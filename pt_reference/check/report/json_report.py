"""The report for programs: JSON, version 1.

Of one file::

    {"version": 1,
     "file": the path as it was given,      "seed": 0,
     "passed": whether nothing that was attempted is wrong,
     "problem": "" or why the file could not be checked at all, in a line,
     "uses_pytorch": [names of PyTorch's that were called],
     "tried": [what the file tried to do and was refused],
     "printed_lines": n,
     "layers": {"Conv2d": {
         "verdict": "pass" | "fail" | "not attempted" | "crashed" | "timed out",
         "style": "plain class" | "function pair" | "function"
                | "Module" | "Function" | "Optimizer",
         "text": why it crashed or timed out,
         "checks": how many comparisons were made,
         "skipped": how many cases were not tried,      "skipped_why": {reason: n},
         "parts": {"grad_weight": {"status": "passed" | "failed" | "skipped" | "not reached",
                                   "right": n, "cases": n}},
         "findings": [{
             "check": "import" | "determinism" | "forward" | "backward" | "optimizer"
                    | "side effects" | "refusal" | "initialisation",
             "where": "output" | "grad_weight" | "update at step 3" | ...,
             "severity": "error" | "note",
             "cause": a stable id, listed in CAUSES.md,
             "hint": in words, as much as --hints allows,
             "text": what happened, where arrays do not say it: an error's text,
             "counterexample": {"case": name, "call": "Conv2d(3, 4, 3, stride=2)",
                                "options": {...}, "inputs": {"x": nested lists, ...},
                                "shapes": {"x": [2, 3, 5, 5], ...}},
             "index": of the worst element, or null,
             "max_abs_error": its error, or null; two digits of it where expected is hidden,
             "fits_own_forward": true | false | null where it is not known,
             "cases": [names of all cases that show it],
             "yours": nested lists, or null,
             "expected": the same; only there if it was asked for}]}}}

Of several: ``{"version": 1, "files": [{...}, ...]}``. Arrays are nested lists; NaN and the
infinities, which JSON lacks, are the texts "nan", "inf" and "-inf". Later versions may add keys;
where one changes its meaning or goes, the version's number changes.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pt_reference.check.report.parts import parts
from pt_reference.check.report.words import arrays_of, call, clean, hint
from pt_reference.check.results import FileReport, Finding, LayerReport

VERSION = 1


def json_report(
    reports: Sequence[FileReport], hints: str = "cause", show_expected: bool = False
) -> str:
    """Return the text of the file."""
    files = [_file(report, hints, show_expected) for report in reports]
    said = files[0] if len(files) == 1 else {"files": files}
    return json.dumps({"version": VERSION, **said}, indent=1, allow_nan=False) + "\n"


def _file(report: FileReport, hints: str, show_expected: bool) -> dict[str, Any]:
    return {
        "file": clean(report.path),
        "seed": report.seed,
        "passed": report.passed,
        "problem": clean(report.problem),
        "uses_pytorch": list(report.uses_pytorch),
        "tried": [clean(text) for text in report.tried],
        "printed_lines": report.printed_lines,
        "layers": {
            name: _layer(layer, hints, show_expected) for name, layer in report.layers.items()
        },
    }


def _layer(layer: LayerReport, hints: str, show_expected: bool) -> dict[str, Any]:
    return {
        "verdict": layer.verdict,
        "style": layer.style,
        "text": clean(layer.text),
        "checks": layer.checks,
        "skipped": sum(layer.skipped.values()),
        "skipped_why": layer.skipped,
        "parts": {
            part.name: {"status": part.status, "right": part.right, "cases": part.cases}
            for part in parts(layer)
        },
        "findings": [_finding(layer.name, f, hints, show_expected) for f in layer.findings],
    }


def _finding(layer: str, finding: Finding, hints: str, show_expected: bool) -> dict[str, Any]:
    failure, error, inputs = finding.failure, finding.max_abs_error, arrays_of(layer, finding)
    if error is not None and not show_expected and math.isfinite(error):
        error = float(f"{error:.2g}")
    said = {
        "check": finding.check,
        "where": finding.where,
        "severity": finding.severity,
        "cause": finding.cause.id,
        "hint": hint(finding, hints),
        "text": clean(failure.text),
        "counterexample": {
            "case": failure.case.name,
            "call": call(layer, failure.case),
            "options": {k: _plain(v) for k, v in failure.case.options.items()},
            "inputs": {k: _plain(v) for k, v in inputs.items()},
            "shapes": {k: list(v.shape) for k, v in inputs.items()},
        },
        "index": None if finding.index is None else list(finding.index),
        "max_abs_error": _plain(error),
        "fits_own_forward": failure.fits,
        "cases": list(finding.cases),
        "yours": _plain(failure.yours),
    }
    if show_expected:
        said["expected"] = _plain(failure.expected)
    return said


def _plain(value: Any) -> Any:
    """Return an array as lists; numbers that JSON lacks as texts."""
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
