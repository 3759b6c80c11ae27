"""What torchrun says, what is refused in several processes, and which GPU is whose."""

import argparse
import json
import sys
from types import SimpleNamespace

import pytest
import torch

from experiments import backend as backend_module
from experiments import resume
from experiments.cli import main
from experiments.errors import UsageError
from experiments.processes import Alone, Launch, launch, together
from experiments.svhn.shared import check

OWN = {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}
OWN |= {"MASTER_ADDR": "localhost", "MASTER_PORT": "1"}


def test_torchruns_own_variables_count_and_no_others():
    assert launch(OWN) == Launch(1, 2, 1, 2)
    for name in OWN:
        assert launch({k: v for k, v in OWN.items() if k != name}) == Launch()


@pytest.mark.parametrize(
    "command", [["digits"], ["check", "layers.py"], ["test", "run"], ["bench"]]
)
@pytest.mark.parametrize("rank", ["0", "1"])
def test_other_commands_are_refused_once(command, rank, monkeypatch, capfd):
    for name, value in (OWN | {"RANK": rank}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout", sys.stdout)  # to be put back at the end
    monkeypatch.setattr("sys.stderr", sys.stderr)
    assert main(command) == 2
    if rank == "1":
        sys.stdout.close()  # nowhere
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == [
        f"minigrad: {command[0]} is for one process: type minigrad {command[0]}, without torchrun "
        "(several are for svhn and resume)"
    ] * (rank == "0")


def options(**typed):
    usual = {"ablation": False, "compile": False, "batch_size": None, "model": "both"}
    return argparse.Namespace(**usual | typed)


@pytest.mark.parametrize(
    ("number", "typed", "says"),
    [
        (2, {"ablation": True}, "--ablation is for one process, not for torchrun: use --jobs N"),
        (2, {"compile": True}, "--compile is for one process"),
        (3, {"batch_size": 2}, "3 processes cannot share batches of 2: use --nproc-per-node 2"),
        (65, {}, "65 processes cannot share batches of 64"),
    ],
)
def test_what_cannot_be_shared(number, typed, says):
    with pytest.raises(UsageError, match=says):
        check(options(**typed), SimpleNamespace(number=number))
    check(options(**typed), Alone())


def test_what_can_be_shared():
    check(options(batch_size=2), SimpleNamespace(number=2))
    check(options(model="published"), SimpleNamespace(number=65))


OF_ALL = {
    "backend": "torch", "seed": 0, "dtype": "float32", "device": "cpu", "epochs": 1, "patience": 1,
    "lr": 0.1, "weight_decay": 0.0, "batch_size": 64,
}  # fmt: skip
CONFIG = {
    "digits": OF_ALL | {"model": "mlp"},
    "svhn": OF_ALL | {
        "model": "published", "data": "", "subset": True, "protocol": "assignment",
        "val_fraction": 0.1, "without": None, "amp": False, "compile": False, "threads": 1,
        "extra": "not used", "data_files": [],
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"experiment": "digits"}, "a run on Digits is for one process: leave torchrun out"),
        ({"experiment": "svhn", "compile": True}, "--compile is for one process"),
        ({"experiment": "svhn", "batch_size": 1}, "2 processes cannot share batches of 1"),
    ],
)
def test_a_run_that_cannot_be_shared_goes_on_in_one(settings, says, tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text(json.dumps(CONFIG[settings["experiment"]] | settings))
    monkeypatch.setattr(resume, "current", lambda: SimpleNamespace(number=2))
    with pytest.raises(UsageError, match=says):
        resume.resume(argparse.Namespace(run=tmp_path, data=None, device=None))


@pytest.fixture
def two(monkeypatch):
    processes = SimpleNamespace(number=2, local_number=2)
    monkeypatch.setattr(backend_module, "current", lambda: processes)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


def test_each_process_needs_a_gpu_of_its_own(two, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(UsageError, match="need a GPU each, and it has 1: use --nproc-per-node 1"):
        backend_module.find_device("cuda", "float32")
    assert backend_module.find_device("cpu", "float32") == "cpu"
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert backend_module.find_device("cuda", "float32") == "cuda"


def test_apples_gpu_is_for_one_process(two, monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    with pytest.raises(UsageError, match="--device mps is for one process"):
        backend_module.find_device("mps", "float32")


@pytest.mark.parametrize(
    ("gpus", "backend", "chosen"), [(0, "gloo", []), (2, "cpu:gloo,cuda:nccl", [1])]
)
def test_a_process_takes_its_gpu_before_it_joins(gpus, backend, chosen, monkeypatch):
    done = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.cuda, "set_device", done.append)
    dist = together.dist
    store = dist.HashStore()
    monkeypatch.setattr(dist, "rendezvous", lambda *_, **__: iter([(store, 1, 2)]))
    monkeypatch.setattr(dist, "init_process_group", lambda name, **_: done.append(name))
    monkeypatch.setattr(dist, "destroy_process_group", lambda: done.append("left"))
    with together.together(Launch(1, 2, 1, 2)) as processes:
        assert (processes.rank, processes.number, processes.first) == (1, 2, False)
    assert done == [*chosen, backend, "left"]
