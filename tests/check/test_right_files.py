"""Right layers pass, in every style and whatever the numbers."""

import re
from pathlib import Path

import pytest

from pt_reference.check.checker import check_file
from pt_reference.check.results import ERROR, NOT_ATTEMPTED, PASS

pytestmark = pytest.mark.long  # each test starts a process, or several

STUDENTS = Path(__file__).with_name("students")
LOOPS = Path(__file__).parents[2] / "minigrad" / "functions" / "loops"


def errors(report):
    return [
        (name, f.where, f.cause.id, f.cases, f.failure.text)
        for name, layer in report.layers.items()
        for f in layer.findings
        if f.severity == ERROR
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["plain", "fft_pairs", "minigrad_modules"])
def test_a_right_file_passes(name, seed):
    report = check_file(STUDENTS / f"{name}.py", seed=seed)
    assert errors(report) == []
    assert report.passed
    assert {layer.verdict for layer in report.layers.values()} <= {PASS, NOT_ATTEMPTED}
    assert report.layers["Linear"].checks > 50


def test_a_right_file_on_pytorch_passes_and_says_so():
    report = check_file(STUDENTS / "torch_modules.py")
    assert errors(report) == []
    assert report.uses_pytorch == ("torch.log_softmax",)


def test_the_loops_pass(tmp_path):
    layers = ["linear", "conv2d", "max_pool2d", "relu", "log_softmax", "adamax"]
    texts = [(LOOPS / f"{layer}.py").read_text() for layer in layers]
    joined = "\n".join(re.sub(r'\A"""(.|\n)*?"""', "", text) for text in texts)
    (tmp_path / "loops.py").write_text(joined)
    report = check_file(tmp_path / "loops.py")
    assert errors(report) == []
    assert report.layers["Conv2d"].style == "function pair"
    assert report.layers["Adamax"].style == "function"


def test_what_a_signature_lacks_is_skipped_and_counted():
    layer = check_file(STUDENTS / "minigrad_modules.py", ["MaxPool2d"]).layers["MaxPool2d"]
    assert layer.verdict == PASS
    assert set(layer.skipped) == {f"no option {k}" for k in ("stride", "padding", "ceil_mode")}
