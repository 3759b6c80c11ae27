"""Several processes: one's results, and what is left when one of them is lost."""

import csv
import json
import os
import signal

import numpy as np
import pytest
from safetensors.numpy import load_file

from experiments.cli import main

from ..svhn_files import digits, write_mat
from .torchrun import LOST, ended, process_of, torchrun, wait_for

TEST = 131  # images, an odd number; batches of 64, 64 and 3
linux = pytest.mark.skipif("sys.platform != 'linux'", reason="finds the processes in /proc")


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_mat(tmp_path / "train_32x32.mat", *digits(500, seed=1))
    write_mat(tmp_path / "test_32x32.mat", *digits(TEST, seed=2))
    return tmp_path


def svhn(data, out, *options):
    return ("svhn", "--data", data, "--subset", "--threads", 1, "--out", data / out, *options)


def alone(*argv):
    return main([str(word) for word in argv])


def run_of(data, out, model="improved"):
    return data / out / "svhn" / f"subset-torch-{model}-seed0"


def history(run):
    with (run / "history.csv").open(newline="") as file:
        return [[float(value or 0) for value in row.values()] for row in csv.DictReader(file)]


@pytest.mark.long
@pytest.mark.fault(64)
def test_two_are_one_and_count_each_image_once(data, capsys):
    """In float64: in float32 the threads of one process already part by more than 1e-6."""
    options = ("--model", "both", "--epochs", 1, "--dtype", "float64")
    status, out, err = ended(torchrun(*svhn(data, "two", *options)))
    assert status == 0, err
    assert alone(*svhn(data, "one", *options)) == 0
    lines = capsys.readouterr().out.splitlines()
    starts = [line for line in lines if line.startswith("->")]
    assert [line.split(":")[0] for line in out.splitlines() if line.startswith("->")] == [
        line.split(":")[0] for line in starts
    ]
    assert len(out.splitlines()) == len(lines)
    for model in ("published", "improved"):
        one, two = run_of(data, "one", model), run_of(data, "two", model)
        assert sorted(p.name for p in one.iterdir()) == sorted(p.name for p in two.iterdir())
        config = json.loads((two / "config.json").read_text())
        assert config["processes"] == 2
        np.testing.assert_allclose(history(two), history(one), rtol=0, atol=1e-6)
        weights = load_file(one / "best.safetensors")
        for name, values in load_file(two / "best.safetensors").items():
            np.testing.assert_allclose(values, weights[name], rtol=0, atol=1e-6, err_msg=name)
        one, two = (np.load(run / "predictions.npy") for run in (one, two))
        assert two.shape == (TEST, 10)
        np.testing.assert_allclose(two, one, rtol=0, atol=1e-6)


@pytest.fixture
def training(data):
    """Two processes in the midst of a training; the run's folder."""
    options = ("--model", "improved", "--epochs", 8, "--checkpoint-seconds", 0)
    launched = torchrun(*svhn(data, "two", *options))
    run = run_of(data, "two")
    wait_for(run / "prev.ckpt", launched)  # one was written at the beginning
    yield launched, run
    if launched.poll() is None:
        launched.send_signal(signal.SIGTERM)
        launched.communicate()


def goes_on_alone(run, capsys):
    """Go on with a run in one process, to its end."""
    assert alone("resume", run) == 0
    assert "processes 2 then, 1 now" in capsys.readouterr().err
    assert (run / "result.json").exists()
    assert len(history(run)) == 9


@pytest.mark.long
@pytest.mark.fault(65)
@linux
@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_process_ends_the_rest_and_one_goes_on(lost, training, capsys):
    launched, run = training
    processes = [process_of(launched, rank) for rank in (0, 1)]
    os.kill(processes[lost], signal.SIGKILL)
    status, _, err = ended(launched, LOST)
    assert status != 0
    with pytest.raises(ProcessLookupError):
        os.kill(processes[1 - lost], 0)
    said = [line for line in err.splitlines() if line.startswith("minigrad:")]
    # The first says it, unless it is the lost one, or torchrun was faster to end it.
    expected = [f"was lost; to go on with one: minigrad resume {run}"] * (lost != 0)
    assert [line.partition("processes ")[2] for line in said] in ([], expected)
    assert not (run / "result.json").exists()
    goes_on_alone(run, capsys)
    assert not list(run.glob(".*.tmp"))


@pytest.mark.long
@pytest.mark.fault(65)
@linux
def test_a_signal_to_one_ends_all_after_the_same_step(training, capsys):
    launched, run = training
    os.kill(process_of(launched, 1), signal.SIGTERM)
    status, _, err = ended(launched)
    assert status != 0
    assert err.count("minigrad: interrupted") == 1
    assert f"to go on: minigrad resume {run}" in err
    assert "was lost" not in err
    goes_on_alone(run, capsys)


@pytest.mark.long
@pytest.mark.fault(65)
def test_a_signal_to_torchrun_and_two_go_on(training):
    launched, run = training
    launched.send_signal(signal.SIGTERM)
    status, _, err = ended(launched)
    assert status != 0
    assert f"to go on: minigrad resume {run}" in err
    status, out, err = ended(torchrun("resume", run))
    assert status == 0, err
    assert "bit-identity" not in err
    assert out.count("-> FINAL") == 1
    assert len(history(run)) == 9


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--lr", "1e30"), "the training loss is "),
        (("--batch-size", 1), "2 processes cannot share batches of 1"),
        (("--data", "nowhere"), "train_32x32.mat"),
    ],
)
def test_what_goes_wrong_in_all_is_said_once(options, says, data):
    status, out, err = ended(torchrun(*svhn(data, "two", "--model", "improved"), *options))
    assert status != 0
    (line,) = [line for line in err.splitlines() if line.startswith("minigrad:")]
    assert says in line
    assert "-> FINAL" not in out
