"""Faults 40 and 41: many runs, and a clock that goes back."""

import time
from pathlib import Path

import pytest

from experiments.run_folder import RunFolder


@pytest.mark.fault(40)
def test_40_a_clock_set_back(tmp_path, monkeypatch):
    """No folder is named by the time, and none is taken for newer than it is."""
    now = time.time()
    for years in (30, 10, 0, -10):
        past = now - years * 365 * 86400
        monkeypatch.setattr(time, "time", lambda past=past: past)
        monkeypatch.setattr(time, "time_ns", lambda past=past: int(past * 1e9))
        folder = RunFolder(tmp_path, "run")
        folder.write("config.json", str(years))
    kept = {path.parent.name: path.read_text() for path in tmp_path.glob("*/config.json")}
    assert kept == {"run": "30", "run.2": "10", "run.3": "0", "run.4": "-10"}


@pytest.mark.fault(41)
def test_41_many_runs(tmp_path, monkeypatch):
    """The folder is listed once; not each name is tried."""
    for number in range(1, 10_001):
        (tmp_path / ("run" if number == 1 else f"run.{number}")).mkdir()
    (tmp_path / "run.7").rmdir()
    made = []
    real = Path.mkdir

    def mkdir(path, *args, **kwargs):
        made.append(path.name)
        real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    assert RunFolder(tmp_path, "run").path.name == "run.7"
    assert RunFolder(tmp_path, "run").path.name == "run.10001"
    assert len(made) < 10
