"""The examples: really wrong, as small as can be, and of the mistake that was found."""

import contextlib
import functools
import itertools
import time

import numpy as np
import pytest

from pt_reference.check import oracle, shrink
from pt_reference.check.cases import cases
from pt_reference.check.checker import check_file
from pt_reference.check.contract import LAYERS
from pt_reference.check.layer_check import LayerCheck
from pt_reference.check.report.words import call
from pt_reference.check.results import PASS, LayerReport
from pt_reference.check.sandbox import Sandbox
from pt_reference.check.simpler import all_arrays, calls, in_order, numbers, sizes

from .mistakes import MISTAKES, Mistake

pytestmark = pytest.mark.long  # each test starts a process, or several

MORE = {
    "overwritten": Mistake(
        "MaxPool2d",
        "+= grad_output[at]",
        "= grad_output[at]",
        "grad_input",
        "overwritten_not_added",
    ),
    "ReLU: 1 at 0, and 0.01 below": Mistake(
        "ReLU", "x > 0", "np.where(x < 0, 0.01, 1.0).astype(x.dtype)", "grad_input", "leaks"
    ),
    "weight decay ignored": Mistake(
        "Adamax", "self.weight_decay * p", "0 * p", "update at step 1", "ignores_option"
    ),
    "does not ignore, and 0 for nothing": Mistake(
        "NLLLoss",
        "return losses.sum() / self.w.sum()",
        "return losses.sum() / max(1.0, float(len(self.w)))",
        "output",
        "",
    ),
}
SHOWN = {  # the call, the shape of x, and how many numbers are not 0
    "weight gradient transposed": ("Linear(1, 2)", (1, 1)),
    "sign of grad_input": ("Linear(1, 1)", (1, 1)),
    "no dilation": ("Conv2d(1, 1, 2, dilation=2)", (1, 1, 3, 3)),
    "default stride 1": ("MaxPool2d(2)", (1, 1, 2, 3)),
    "last maximum": ("MaxPool2d(2)", (1, 1, 2, 2)),
    "1 at 0": ("ReLU()", (1, 1)),
    "sign": ("NLLLoss()", (1, 1)),
    "Module: order of axes": ("MaxPool2d(1)", (1, 1, 2, 2)),
}
TRIED = [
    *SHOWN,
    "bias gradient not summed",
    "computes in float32",
    "bias gradient over the batch only",
    "grad_input flipped",
    "no bias gradient",
    "2 at 0",
    "overflows",
    "accepts (N, 1) targets",
    "no bias correction",
    "not in place",
    "Function: slope x",
    *MORE,
]


class Tried:
    """A wrong layer: what is found, and the search for the examples."""

    def __init__(self, name, folder, stack):
        mistake = {**MISTAKES, **MORE}[name]
        (folder / "wrong.py").write_text(mistake.source)
        self.layer = mistake.layer
        sandbox = stack.enter_context(Sandbox(folder / "wrong.py"))
        found = sandbox.load()["layers"][self.layer]
        self.check = LayerCheck(sandbox, LayerReport(self.layer), found, 0, shrink=False)
        self.check.run()
        self.findings = [
            f
            for f in self.check.report.findings
            if f.check in shrink.CHECKS and f.failure.problem in shrink.PROBLEMS
        ]

    def passed(self, finding):
        return self.check.ledger.passed[finding.failure.where]

    def search(self, finding):
        search = shrink.Search(self.layer, finding, self.passed(finding), self.check._attempt)
        search.end = float("inf")
        return search

    def shrunken(self, finding):
        return shrink.shrunken(self.layer, finding, self.passed(finding), self.check._attempt)


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda name: Tried(name, tmp_path_factory.mktemp("wrong"), stack))


@pytest.mark.parametrize("name", TRIED)
def test_the_example_is_wrong_and_shows_the_same(name, tried):
    one = tried(name)
    assert one.findings
    for before in one.findings:
        after = one.shrunken(before)
        case, failure = after.failure.case, after.failure
        assert (after.check, failure.where) == (before.check, before.failure.where)
        assert (failure.problem, failure.convention) == (
            before.failure.problem,
            before.failure.convention,
        )
        assert (after.cause.id, after.severity, after.cases, failure.fits) == (
            before.cause.id,
            before.severity,
            before.cases,
            before.failure.fits,
        )
        again = {f.problem for f in one.check._attempt(case) if f.where == failure.where}
        assert failure.problem in again or again == {"not_in_place"}  # nothing moves: values too
        right = oracle.answer(one.layer, case)
        if failure.problem == "values" and one.layer != "Adamax":
            np.testing.assert_array_equal(failure.expected, right[failure.where])
            assert not np.array_equal(failure.yours, failure.expected, equal_nan=True)
            assert after.max_abs_error > 0
        assert bool(right) != case.invalid


