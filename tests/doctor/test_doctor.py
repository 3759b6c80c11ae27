"""`minigrad doctor` says what is so, hides who asks, and lives with whatever is missing."""

import getpass
import importlib.metadata
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from argparse import Namespace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from packaging.requirements import Requirement

from experiments.cli import main, parser
from experiments.doctor import computing, files, machine, packages, screen
from experiments.run_folder import RunFolder

from ..svhn_files import digits, make_official, write_mat

ROOT = Path(__file__).parents[2]


def options(**asked):
    return Namespace(**{"data": None, "out": Path("runs"), "json": False} | asked)


@pytest.fixture
def found(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder; return each part's text and warnings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*argv):
        assert main(["doctor", "--json", *map(str, argv)]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out)

    return run


# The screen


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


# What it says is so


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of itself")
def test_the_machine(found):
    said = found()
    assert platform.release() in said["system"]["text"]
    usable, there = map(int, re.search(r"(\d+) of (\d+) cores", said["processor"]["text"]).groups())
    assert (usable, there) == (len(psutil.Process().cpu_affinity()), psutil.cpu_count())
    total = re.search(r"of ([\d.,]+) GB", said["memory"]["text"])[1]
    kilobytes = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])
    assert float(total.replace(",", "")) == pytest.approx(1024e-9 * kilobytes, abs=0.06)


def test_the_disk(found, tmp_path):
    df = subprocess.run(["df", "-B1", tmp_path], capture_output=True, text=True, check=True)
    size = int(df.stdout.splitlines()[-1].split()[1])
    said = found("--out", tmp_path / "not" / "there")["disk"]["text"]
    assert float(re.search(r"of ([\d.,]+) GB", said)[1].replace(",", "")) == pytest.approx(
        size / 1e9, abs=0.06
    )


def test_the_packages(found):
    said = found()
    shown = dict(part.split() for part in said["packages"]["text"].split(", "))
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for requirement in map(Requirement, declared):
        if requirement.name in shown:  # what is installed may be older than this checkout
            assert shown[requirement.name] == importlib.metadata.version(requirement.name)
    assert {"numpy", "torch"} <= set(shown)
    assert said["python"]["text"].startswith(f"CPython {platform.python_version()}, ")
    assert sys.prefix.replace(str(Path.home()), "~") in said["python"]["text"]


def test_what_computes(found):
    said = found()
    number = re.search(r"get_num_threads\(\) : (\d+)", torch.__config__.parallel_info())[1]
    assert said["torch"]["text"].startswith(f"{torch.__version__}, ")
    assert f", {number} thread" in said["torch"]["text"]
    assert ("CUDA " in said["torch"]["text"]) != ("no CUDA" in said["torch"]["text"])
    assert ("cuda:0" in said["device"]["text"]) == torch.cuda.is_available()
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    assert said["numpy"]["text"].split()[0] in blas


# Trouble


@pytest.mark.parametrize("value", ["abc", "0", "-1", "", "1.5"])
def test_a_number_of_threads_that_is_none(value, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    monkeypatch.setenv("MKL_NUM_THREADS", "2")
    said = computing.variables(options())
    assert said.text == f"OMP_NUM_THREADS={value}, MKL_NUM_THREADS=2"
    (warning,) = said.warnings
    assert warning.endswith("type: unset OMP_NUM_THREADS")


def test_numbers_of_threads_that_are_right(monkeypatch):
    for name in computing.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert computing.variables(options()).text == "none set"
    monkeypatch.setenv("OMP_NUM_THREADS", "4,2")  # of nested loops
    assert computing.variables(options()).warnings == []


def test_a_version_that_was_not_tried(monkeypatch):
    monkeypatch.setattr(
        packages, "version", {"torch": "9.9.0+cpu", "numpy": "2.4.0", "scipy": None}.get
    )
    monkeypatch.setattr(
        packages,
        "requirements",
        lambda extra: [*map(Requirement, ("numpy>=2.1", "torch>=2.10,<2.14", "scipy>=1.13"))],
    )
    said = packages.packages(options())
    assert said.text == "numpy 2.4.0, torch 9.9.0+cpu, scipy missing"
    assert said.warnings == [
        "torch 9.9.0+cpu was not tried; type: pip install 'torch<2.14,>=2.10'",
        "scipy is not installed; type: pip install 'scipy>=1.13'",
    ]


def test_more_threads_than_cores(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 999)
    (warning,) = computing.torch(options()).warnings
    assert warning.endswith(f"type: export OMP_NUM_THREADS={machine.cores()}")


def test_a_gpu_that_cannot_be_used(monkeypatch, tmp_path):
    monkeypatch.setattr(computing, "DRIVER", tmp_path / "version")
    assert computing.device(options()).warnings == []
    (tmp_path / "version").write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\n"
    )
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    said = computing.device(options())
    assert said.text.endswith("; NVIDIA driver 580.65.06")
    assert "built without CUDA" in said.warnings[0]
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert "type: nvidia-smi" in computing.device(options()).warnings[0]


