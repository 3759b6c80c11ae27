"""Right layers written in many ways pass: the table of `python -m tests.check.right`."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pt_reference.check.cases import cases
from pt_reference.check.checker import check_file
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import PASS

ROOT = Path(__file__).parents[2]


def table(seeds):
    """Return the rows that the command prints, by name."""
    command = [sys.executable, "-m", "tests.check.right", "--seeds", str(seeds)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        row[0]: row[1:] for line in done.stdout.splitlines() if (row := re.split(r" {2,}", line))
    }


@pytest.mark.parametrize("seeds", [2, pytest.param(200, marks=pytest.mark.long)])
def test_no_right_layer_is_blamed(seeds):
    rows = table(seeds)
    assert all(int(ways) >= 4 for ways in rows.pop("ways"))
    cells = [cell for row in rows.values() for cell in row if "/" in cell]
    assert len(cells) > 40
    assert set(cells) == {f"{seeds}/{seeds}"}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_seed_draws_shapes_and_numbers_but_the_same_cases(layer):
    one, two = cases(layer, 1), cases(layer, 2)
    assert [case.name for case in one] == [case.name for case in two]

    def shapes(case):
        return [array.shape for array in case.inputs.values()]

    assert sum(shapes(a) != shapes(b) for a, b in zip(one, two, strict=True)) > len(one) / 3
    for a, b in zip(one, two, strict=True):
        assert list(a.inputs) == list(b.inputs)
        assert [n == m for n in shapes(a) for m in shapes(a)] == [
            n == m for n in shapes(b) for m in shapes(b)
        ]


ODD = """
import numpy as np

class NLLLoss:
    def forward(self, log_probs, target):
        if target.shape != log_probs.shape[:1]: raise ValueError
        if target.min() < 0: raise ValueError
        self.x, self.target = log_probs, target
        return -sum(float(row[t]) for row, t in zip(log_probs, target)) / len(target)
    def backward(self, grad_output=1.0):
        grad = np.zeros_like(self.x)
        for i, t in enumerate(self.target):
            grad[i, t] -= grad_output / len(self.x)
        return grad

class ReLU:
    def forward(self, x):
        self.saved = x.copy()
        x = np.array(x, copy=True); x *= x > 0
        return x
    def backward(self, grad_output):
        grad_output = grad_output.copy()
        grad_output[self.saved < 0] = 0
        grad_output[self.saved == 0] *= 0.5
        del self.saved
        return grad_output
"""


def test_a_number_of_pythons_own_is_a_loss(tmp_path):
    (tmp_path / "odd.py").write_text(ODD)
    report = check_file(tmp_path / "odd.py", seed=3)
    assert report.layers["NLLLoss"].verdict == PASS
    assert report.layers["ReLU"].verdict == PASS
    assert {f.cause.id for f in report.layers["ReLU"].findings} == {"convention:kink"}
