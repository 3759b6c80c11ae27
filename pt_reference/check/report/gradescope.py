"""Gradescope's results.json: ten points a layer, credit for every part of it that is right.

Of a part's points, a file earns the share of the cases in which the part is right. A layer that is
not attempted earns none: name the layers of an assignment with --layer, and their points are what
it is worth. So does a layer that crashes, does not end, or is another one at each call. Where
several files are handed in together, each layer counts in the files that define it.
"""

import json
from collections.abc import Sequence
from typing import Any

from pt_reference.check.report.parts import PASSED, Part, parts
from pt_reference.check.report.terminal import of_part
from pt_reference.check.report.words import clean
from pt_reference.check.results import NOT_ATTEMPTED, FileReport, LayerReport


def gradescope_report(
    reports: Sequence[FileReport], hints: str = "cause", show_expected: bool = False
) -> str:
    """Return the text of the file."""
    attempted = {
        name
        for report in reports
        for name, layer in report.layers.items()
        if layer.verdict != NOT_ATTEMPTED
    }
    tests, seconds = [], 0.0
    for i, report in enumerate(reports):
        before = f"{clean(report.path)}: " if len(reports) > 1 else ""
        for name, layer in report.layers.items():
            seconds += layer.seconds
            if layer.verdict == NOT_ATTEMPTED and (name in attempted or i > 0):
                continue  # it counts in another file, or once
            for number, part in enumerate(parts(layer), 1):
                test = _test(layer, part, of_part(layer, part, hints, show_expected))
                tests.append({**test, "name": before + test["name"], "number": f"{name}.{number}"})
    said = {
        "score": round(sum(test["score"] for test in tests), 2),
        "execution_time": round(seconds, 1),
        "output": "\n".join(_line(report) for report in reports),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return json.dumps(said, indent=1, allow_nan=False) + "\n"


def _test(layer: LayerReport, part: Part, text: str) -> dict[str, Any]:
    return {
        "score": part.earned,
        "max_score": part.points,
        "status": "passed" if part.status == PASSED else "failed",
        "name": f"{layer.name}: {part.name}",
        "output": text,
        "tags": [layer.name, part.name, *(f.cause.id for f in part.errors)],
        "visibility": "visible",
    }


def _line(report: FileReport) -> str:
    if report.problem:
        return f"{clean(report.path)}: {clean(report.problem)}"
    verdicts = ", ".join(f"{name} {layer.verdict}" for name, layer in report.layers.items())
    torch = f"; uses PyTorch: {', '.join(report.uses_pytorch)}" if report.uses_pytorch else ""
    return f"{clean(report.path)}: {verdicts}{torch}"
