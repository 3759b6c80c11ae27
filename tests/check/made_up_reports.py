"""Reports that no file was needed for: the same, whatever the checker finds."""

import numpy as np

from pt_reference.check.cases import Case
from pt_reference.check.results import (
    ERROR,
    FAIL,
    PASS,
    Cause,
    Failure,
    FileReport,
    Finding,
    LayerReport,
)

X = np.array([[1.5, -2.0]])
EXPECTED, YOURS = np.array([[0.25, 0.75]]), np.array([[0.25, -0.75]])


def finding(severity=ERROR, check="backward", where="grad_input", **more):
    case = Case("base", {"x": X}, grad_output=np.array([[0.5, 4.0]]))
    failure = Failure(case, check, where, "values", YOURS, EXPECTED, fits=False, **more)
    cause = Cause("sign", "in column 1", "one sign is the other", "look at the minus")
    return Finding(failure, cause, severity, ("base", "N=1"), (0, 1), 1.5)


def file_report(path="a.py", **layers):
    return FileReport(
        path, 0, {"ReLU": LayerReport("ReLU"), "Adamax": LayerReport("Adamax")} | layers
    )


def right():
    ran = {"output": ["base", "N=1"], "grad_input": ["base"], "determinism": ["base"]}
    layer = LayerReport("ReLU", PASS, "plain class", ran, {"no option dim": 2})
    return file_report(ReLU=layer)


def wrong():
    ran = {"output": ["base", "N=1"], "grad_input": ["base", "N=1", "images"]}
    ran |= {"determinism": ["base"], "side effects": ["base"]}
    layer = LayerReport("ReLU", FAIL, "plain class", ran, findings=[finding()])
    return file_report(ReLU=layer)