def test_a_container_with_less_memory(monkeypatch, tmp_path):
    there = psutil.virtual_memory()
    monkeypatch.setattr(machine, "container_limit", lambda total: 500_000_000)
    said = machine.memory(options())
    assert "at most 0.50 GB for this container" in said.text
    assert "--batch-size" in said.warnings[0]
    assert there.total > 500_000_000


def test_a_disk_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    assert "is a file" in machine.disk(options(out=tmp_path / "file")).warnings[0]
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert "little room" in machine.disk(options(out=tmp_path)).warnings[0]
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "nothing can be written" in machine.disk(options(out=tmp_path)).warnings[0]


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


# Files


def test_good_cut_and_missing_files(found, tmp_path, monkeypatch):
    folder = tmp_path / "my data"
    assert found("--data", folder)["svhn"]["text"].startswith("there is no folder ")
    folder.mkdir()
    train = write_mat(folder / "train_32x32.mat", *digits(12))
    official = make_official(monkeypatch, train, "train")
    assert found("--data", folder)["svhn"] == {
        "text": f"{folder}: train official, extra missing, test missing",
        "warnings": [],
    }
    train.write_bytes(train.read_bytes()[:-100])
    said = found("--data", folder)["svhn"]
    assert f"train {official.bytes - 100:,} of {official.bytes:,} bytes" in said["text"]
    assert said["warnings"][0].endswith(f"type: minigrad data check '{folder}'")
    train.write_bytes(b"<html>" + bytes(1000))
    said = found("--data", folder)["svhn"]
    assert "train broken" in said["text"]
    assert "web page" in said["warnings"][0]


def test_digits_that_are_others(found, monkeypatch):
    assert found()["digits"] == {"text": "1797 images, as they should be", "warnings": []}
    import sklearn.datasets

    pixels, labels = sklearn.datasets.load_digits(return_X_y=True)
    pixels[5, 5] += 1
    monkeypatch.setattr(sklearn.datasets, "load_digits", lambda **_: (pixels, labels))
    assert "--force-reinstall scikit-learn" in files.digits(options()).warnings[0]


def test_runs(found, tmp_path):
    for name, kept in {
        "digits/a": ["result.json", "last.ckpt"],
        "digits/b b": ["last.ckpt", ".lock"],
        "digits/c": ["prev.ckpt"],  # killed between two renames
        "digits/d": ["last.ckpt", ".lock"],
        "svhn/e": [],
        "svhn/report": None,
    }.items():
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        for file in ["config.json", *kept] if kept is not None else []:
            (folder / file).write_text("{}")
    with RunFolder.at(tmp_path / "runs" / "digits" / "d").locked():
        said = found("--out", "runs")["runs"]
    assert said == {
        "text": "runs: 1 finished, 1 at work, 2 to be continued, 1 that cannot be",
        "warnings": [
            "to continue it, type: minigrad resume 'runs/digits/b b'",
            "to continue it, type: minigrad resume runs/digits/c",
        ],
    }
    assert parser().parse_args(["resume", "runs/digits/c"]).command == "resume"


# Who asks


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
