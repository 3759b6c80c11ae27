"""Killed at whatever moment, a run goes on to the end it would have had (faults 42, 43, 44, 68)."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from experiments.backend import NAMES, Backend
from experiments.checkpoint import Checkpoints
from tests.faults.small_runs import copied, outcome, resume, start, status_of
from tests.faults.write_points import each_write_point

both = pytest.mark.parametrize("backend", NAMES)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What runs give that nobody kills, without checkpoints but the first and the last."""
    parent = tmp_path_factory.mktemp("whole")
    return {name: outcome(start(name, parent, seconds=1e9)) for name in NAMES}


def left_behind(backend, tmp_path):
    """Run once; yield, for each write point, a copy of the folder as a kill would leave it."""
    copies, parent = tmp_path / "copies", tmp_path / "runs"

    def keep(_):
        folder = parent / f"{backend}-mlp-seed3"
        if (folder / "config.json").exists():
            shutil.copytree(folder, copies / f"{next(number):04d}")

    number = count()
    with each_write_point(keep):
        start(backend, parent)
    return sorted(copies.iterdir())


@pytest.mark.fault(42)
@both
@pytest.mark.parametrize(
    "every", [23, pytest.param(1, marks=pytest.mark.long)], ids=["some", "all"]
)
def test_what_a_kill_leaves_at_each_write_point_goes_on_to_the_same_end(
    backend, every, tmp_path, whole, capsys
):
    """A process that is killed leaves the disk as it is: so a copy of the folder is what it left.

    Only in the first moments, before there is a checkpoint, there is nothing to go on from.
    """
    folders = left_behind(backend, tmp_path)
    assert len(folders) > 150  # 11 checkpoints and 5 results, of about a dozen points each
    refused = 0
    for folder in folders[::every]:
        checkpoints = [(folder / name).exists() for name in ("last.ckpt", "prev.ckpt")]
        status = resume(folder)
        if not any(checkpoints):
            assert status == 4
            assert "start it again: minigrad digits" in capsys.readouterr().err
            refused += 1
            continue
        assert status == 0, capsys.readouterr().err
        assert outcome(folder) == whole[backend]
        assert not list(folder.glob("*.tmp")) + list(folder.glob(".*.tmp"))
    assert refused < 20 / every + 1


CHILD = "from tests.faults.test_kills import main; main()"
ROOT = Path(__file__).parents[2]


def main():
    """In a process of its own: run, or resume, and be killed at the n-th write point."""
    what, backend, path, n = sys.argv[1:]
    number = count(1)

    def killed(_):
        if next(number) == int(n):
            os.kill(os.getpid(), signal.SIGKILL)

    with each_write_point(killed):
        if what == "resume":
            sys.exit(resume(path))
        start(backend, Path(path))


@pytest.mark.long
@pytest.mark.fault(42, 68)
@both
def test_killed_for_real_at_each_write_point_of_a_checkpoint(backend, tmp_path, whole):
    """Run and be killed in the third checkpoint; resume and be killed again; resume to the end."""
    command = [sys.executable, "-c", CHILD]
    folder = tmp_path / f"{backend}-mlp-seed3"
    kills = 0
    for n in range(40, 70):
        shutil.rmtree(folder, ignore_errors=True)
        first = subprocess.run([*command, "start", backend, tmp_path, str(n)], cwd=ROOT)
        second = subprocess.run([*command, "resume", backend, folder, str(n - 20)], cwd=ROOT)
        assert first.returncode == second.returncode == -signal.SIGKILL
        kills += 2
        assert resume(folder) == 0
        assert outcome(folder) == whole[backend]
    assert kills == 60


@pytest.mark.long
@pytest.mark.fault(43)
@pytest.mark.parametrize("backend", NAMES)
def test_killed_at_random_times(backend, tmp_path):
    """Ten times, by SIGKILL; whoever resumes it may be killed as well."""
    options = ["--backend", backend, "--model", "mlp", "--epochs", "30", "--patience", "30"]
    begin = [sys.executable, "-m", "experiments", "digits", *options, "--out"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = time.monotonic()
    subprocess.run([*begin, tmp_path / "whole"], check=True, **quiet)
    takes = time.monotonic() - started
    expected = outcome(tmp_path / "whole" / "digits" / f"{backend}-mlp-seed0")
    rng = random.Random(backend)
    kills = 0
    for again in count():
        folder = tmp_path / str(again) / "digits" / f"{backend}-mlp-seed0"
        command = [*begin, tmp_path / str(again)]
        while True:
            process = subprocess.Popen([*command, "--checkpoint-seconds", "0"], **quiet)
            while process.poll() is None and not (folder / "last.ckpt").exists():
                time.sleep(0.01)
            if kills < 10:
                time.sleep(rng.uniform(0, takes))
                process.kill()
            if process.wait() == 0:
                break
            kills += 1
            command = [sys.executable, "-m", "experiments", "resume", folder]
        assert outcome(folder) == expected
        if kills >= 10:
            break


@pytest.mark.fault(44)
@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_after_the_step_and_says_how_to_go_on(
    name, status, tmp_path, whole, capsys, monkeypatch
):
    """Here by the hook of each step, so that the moment is sure; the command line as it is."""

    def third_step(checkpoints, state):
        if (state.epoch, state.step) == (1, 2):
            signal.raise_signal(getattr(signal, name))

    monkeypatch.setattr(Checkpoints, "__call__", third_step)
    folder = tmp_path / "minigrad-mlp-seed3"
    assert status_of(lambda: start("minigrad", tmp_path)) == status
    err = capsys.readouterr().err
    assert "interrupted in epoch 1, after 2 of its steps" in err
    assert f"to go on: minigrad resume {folder}" in err
    assert not (folder / "result.json").exists()
    monkeypatch.undo()
    assert resume(folder) == 0
    assert "going on from epoch 1, after 2 of its steps" in capsys.readouterr().err
    assert outcome(folder) == whole["minigrad"]


@pytest.mark.fault(44)
def test_losses_that_were_not_looked_at_yet_are_kept(tmp_path, whole, monkeypatch):
    """On a GPU the loop looks at 50 at a time."""
    usual = Backend.__init__

    def as_on_a_gpu(self, *args, **kwargs):
        usual(self, *args, **kwargs)
        self.look_every = 50

    monkeypatch.setattr(Backend, "__init__", as_on_a_gpu)

    def second_step(_, state):
        if (state.epoch, state.step) == (1, 2):
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Checkpoints, "__call__", second_step)
    assert status_of(lambda: start("torch", tmp_path)) == 143
    monkeypatch.undo()
    assert resume(tmp_path / "torch-mlp-seed3") == 0
    assert outcome(tmp_path / "torch-mlp-seed3") == whole["torch"]


@pytest.mark.fault(44)
def test_a_signal_in_the_midst_of_an_evaluation(tmp_path, whole, monkeypatch):
    """Looking at the examples draws random numbers: what is repeated must not draw them twice."""
    from experiments import evaluation

    calls = count()
    usual = evaluation.interruptible

    def interrupting(batches):
        if next(calls) == 1:  # of epoch 1
            signal.raise_signal(signal.SIGTERM)
        return usual(batches)

    monkeypatch.setattr(evaluation, "interruptible", interrupting)
    assert status_of(lambda: start("torch", tmp_path)) == 143
    monkeypatch.undo()
    folder = copied(tmp_path / "torch-mlp-seed3", tmp_path / "copy")
    assert resume(folder) == 0
    assert outcome(folder) == whole["torch"]