@pytest.mark.parametrize("name", TRIED)
def test_nothing_more_can_be_left_out(name, tried):
    one = tried(name)
    for finding in one.findings:
        search = one.search(finding)
        best = search.smallest()
        assert search.tries < shrink.TRIES
        assert sum(a.size for a in all_arrays(best.case).values()) <= 20
        search.known.clear()
        search.tries = -1000
        plainer = numbers if best.problem in ("values", "not_in_place") else in_order
        for knobs in (calls, sizes, plainer):
            for knob in knobs(one.layer, best.case):
                for case in knob(best.case):
                    assert search.shown_by(case) is None, (finding.where, case)


@pytest.mark.parametrize("name", SHOWN)
def test_the_example_is_what_a_teacher_would_choose(name, tried):
    one = tried(name)
    case = one.shrunken(one.findings[0]).failure.case
    assert (call(one.layer, case), case.inputs["x"].shape) == SHOWN[name]
    assert case.name.endswith(", made smaller")


def test_the_same_file_has_the_same_example(tried):
    one = tried("grad_input flipped")
    first, second = (one.shrunken(one.findings[0]).failure.case for _ in range(2))
    for a, b in zip(all_arrays(first).values(), all_arrays(second).values(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_it_takes_no_time(tried):
    one = tried("no dilation")
    start = time.process_time()
    one.shrunken(one.findings[0])
    assert time.process_time() - start < 0.5


def test_numbers_make_no_tie(tried):
    """A tie's gradient is a matter of convention, and shows no mistake."""
    one = tried("overwritten")
    error = next(f for f in one.findings if f.severity == "error" and not f.failure.case.convention)
    x = one.shrunken(error).failure.case.inputs["x"]
    assert x.size > 1
    assert len(np.unique(x)) == x.size


def test_numbers_make_no_kink(tried):
    one = tried("ReLU: 1 at 0, and 0.01 below")
    error = next(f for f in one.findings if f.severity == "error" and not f.failure.case.convention)
    assert one.shrunken(error).failure.case.inputs["x"].tolist() == [[-1.0]]


def test_the_mean_of_nothing_is_no_example(tried):
    """What it is is a convention; that the mean counts ignored targets is a mistake."""
    one = tried("does not ignore, and 0 for nothing")
    for error in [f for f in one.findings if f.severity == "error"]:
        assert np.isfinite(one.shrunken(error).failure.expected).all()


def test_only_options_that_matter_stay(tried):
    one = tried("weight decay ignored")
    case = one.shrunken(one.findings[0]).failure.case
    assert case.options == {"weight_decay": 0.01}
    assert case.steps == 1


@pytest.mark.parametrize("limit", ["TRIES", "SECONDS"])
def test_a_search_that_is_cut_short_still_has_an_example(limit, tried, monkeypatch):
    monkeypatch.setattr(shrink, limit, {"TRIES": 8, "SECONDS": 0.0}[limit])
    one = tried("no dilation")
    found = one.shrunken(one.findings[0]).failure
    assert not np.array_equal(found.yours, found.expected)


FRAGILE = """
import os
import numpy as np


class ReLU:
    def forward(self, x):
        self.x = x
        if x.size == 1:
            os.abort()
        return -np.maximum(x, 0)

    def backward(self, grad_output):
        return -grad_output * (self.x > 0)


class LogSoftmax:
    def forward(self, x):
        return x

    def backward(self, grad_output):
        return grad_output
"""


def test_a_process_that_ends_in_the_search_changes_no_verdict(tmp_path):
    (tmp_path / "fragile.py").write_text(FRAGILE)
    layers = ["ReLU", "LogSoftmax"]
    plain, shrunk = (
        check_file(tmp_path / "fragile.py", layers, shrink=shrink).layers
        for shrink in (False, True)
    )
    for name in layers:
        assert plain[name].verdict == shrunk[name].verdict
        assert [f.cause for f in plain[name].findings] == [f.cause for f in shrunk[name].findings]
    assert shrunk["LogSoftmax"].findings[0].failure.case.name.endswith("made smaller")


@pytest.mark.parametrize("layer", LAYERS)
def test_pytorch_takes_most_of_what_is_tried(layer):
    taken = made = 0
    for case in cases(layer, 0):
        for knobs in (calls, sizes, numbers, in_order):
            for knob in knobs(layer, case):
                for simpler in itertools.islice(knob(case), 2):
                    made += 1
                    if made % 50 == 0:
                        taken += bool(oracle.answer(layer, simpler)) != case.invalid
    assert taken > made / 50 * 0.5


def test_a_right_file_has_no_examples(tmp_path):
    mistake = MISTAKES["1 at 0"]
    (tmp_path / "right.py").write_text(mistake.source.replace("x >= 0", "x > 0"))
    report = check_file(tmp_path / "right.py", ["ReLU"]).layers["ReLU"]
    assert (report.verdict, report.findings) == (PASS, [])
