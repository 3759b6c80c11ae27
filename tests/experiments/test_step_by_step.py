"""The repeated runs see what the runs saw."""

import dataclasses
from functools import partial

import numpy as np
import pytest

from experiments import run as module
from experiments.backend import Backend
from experiments.cli import main
from experiments.comparison import Comparison, compare
from experiments.digits import Digits
from experiments.run import beginning, run
from experiments.settings import Settings
from experiments.step_by_step import step_by_step
from pt_reference import networks

EPOCHS = 2


@pytest.fixture
def no_figures(monkeypatch):
    monkeypatch.setattr(module.figures, "validation_curves", lambda _: {})


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_losses_are_those_of_the_runs(dtype, tmp_path, monkeypatch):
    """Exactly: the same weights, the same batches in the same order, the same arithmetic."""
    datasets = {mode: Digits(mode) for mode in ("train", "val", "test")}
    sides, results = [], []
    for name in ("minigrad", "torch"):
        settings = Settings(
            "digits", name, "mlp", 3, dtype, "cpu", EPOCHS, 20, 1e-3, 1e-5, batch_size=300
        )
        sides.append((settings, Backend(name, dtype=dtype)))
        begin = partial(beginning, *sides[-1], networks.mlp, datasets)
        results.append(run(*sides[-1], begin, tmp_path))

    outcome = step_by_step(sides, networks.mlp, datasets, EPOCHS)
    assert outcome.parting is None
    sizes = np.array([300, 300, 300, 100])
    losses = np.array(outcome.losses).reshape(EPOCHS, 4, 2)
    for side, result in enumerate(results):
        seen = [row.train_nll for row in result.history[1:]]
        assert seen == pytest.approx((losses[:, :, side] @ sizes) / 1000, rel=1e-14)

    comparison = compare(*results)
    assert (comparison.parts_at, comparison.why) == (None, None)
    told = dataclasses.replace(comparison, why="Here. " * 40).lines()
    assert told[-3].startswith("   Here. ")
    assert max(map(len, told)) <= 100


def test_the_command_says_where_and_why(tmp_path, monkeypatch, capsys):
    """Below any rounding, every run parts; the answer is printed and in the report."""
    monkeypatch.setattr(Comparison, "APART", {"float32": 0.0})
    out = str(tmp_path)
    assert main(["digits", "--model", "mlp", "--epochs", "1", "--out", out]) == 0
    expected = "   In 16 steps no tensor parts by more than 1e-04 of its scale, and no max-pool or"
    assert expected in capsys.readouterr().out
    assert expected in (tmp_path / "digits/report/report.md").read_text()


def test_float64_is_silent_unless_it_parts(no_figures, tmp_path, capsys):
    argv = ["digits", "--model", "mlp", "--epochs", "1", "--dtype", "float64"]
    assert main([*argv, "--out", str(tmp_path)]) == 0
    block = capsys.readouterr().out.partition("-> COMPARE")[2].partition("\n\n")[0]
    assert len(block.splitlines()) == 4
