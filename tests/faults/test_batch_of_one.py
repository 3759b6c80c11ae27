"""Fault 62: the last batch has one image, and the network has batch norm."""

import csv

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from experiments import svhn_experiment
from experiments.cli import main
from experiments.svhn.batches import Batches
from pt_reference.improved import improved

from ..svhn_files import digits, write_mat


@pytest.mark.fault(62)
@pytest.mark.parametrize("options", [(), ("--without", "depth"), ("--batch-size", "1")])
def test_62_a_last_batch_of_one_image(options, tmp_path, monkeypatch):
    """Of 73 images 8 validate, and 65 train: one more than a batch. None is left out."""
    for seed, (split, n) in enumerate({"train": 73, "test": 9}.items()):
        write_mat(tmp_path / f"{split}_32x32.mat", *digits(n, seed))
    monkeypatch.setattr(svhn_experiment, "report", lambda *_: None)
    sizes = []
    real = Batches.epoch

    def watched(self, *args):
        for x, y in real(self, *args):
            sizes.append(len(y))
            yield x, y

    monkeypatch.setattr(Batches, "epoch", watched)
    where = ["--data", str(tmp_path), "--subset", "--out", str(tmp_path / "runs")]
    usual = ["--model", "improved", "--epochs", "1", "--threads", "1"]
    assert main(["svhn", *where, *usual, *options]) == 0
    assert sizes == ([1] * 65 if "--batch-size" in options else [64, 1])
    (run,) = (tmp_path / "runs" / "svhn").iterdir()
    with (run / "history.csv").open() as file:
        assert np.isfinite([float(row["val_nll"]) for row in csv.DictReader(file)]).all()
    weights = load_file(run / "best.safetensors")
    assert any("running_var" in name for name in weights)
    assert all(np.isfinite(array).all() for array in weights.values())


@pytest.mark.fault(62)
@pytest.mark.parametrize("depth", [True, False])
def test_62_every_batch_norm_sees_enough_of_one_image(depth):
    """The least number of values of a channel, of which mean and variance are taken, is 16."""
    seen = []
    network = improved(depth=depth).train()
    for layer in network:
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0][0, 0].numel()))
    assert network(torch.rand(1, 3, 32, 32)).isfinite().all()
    assert min(seen) == 16
