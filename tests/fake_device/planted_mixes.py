"""Mistakes that no test on a CPU can see, put into the real loops: on the device each is found.

`test_fake_device.py` runs this file in a process of its own.
"""

import inspect
import textwrap
from collections import deque
from dataclasses import replace
from types import SimpleNamespace

import pytest

from experiments.backend import Backend
from experiments.digits import Digits
from experiments.evaluation import evaluation
from experiments.run import beginning as digits_beginning
from experiments.svhn.augmentation import augmented, moved
from experiments.svhn.batches import Batches, upload
from experiments.svhn.protocol import split
from experiments.svhn_experiment import beginning
from experiments.training import Losses, train_epoch, training
from pt_reference import networks

from ..svhn.made_up import SETTINGS
from ..svhn_files import digits
from . import fake_gpu
from .fake_gpu import NAME

pytestmark = pytest.mark.usefixtures("device")


def svhn_loop(device):
    """Do all that `minigrad svhn` computes for the improved network, on small random data."""
    backend, begun = svhn_beginning(device)
    run(backend, begun)


def svhn_beginning(device):
    """Return what it begins with; 27 images train, 8 at a time."""
    settings = replace(SETTINGS, device=device, epochs=1, batch_size=8)
    names = ("train", "test")
    made = (digits(n, seed) for seed, n in enumerate((30, 12)))
    files = {
        name: SimpleNamespace(data=images, labels=labels)
        for name, (images, labels) in zip(names, made, strict=True)
    }
    backend = Backend("torch", device)
    return backend, beginning(settings, backend, split("assignment", files, 0, 0.1))


def digits_loop(device):
    """Do all that `minigrad digits` computes for the MLP in PyTorch, on the validation set."""
    settings = SimpleNamespace(lr=1e-3, weight_decay=1e-5, batch_size=64, patience=1, seed=0)
    data = dict.fromkeys(("train", "val", "test"), Digits("val"))
    backend = Backend("torch", device)
    run(backend, digits_beginning(settings, backend, networks.mlp, data))


def run(backend, begun):
    """Train for an epoch, and test."""
    state, training_loader, val_loader, test_loader, _ = begun
    loop = training(state, training_loader, val_loader, backend, num_epochs=1, print_freq=2)
    deque(loop, maxlen=0)
    evaluation(test_loader, state.model, backend)


BATCH = "x, y = backend.batch(*batch)"
KEPT = """total = backend.framework.zeros(())
        total += loss.detach()
        state.step += 1"""
MODEL = "return classifier(network(self.nn), self.nn).to(self.device, self.dtype)"
BUFFERS = """model = classifier(network(self.nn), self.nn).to(self.device, self.dtype)
    for part in model.modules():
        for name, buffer in part.named_buffers(recurse=False):
            part._buffers[name] = buffer.to("cpu")
    return model"""

# What is wrong: the loop that meets it, the function that it is in, its text, and what it becomes.
MISTAKES = {
    "x not moved": (digits_loop, Backend.batch, "x.to(self.device, self.dtype)", "x"),
    "y not moved": (digits_loop, Backend.batch, "y.to(self.device)", "y"),
    "x not moved in training": (digits_loop, train_epoch, BATCH, f"{BATCH}; x = batch[0]"),
    "y not moved in training": (digits_loop, train_epoch, BATCH, f"{BATCH}; y = batch[1]"),
    "x not moved in evaluation": (digits_loop, evaluation, BATCH, f"{BATCH}; x = batch[0]"),
    "y not moved in evaluation": (digits_loop, evaluation, BATCH, f"{BATCH}; y = batch[1]"),
    "network not moved": (svhn_loop, Backend.classifier, MODEL, MODEL.replace("self.device, ", "")),
    "batch norm's buffers not moved": (svhn_loop, Backend.classifier, MODEL, BUFFERS),
    "total kept on the CPU": (svhn_loop, train_epoch, "state.step += 1", KEPT),
    "total kept on the CPU, in evaluation": (
        svhn_loop, evaluation, "batches.append((nll,",
        "batches.append((backend.framework.zeros(()).add_(nll),",
    ),
    "a look without a copy": (
        svhn_loop, evaluation, "backend.array(batch[column])", "batch[column].numpy()",
    ),
    "images left on the CPU": (svhn_loop, upload, ", device=device)", ")"),
    "labels left on the CPU": (svhn_loop, Batches.__init__, "[examples.rows]).to(device)",
                               "[examples.rows])"),
    "indices left on the CPU": (svhn_loop, Batches.take, "positions.to(self.device)", "positions"),
    "order drawn on the device": (
        svhn_loop, Batches.epoch, "len(self.examples), generator",
        "len(self.examples), device=self.device, generator",
    ),
    "chance left on the CPU": (svhn_loop, augmented, ".to(x.device)", ""),
    "inversion left on the CPU": (
        svhn_loop, augmented, "chance[7] < INVERTED", "(chance[7] < INVERTED).cpu()",
    ),
    "grid made on the CPU": (svhn_loop, moved, "affine_grid(window", "affine_grid(window.cpu()"),
    "a loss looked at by NumPy": (svhn_loop, Losses.look, "loss.item()", "float(loss.numpy())"),
}  # fmt: skip


@pytest.mark.parametrize("loop", [svhn_loop, digits_loop])
def test_the_loop_itself_mixes_nothing(loop):
    loop(NAME)


def test_training_waits_for_nothing_but_its_losses():
    backend, begun = svhn_beginning(NAME)
    begun.state.epoch = 1
    fake_gpu.waits.clear()
    train_epoch(begun.state, begun.training_loader, backend)
    assert fake_gpu.waits == ["aten._local_scalar_dense.default"] * 4


@pytest.mark.parametrize(("loop", "function", "text", "becomes"), MISTAKES.values(), ids=MISTAKES)
def test_a_planted_mix_is_found(loop, function, text, becomes, monkeypatch):
    monkeypatch.setattr(function, "__code__", changed(function, text, becomes))
    loop("cpu")  # where all is well
    with pytest.raises(RuntimeError, match=r"two devices|CPU generator|numpy\(\)"):
        loop(NAME)


def changed(function, text, becomes):
    """Return a function's code with a part of its text changed."""
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(text) == 1, f"{function.__qualname__} has become another: {text}"
    names = {}
    exec(source.replace(text, becomes), function.__globals__, names)
    return names[function.__name__].__code__
