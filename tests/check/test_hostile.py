"""Files that do harm, by mistake or mischief, are survived and named; the rest is still checked."""

import pytest

from pt_reference.check.checker import check_file, check_files
from pt_reference.check.results import CRASHED, FAIL, NOT_ATTEMPTED, PASS, TIMED_OUT
from pt_reference.check.sandbox import Limits

pytestmark = pytest.mark.long  # each test starts a process, or several

LIMITS = Limits(seconds=1.5, load_seconds=20, memory=2 << 30)

RELU = """
import os, sys
import numpy as np

{top}

class Linear:
    def __init__(self, i, o, bias=True):
        self.bias = None
    def forward(self, x):
        {act}
        self.x = x
        return x @ self.weight.T + (0 if self.bias is None else self.bias)
    def backward(self, g):
        self.grad_weight, self.grad_bias = g.T @ self.x, g.sum(0)
        return g @ self.weight

class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask
    def backward(self, g):
        return g * self.mask
"""


def check(tmp_path, act="pass", top=""):
    (tmp_path / "file.py").write_text(RELU.format(act=act, top=top))
    return check_file(tmp_path / "file.py", limits=LIMITS)


@pytest.mark.parametrize(
    ("act", "verdict", "cause"),
    [
        ("while True: pass", TIMED_OUT, "timed_out"),
        ("os._exit(0)", CRASHED, "exits"),
        ("os.kill(os.getpid(), 11)", FAIL, "forbidden"),
        ("import faulthandler; faulthandler._sigsegv()", CRASHED, "crashed"),
        ("sys.exit(3)", CRASHED, "exits"),
        ("np.ones(10**10 // 8)", CRASHED, "out_of_memory"),
        ("os.fork()", FAIL, "forbidden"),
        ("open('/tmp/minigrad-check-was-here', 'w')", FAIL, "forbidden"),
        ("import socket; socket.socket()", FAIL, "forbidden"),
        ("import subprocess; subprocess.run(['true'])", FAIL, "forbidden"),
        ("import ctypes; ctypes.string_at(0)", FAIL, "forbidden"),
    ],
)
def test_the_layer_is_named_and_the_next_one_checked(tmp_path, act, verdict, cause):
    report = check(tmp_path, act)
    linear = report.layers["Linear"]
    assert (linear.verdict, linear.findings[0].cause.id) == (verdict, cause)
    assert report.layers["ReLU"].verdict == PASS
    assert report.layers["Conv2d"].verdict == NOT_ATTEMPTED


def test_what_was_tried_is_named(tmp_path):
    assert check(tmp_path, "os.fork()").tried == ("start a process",)


def test_a_million_lines_are_counted(tmp_path):
    report = check(tmp_path, top="print('x\\n' * 1_000_000)")
    assert report.layers["Linear"].verdict == PASS
    assert report.printed_lines >= 1_000_000


@pytest.mark.parametrize(
    ("top", "verdict"), [("1 / 0", CRASHED), ("while True: pass", TIMED_OUT), ("quit()", CRASHED)]
)
def test_a_file_that_cannot_be_imported(tmp_path, top, verdict):
    (tmp_path / "file.py").write_text(RELU.format(act="pass", top=top))
    report = check_file(tmp_path / "file.py", limits=Limits(load_seconds=1.5))
    assert report.layers["ReLU"].verdict == verdict
    assert report.layers["Conv2d"].verdict == NOT_ATTEMPTED
    assert not report.passed


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"def f(:\n", "does not parse"),
        (b"\x00\x01\xff", "cannot be read as Python"),
        (b"x = 1\n", "defines none of"),
        (b"\xff\xfe\x00", "cannot be read as Python"),
    ],
)
def test_a_file_with_nothing_to_check_gets_one_line(tmp_path, text, problem):
    (tmp_path / "file.py").write_bytes(text)
    report = check_file(tmp_path / "file.py")
    assert report.problem.startswith(problem) or "parse" in report.problem
    assert "\n" not in report.problem


def test_what_is_not_implemented_is_not_attempted(tmp_path):
    report = check(tmp_path, "raise NotImplementedError('to do')")
    assert report.layers["Linear"].verdict == NOT_ATTEMPTED
    assert report.layers["ReLU"].verdict == PASS


def test_several_files_are_checked_whatever_one_of_them_does(tmp_path):
    acts = ["pass", "os._exit(1)", "pass"]
    for i, act in enumerate(acts):
        (tmp_path / f"{i}.py").write_text(RELU.format(act=act, top=""))
    reports = list(check_files(sorted(tmp_path.glob("*.py")), limits=LIMITS))
    assert [report.layers["Linear"].verdict for report in reports] == [PASS, CRASHED, PASS]
