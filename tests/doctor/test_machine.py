"""What `minigrad doctor` says of the machine and the packages is so, and it sees the trouble."""

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from packaging.requirements import Requirement

from experiments.doctor import computing, machine, packages

from .asked import options

ROOT = Path(__file__).parents[2]


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
