"""`minigrad svhn` on the fake device. `test_fake_device.py` runs this in a process of its own."""

import csv
import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from experiments import svhn_report
from experiments.cli import main

from ..svhn_files import digits, write_mat
from .fake_gpu import NAME

pytestmark = pytest.mark.usefixtures("device")


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A folder of random images: for training two batches of 64 and one of 7."""
    folder = tmp_path_factory.mktemp("data")
    for seed, (split, n) in enumerate({"train": 150, "test": 70}.items()):
        write_mat(folder / f"{split}_32x32.mat", *digits(n, seed))
    return folder


def svhn(data, out, model, device, *options):
    """Train for two epochs; return the run's folder."""
    options = ["--epochs", "2", "--batch-size", "64", "--threads", "1", *options]
    where = ["--data", str(data), "--subset", "--out", str(out), "--device", device]
    assert main(["svhn", *where, *options, "--model", model]) == 0
    return out / "svhn" / f"subset-torch-{model}-seed0"


def history(run):
    """Return history.csv without the column that is never the same twice."""
    with (run / "history.csv").open(newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


@pytest.mark.parametrize("model", ["published", "improved"])
def test_a_run_on_the_device_is_the_cpus(model, data, tmp_path, monkeypatch, capsys):
    reports = []  # what they are made from is computed on the device; to draw them takes long
    monkeypatch.setattr(svhn_report, "write_report", lambda _, findings: reports.append(findings))
    there = svhn(data, tmp_path / "device", model, "auto")
    assert [row.kind for row in reports[0].layers][-1] == "LogSoftmax"
    said = capsys.readouterr().out
    here = svhn(data, tmp_path / "cpu", model, "cpu")
    expected = capsys.readouterr().out
    lines = [line for line in said.splitlines() if "nll=" in line]
    assert len(lines) == 3
    assert lines == [line for line in expected.splitlines() if "nll=" in line]

    devices = [json.loads((run / "config.json").read_text())["device"] for run in (there, here)]
    assert devices == [NAME, "cpu"]
    assert len(history(here)) == 3
    assert history(there) == history(here)
    weights, expected = (load_file(run / "best.safetensors") for run in (there, here))
    assert weights.keys() == expected.keys()
    for name, array in weights.items():
        np.testing.assert_array_equal(array, expected[name])
    predictions, expected = (np.load(run / "predictions.npy") for run in (there, here))
    np.testing.assert_array_equal(predictions, expected)

    assert main(["test", str(there)]) == 0  # on the device again
    assert lines[-1] in capsys.readouterr().out
