"""A trial's run is the experiment's own; what was begun goes on; processes share a study."""

import contextlib
import csv
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from experiments.cli import main, parser
from experiments.run_folder import RunFolder
from experiments.sweep import runs
from experiments.sweep.processes import ended

from ..svhn_files import digits, write_mat

DRAWN = {"model": "mlp", "lr": 0.002, "weight_decay": 1e-5, "batch_size": 50, "patience": 9}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def options(tmp_path):
    """The options of a sweep and what a trial drew."""
    argv = ["sweep", "digits", "--space", "space.toml", "--checkpoint-seconds", "0"]
    return Namespace(**vars(parser().parse_args(argv)), **DRAWN, epochs=3)


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch):
    monkeypatch.setattr(RunFolder, "write_figure", lambda *_: None)


@pytest.mark.parametrize("backend", ["minigrad", "torch"])
def test_an_interrupted_run_goes_on_to_the_same_end(backend, options, tmp_path):
    options.backend = backend
    opened = runs.opened(options)
    told = []

    def interrupt(row):
        told.append(row.epoch)
        if row.epoch == 1:
            raise KeyboardInterrupt

    with opened.threads():
        whole = opened.do(options, tmp_path / "whole", lambda _: None)
        with pytest.raises(KeyboardInterrupt):
            opened.do(options, tmp_path / "trial", interrupt)
        rest = opened.do(options, tmp_path / "trial", lambda row: told.append(row.epoch))
    assert told == [0, 1, 0, 1, 2, 3]
    assert [p.name for p in (tmp_path / "trial").iterdir()] == [f"{backend}-mlp-seed0"]
    for name in ("history.csv", "best.safetensors", "predictions.npy"):
        assert (whole.folder / name).read_bytes() == (rest.folder / name).read_bytes()


def test_what_cannot_go_on_begins_anew(options, tmp_path, capsys):
    opened = runs.opened(options)
    with opened.threads():
        first = opened.do(options, tmp_path, lambda _: None)
        for name in ("last.ckpt", "prev.ckpt"):
            (first.folder / name).write_bytes(b"damaged")
        again = opened.do(options, tmp_path, lambda _: None)
    assert again.folder != first.folder
    assert again.test_nll == first.test_nll
    assert "the trial begins anew" in capsys.readouterr().err


def test_an_svhn_trial(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for split, n in (("train", 60), ("test", 20)):
        write_mat(tmp_path / f"{split}_32x32.mat", *digits(n))
    (tmp_path / "space.toml").write_text(
        'model = "improved"\nwithout = {choices = ["nothing", "dropout"]}\nepochs = 1\n'
    )
    argv = ["--space", tmp_path / "space.toml", "--data", tmp_path, "--subset", "--threads", 1]
    argv += ["--trials", 2, "--out", tmp_path / "runs", "--sampler", "random"]
    assert main(["sweep", "svhn", *map(str, argv)]) == 0
    out = capsys.readouterr().out
    assert "The runs: on a subset of SVHN: not comparable" in out
    found = sorted((tmp_path / "runs").glob("sweep/svhn-space/trials/*/*/config.json"))
    assert len(found) == 2
    for config in found:
        content = json.loads(config.read_text())
        assert (content["model"], content["epochs"], content["threads"]) == ("improved", 1, 1)
        assert content["without"] in (None, "dropout")
    with (tmp_path / "train_32x32.mat").open("ab") as file:  # other data are another search
        file.write(b"")
    write_mat(tmp_path / "train_32x32.mat", *digits(61))
    assert main(["sweep", "svhn", *map(str, argv)]) == 2
    assert "data was" in capsys.readouterr().err


def test_the_status_of_workers_that_ended():
    assert ended([-9, 0], 8).status == 3
    assert ended([-9, 4], 8).status == 4


SPACE = """
model = "mlp"
epochs = 100
patience = 100
lr = {low = 1e-3, high = 1e-2, log = true}
batch_size = {choices = [64, 128]}
"""


def start(folder):
    argv = ["sweep", "digits", "--space", "space.toml", "--trials", 8, "--jobs", 2]
    return subprocess.Popen(
        [sys.executable, "-m", "experiments", *map(str, argv), "--checkpoint-seconds", "0.2"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def one_after_the_other(processes, number):
    """Send a signal to each process."""
    for process in processes:
        os.kill(process, number)


@pytest.mark.long
@pytest.mark.parametrize("how", ["all killed", "workers killed", "asked to end", "Ctrl-C"])
def test_a_sweep_in_two_processes_is_ended_and_goes_on(how, tmp_path):
    """Ended when a trial is finished and both workers are at others; then the same command."""
    (tmp_path / "space.toml").write_text(SPACE)
    process = start(tmp_path)
    line = process.stdout.readline()
    assert line.startswith("-> TRIAL"), process.communicate()
    while len(at_work(tmp_path)) < 2:  # nothing tells when
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    workers = [int(child) for child in children if b"spawn_main" in cmdline(child)]
    assert len(workers) == 2
    if how == "all killed":
        os.killpg(process.pid, signal.SIGKILL)
    elif how == "workers killed":
        one_after_the_other(workers, signal.SIGKILL)
    elif how == "asked to end":
        process.send_signal(signal.SIGTERM)
    else:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    out, err = process.communicate(timeout=120)
    expected = {"all killed": -9, "workers killed": 3, "asked to end": 143, "Ctrl-C": 130}
    assert process.returncode == expected[how], err
    assert "Traceback" not in err
    if how in ("asked to end", "Ctrl-C"):
        assert "to go on, type: minigrad sweep digits --space space.toml --trials 8" in err
    done = 1 + out.count("-> TRIAL")
    assert done < 8

    process = start(tmp_path)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert f"{done} of 8 trials are finished already" in err
    assert out.count("-> TRIAL") == 8 - done
    with (tmp_path / "runs/sweep/digits-space/trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert sum(row["state"] in ("COMPLETE", "PRUNED") for row in rows) == 8
    again = [row for row in rows if row["state"] == "FAIL"]
    assert 1 <= len(again) <= 2  # both were at a trial, or one between two
    for row in again:
        repeated = [r for r in rows if r["lr"] == row["lr"] and r["state"] != "FAIL"]
        assert len(repeated) == 1
    assert "going on from epoch" in err
    best = re.search(r"To train it anew: minigrad (digits .*)", out)[1]
    assert main([*best.split(), "--out", str(tmp_path / "anew")]) == 0
    trained, again = (
        load_file(next(folder.glob("*mlp*/best.safetensors")))
        for folder in (tmp_path / "anew" / "digits", tmp_path / winner(out))
    )
    assert all(np.array_equal(trained[name], again[name]) for name in trained)


def at_work(folder):
    """Return the trials that are in the midst of their epochs."""
    file = folder / "runs/sweep/digits-space/study.db"
    with contextlib.closing(sqlite3.connect(file)) as database:
        return database.execute(
            "SELECT number FROM trials JOIN trial_intermediate_values USING (trial_id) "
            "WHERE state = 'RUNNING' GROUP BY number HAVING max(step) BETWEEN 2 AND 80"
        ).fetchall()


def cmdline(process):
    return Path(f"/proc/{process}/cmdline").read_bytes()


def winner(out):
    return Path(re.search(r"again with: minigrad test (.*)", out)[1]).parent
