"""A check that is interrupted ends at once, and leaves no process and no folder behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pt_reference.check.checker import check_file
from pt_reference.check.running import Running
from pt_reference.check.sandbox import Sandbox

ENDLESS = "class ReLU:\n    def forward(self, x):\n        while True:\n            pass\n"
ROOT = Path(__file__).parents[2]


@pytest.mark.long  # each starts the command, which loads PyTorch
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("count", [1, 3])
def test_it_ends_at_once_and_tidily(tmp_path, how, count):
    files = [tmp_path / f"{i}.py" for i in range(count)]
    for file in files:
        file.write_text(ENDLESS)
    (folders := tmp_path / "folders").mkdir()
    command = subprocess.Popen(
        [sys.executable, "-m", "experiments", "check", *files],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folders)},
        stderr=subprocess.PIPE,
        text=True,
    )
    while len(list(folders.iterdir())) < min(count, os.cpu_count()):
        assert command.poll() is None, command.stderr.read()
        time.sleep(0.05)
    time.sleep(3)  # the files are at their endless loop, or PyTorch is being loaded
    start = time.monotonic()
    command.send_signal(how)
    _, said = command.communicate(timeout=30)
    assert time.monotonic() - start < 4
    assert command.returncode == 130
    assert said.endswith("minigrad: interrupted\n")
    assert list(folders.iterdir()) == []


def test_what_has_been_ended_begins_no_process(tmp_path, monkeypatch):
    (tmp_path / "file.py").write_text(ENDLESS)
    running = Running()
    running.end()
    monkeypatch.setattr("pt_reference.check.checker.Sandbox", None)
    check_file(tmp_path / "file.py", running=running)


def test_a_process_that_begins_too_late_is_ended(tmp_path):
    (tmp_path / "file.py").write_text(ENDLESS)
    running = Running()
    running.end()
    with Sandbox(tmp_path / "file.py") as sandbox, running.using(sandbox):
        assert sandbox.process.wait(10) == -signal.SIGKILL
