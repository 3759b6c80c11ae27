"""`minigrad bench --svhn`: both sides train the same network on the same images."""

import json
import os
import re

import numpy as np
import pytest
import torch

from experiments.assignment_loop import AssignmentLoop, Numbers
from experiments.backend import Backend
from experiments.benchmarks import published_loop
from experiments.cli import main
from experiments.early_stopping import EarlyStopping
from experiments.svhn.batches import Batches
from experiments.svhn.dataset import SVHN
from experiments.svhn.protocol import Examples, published
from experiments.training import State, train_epoch
from pt_reference import networks


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(published_loop, "IMAGES", 50)
    return published_loop.made_up(tmp_path)


@pytest.fixture
def examples(folder):
    """What the notebook trained with, from our data set."""
    file = SVHN(folder, "train", subset=True)
    return Examples(file.data, file.labels, published(50)[0])


def test_the_notebooks_data_set_is_the_published_split(folder, examples):
    theirs = Numbers(folder / "train_32x32.mat")
    assert len(theirs) == len(examples) == 45
    for (x, y), row in zip(theirs, examples.rows, strict=True):
        np.testing.assert_array_equal(x, examples.images[row].astype(np.float32), strict=True)
        assert y == examples.labels[row]


def test_both_loops_take_the_same_steps(folder, examples):
    theirs = AssignmentLoop(folder / "train_32x32.mat")
    backend = Backend("torch")
    model = backend.classifier(networks.svhn, 0)
    optimizer = backend.adamax(model, 1e-3, 1e-5)
    for epoch in (1, 2, 3):  # all images are one batch
        theirs.train(1)
        state = State(model, optimizer, EarlyStopping(0), epoch=epoch)
        train_epoch(state, Batches(examples, 256), backend)
    for ours, weight in zip(model.parameters(), theirs.model.parameters(), strict=True):
        # A step of Adamax is 1e-3 for whatever gradient: where it is nearly 0, rounding shows.
        torch.testing.assert_close(ours, weight, rtol=1e-4, atol=1e-4)


class Clock:
    """A side whose steps take as long as it is told."""

    seconds = iter(())

    def __init__(self, make, threads):
        _, loop, _, self.steps = make.func, *make.args
        self.own = {"our_loop": 0.1, "assignment_loop": 0.2}[loop.__name__] / threads

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def turn(self, key):
        assert key == published_loop.STEP
        return self.steps * (self.own + next(self.seconds))


def test_table_and_json(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(published_loop, "Side", Clock)
    monkeypatch.setattr(Clock, "seconds", iter([0.0, 0, 0.04, 0, 0, 0, 0, 0]))
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    path = tmp_path / "bench.json"
    assert main(["bench", "--svhn", "--repeat", "2", "--json", str(path)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in out.splitlines()[2:4]]
    assert rows == [
        ["1 thread", "0.60", "0.55 to 0.65", "120.0", "200.0"],
        ["4 threads", "0.50", "0.50 to 0.50", "25.0", "50.0"],
    ]
    race, _ = json.loads(path.read_text())["races"]
    assert race["threads"] == 1
    assert race["taken"]["minigrad"] == pytest.approx([0.1, 0.1 + 0.04])
    assert race["taken"]["assignment"] == pytest.approx([0.2, 0.2])


@pytest.mark.long
def test_the_two_processes(capfd, monkeypatch):
    monkeypatch.setattr(published_loop, "IMAGES", 300)
    monkeypatch.setattr(published_loop, "STEPS", 1)
    assert main(["bench", "--svhn", "--repeat", "2"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert re.search(r"1 thread .* \d\.\d\d to \d\.\d\d", out)


@pytest.mark.parametrize(
    ("argv", "status", "expected"),
    [
        ("--data .", 2, "add --svhn"),
        pytest.param(
            "--svhn --data no/such/folder", 4, "there is no folder no/such/folder",
            marks=pytest.mark.long,
        ),
        ("--svhn --json no/such/folder/x.json", 2, "No such file or directory"),
    ],
)  # fmt: skip
def test_what_cannot_be_timed_is_one_line(argv, status, expected, capfd):
    assert main(["bench", *argv.split()]) == status
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err
