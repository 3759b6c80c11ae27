"""No report shows PyTorch's numbers unless it is asked to."""

import math
import re

import numpy as np
import pytest

from pt_reference.check.compare import difference
from pt_reference.check.contract import LAYERS
from pt_reference.check.oracle import answers
from pt_reference.check.report.gradescope import gradescope_report
from pt_reference.check.report.html_report import html_report
from pt_reference.check.report.json_report import json_report
from pt_reference.check.report.junit import junit_report
from pt_reference.check.report.terminal import text
from pt_reference.check.results import (
    ERROR,
    FAIL,
    Cause,
    Failure,
    FileReport,
    Finding,
    LayerReport,
)

REPORTS = {
    "terminal": lambda reports, **o: text(reports[0], **o),
    "json": json_report,
    "html": html_report,
    "junit": junit_report,
    "gradescope": gradescope_report,
}
NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*(?:e[+-]?\d+)?")


def all_wrong(layer):
    """Return a report in which every quantity of a layer's first case is wrong, and PyTorch's."""
    case, right = answers(layer, 0)[0]
    quantities = {k: v for k, v in right.items() if k != "grad_output"}
    findings = []
    for name, expected in quantities.items():
        yours = expected * 1.37 + 0.11
        check = {"output": "forward"}.get(name, "backward") if "step" not in name else "optimizer"
        where = "update" if check == "optimizer" else name
        step = 1 if check == "optimizer" else 0
        failure = Failure(case, check, where, "values", yours, expected, fits=False, step=step)
        wrong = difference(yours, expected)
        cause = Cause(f"{check}_differs", "everywhere", "the numbers differ")
        findings.append(
            Finding(failure, cause, ERROR, (case.name,), wrong.index, wrong.max_abs_error)
        )
    report = LayerReport(layer, FAIL, "plain class", findings=findings)
    shown = [*case.inputs.values(), *[f.failure.yours for f in findings]]
    shown += [v for k, v in right.items() if k == "grad_output"]
    return FileReport("a.py", 0, {layer: report}), list(quantities.values()), shown


@pytest.mark.parametrize("write", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("layer", LAYERS)
def test_expected_values_are_shown_only_if_asked_for(layer, write):
    report, expected, known = all_wrong(layer)
    secret = {n for array in expected for n in numbers_of(array)}
    secret -= {n for array in known for n in numbers_of(array)}
    assert secret or layer in ("ReLU", "MaxPool2d")  # which make no number that was not there
    for hints in ("axis", "cause", "line"):
        assert secret & set(NUMBER.findall(write([report], hints=hints))) == set()
    if secret:
        assert secret & set(NUMBER.findall(write([report], show_expected=True)))


def numbers_of(array):
    """Return how a report could write an array's numbers, but for 0.5, which chance may write."""
    values = [v for v in np.asarray(array).ravel().tolist() if math.isfinite(v)]
    return {form for v in values for form in (f"{v:.4g}", repr(v)) if len(form) > 5}
