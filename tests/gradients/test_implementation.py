"""A file's layers beside PyTorch's: each output, gradient and habit is a test of its own."""

import pytest

from pt_reference.check.contract import LAYERS
from pt_reference.check.report.parts import PASSED, SKIPPED, part_names, parts
from pt_reference.check.report.terminal import of_part

ALL = [(layer, part) for layer in LAYERS for part in part_names(layer)]


@pytest.mark.parametrize(("layer", "part"), ALL, ids=[f"{a}-{b}" for a, b in ALL])
def test_layer(layer, part, checked, show_expected):
    problem, report = checked(layer)
    if problem.startswith("defines none of"):
        pytest.skip(f"not attempted: {layer} is not in the file")
    if problem:
        pytest.fail(problem, pytrace=False)
    found = next(p for p in parts(report) if p.name == part)
    text = of_part(report, found, "cause", show_expected)
    if found.status == SKIPPED:
        pytest.skip(text)
    if found.status != PASSED:
        pytest.fail(text, pytrace=False)
