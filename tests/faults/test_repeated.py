"""Fault 63: the same seed is the same run, whatever is printed or looked at meanwhile."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from experiments import svhn_experiment
from experiments import training as module
from experiments.backend import NAMES
from experiments.cli import main

from ..svhn_files import digits, write_mat

ROOT = Path(__file__).parents[2]
# How long it took, and so a file that is never the same twice, in part.
TIMED = ("seconds.csv", "result.json", "last.ckpt", "prev.ckpt")


def contents(run):
    """Return the files of a run, to be compared byte by byte."""
    return {path.name: path.read_bytes() for path in run.iterdir() if path.name not in TIMED}


def digits_run(out, backend, *options):
    argv = ["digits", "--backend", backend, "--model", "mlp", "--epochs", "2", "--out", str(out)]
    assert main([*argv, *options]) == 0
    return out / "digits" / f"{backend}-mlp-seed0"


def svhn_run(out, data):
    argv = ["svhn", "--data", str(data), "--subset", "--threads", "1", "--out", str(out)]
    argv += ["--model", "improved", "--epochs", "2", "--batch-size", "9"]
    assert main(argv) == 0
    return out / "svhn" / "subset-torch-improved-seed0"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder of small files; and no report, which is made of what is compared."""
    monkeypatch.setattr(svhn_experiment, "report", lambda *_: None)
    for seed, (split, n) in enumerate({"train": 24, "test": 12}.items()):
        write_mat(tmp_path / f"{split}_32x32.mat", *digits(n, seed))
    return tmp_path


def check_same(one, other):
    """Two runs of a seed: the files byte by byte, but for how long it took."""
    first, second = contents(one), contents(other)
    assert {"history.csv", "best.safetensors", "predictions.npy", "config.json"} <= first.keys()
    assert sum(name.endswith((".pdf", ".png")) for name in first) == 4
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    results = [json.loads((run / "result.json").read_text()) for run in (one, other)]
    for result in results:
        assert result.pop("seconds") > 0
    assert results[0] == results[1]
    epochs = [read_epochs(run / "seconds.csv") for run in (one, other)]
    assert epochs[0] == epochs[1]


def read_epochs(path):
    with path.open() as file:
        return [row["epoch"] for row in csv.DictReader(file)]


@pytest.mark.fault(63)
def test_63_the_seed_of_hashes(tmp_path):
    """The order of a set of texts is another for each; no number depends on one."""
    runs = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        argv = ["digits", "--backend", "minigrad", "--model", "mlp", "--epochs", "2", "--out", out]
        subprocess.run(
            [sys.executable, "-m", "experiments", *argv],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        runs.append(out / "digits" / "minigrad-mlp-seed0")
    check_same(*runs)


@pytest.fixture
def look_at(monkeypatch):
    """Return what makes runs print their network and sum it up, before each evaluation."""

    def turn_on(*shape, also=lambda: None):
        real = module.evaluation

        def evaluation(loader, model, backend, *args):
            print(model)
            model.eval()
            with backend.no_grad():
                print(model.classnet(backend.framework.zeros(1, *shape)).sum().item())
            looks.append(also())
            return real(loader, model, backend, *args)

        looks = []
        monkeypatch.setattr(module, "evaluation", evaluation)
        return looks

    return turn_on


@pytest.mark.fault(63)
@pytest.mark.parametrize("backend", NAMES)
def test_63_the_same_seed_and_a_print_and_a_summary_more(backend, tmp_path, look_at):
    usual = digits_run(tmp_path / "a", backend)
    looks = look_at(64)
    check_same(usual, digits_run(tmp_path / "b", backend))
    assert len(looks) == 3


@pytest.mark.fault(63)
def test_63_the_same_seed_and_random_numbers_drawn_meanwhile(data, look_at):
    """Of house numbers all chance is a function of seed, epoch and step.

    Digits draw from the framework's one stream, as the assignment's own program does.
    """
    usual = svhn_run(data / "a", data)
    looks = look_at(3, 32, 32, also=lambda: (torch.rand(3), np.random.rand()))
    check_same(usual, svhn_run(data / "b", data))
    assert len(looks) == 3
