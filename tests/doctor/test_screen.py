"""`minigrad doctor` is one screen, hides who asks, and lives with whatever is missing."""

import getpass
import os
import platform
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.doctor import screen

from ..svhn_files import digits, write_mat
from .asked import options

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("part", screen.PARTS, ids=lambda part: part.__name__)
def test_each_part_finds_something_here(part, tmp_path):
    said = screen.looked_at(part, options(out=tmp_path)).text
    assert said
    assert not re.search("cannot be|not known", said.replace("that cannot be", ""))


def test_one_screen_of_80_columns(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert len(lines) <= 40
    # A path is not cut: it could not be copied.
    assert [line for line in lines if len(line) > 80 and len(line.split()) > 1] == []
    names = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert names == [part.__name__ for part in screen.PARTS]


def test_nothing_is_written_and_no_address_asked(found, monkeypatch, tmp_path):
    def refuse(*args, **kwargs):
        raise AssertionError("the network")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    (tmp_path / "svhn").mkdir()
    write_mat(tmp_path / "svhn" / "train_32x32.mat", *digits(12))
    before = sorted(tmp_path.rglob("*"))
    assert "bytes" in found("--data", "svhn")["svhn"]["text"]
    assert sorted(tmp_path.rglob("*")) == before


def test_pytorch_is_missing(found, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    said = found()
    for part in ("torch", "device"):
        assert said[part] == {
            "text": "torch cannot be imported",
            "warnings": ["type: pip install torch"],
        }


def test_everything_is_missing(tmp_path):
    names = ("numpy", "torch", "sklearn", "tqdm", "threadpoolctl", "psutil", "packaging", "pooch")
    script = (
        f"import sys; sys.modules.update(dict.fromkeys({names})); from experiments.cli import main;"
        "raise SystemExit(main(['doctor', '--data', '.']))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert "numpy      numpy cannot be imported\n  !        type: pip install numpy" in run.stdout
    assert "sklearn cannot be imported\n  !        type: pip install scikit-learn" in run.stdout
    assert run.stdout.count("\nruns ") == 1


def test_a_part_that_breaks(monkeypatch):
    def part(options):
        raise ValueError("a\nb")

    assert screen.looked_at(part, options()).text == "cannot be told: ValueError: a b"


def test_home_and_user_are_hidden(monkeypatch):
    monkeypatch.setenv("HOME", "/home/anna")
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    assert screen.anonymous("/home/anna/runs, /home/anna") == "~/runs, ~"
    assert screen.anonymous("/scratch/anna/data: anna") == "/scratch/USER/data: anna"
    assert screen.anonymous("/home/annabel/runs") == "/home/annabel/runs"
    assert screen.anonymous("a\x1b[2Jb\nc") == "a?[2Jb c"


def test_a_user_without_a_home_or_a_name(monkeypatch):
    def nobody():
        raise OSError("no username")

    monkeypatch.setenv("HOME", "/")
    monkeypatch.setattr(getpass, "getuser", nobody)
    assert screen.anonymous("/a/b") == "/a/b"


def test_nothing_of_the_user_on_the_screen(tmp_path, monkeypatch, capsys):
    home = tmp_path / "zoe"
    home.mkdir()
    for name, value in {"HOME": str(home), "USER": "zoe", "LOGNAME": "zoe"}.items():
        monkeypatch.setenv(name, value)
    assert main(["doctor", "--data", str(home / "data"), "--out", str(home / "runs")]) == 0
    out = capsys.readouterr().out
    assert "zoe" not in out
    assert platform.node() not in out
    assert "~/data" in out
    assert "--out ~/runs" in out
