"""A sweep whose trainings are made up: a fraction of a second each, and known to the last digit."""

import contextlib
import math
from argparse import Namespace

import numpy as np
import pytest

from experiments.cli import main
from experiments.errors import TrainingError
from experiments.run import Result
from experiments.run_folder import RunFolder
from experiments.sweep import command, report
from experiments.sweep.runs import Runs
from experiments.training import Epoch

SPACE = """
model = "mlp"
epochs = 2
lr = {low = 1e-3, high = 0.2, log = true}
batch_size = {choices = [32, 64]}
"""
# Some of its trials fail, and others are long enough to be ended early.
WIDE = SPACE.replace("0.2", "1").replace("epochs = 2", "epochs = 6")


def made_up(options, parent, each_epoch):
    """A run that is the better the nearer lr is to 0.01; above 0.3 it fails."""
    history = [Epoch(0, None, 2.5, 0.9, 0.1)]
    for epoch in range(1, options.epochs + 1):
        if options.lr > 0.3:
            raise TrainingError(f"the training loss is nan in epoch {epoch}")
        away = abs(math.log10(options.lr) + 2)
        row = Epoch(epoch, 1.0, 0.1 + away + 1 / epoch, 0.05 + away / 10, 0.1)
        history.append(row)
        each_epoch(row)
    settings = Namespace(command=f"minigrad digits --lr {options.lr}", remarks=())
    nothing = np.empty(0)
    return Result(settings, history, options.epochs, 0.5, 0.1, nothing, nothing, parent / "run")


@pytest.fixture
def training(monkeypatch):
    """What stands for a training; a test may put another into `.run`."""
    seam = Namespace(run=made_up)
    runs = Runs(None, None, contextlib.nullcontext)
    monkeypatch.setattr(Runs, "do", lambda _, *arguments: seam.run(*arguments))
    monkeypatch.setattr(command, "opened", lambda _: runs)
    return seam


@pytest.fixture
def pictures():
    """Have pictures drawn."""


@pytest.fixture
def no_pictures(monkeypatch):
    """Pictures and what they show of importances take longer than all else."""
    monkeypatch.setattr(report, "importances", lambda *_: {})
    monkeypatch.setattr(RunFolder, "write_figure", lambda *_: None)


@pytest.fixture
def sweep(tmp_path, monkeypatch, training, request):
    """Run `minigrad sweep digits` in a folder of its own; return the status."""
    if "pictures" not in request.fixturenames:
        request.getfixturevalue("no_pictures")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.toml").write_text(SPACE)

    def check(*options):
        return main(["sweep", "digits", "--space", "space.toml", *map(str, options)])

    return check
