"""Numbers that are not finite, and too many of them (faults 60, 61, 68)."""

import re

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from experiments import diagnosis, training
from experiments.backend import NAMES, Backend
from experiments.checkpoint import Checkpoints
from experiments.evaluation import Evaluation
from pt_reference import networks
from tests.faults.small_runs import outcome, resume, start, status_of

both = pytest.mark.parametrize("backend", NAMES)


def at(epoch, step, what):
    """A hook of each step that does something once."""

    def called(_, state):
        if (state.epoch, state.step) == (epoch, step):
            what(state)

    return called


@pytest.mark.fault(60, 61)
@both
@pytest.mark.parametrize("lr", [1e10, 1e30])
def test_a_loss_that_is_not_finite_stops_the_run_and_the_best_is_kept(
    backend, lr, tmp_path, capsys, monkeypatch
):
    def too_large(state):
        state.optimizer.param_groups[0]["lr"] = lr

    monkeypatch.setattr(Checkpoints, "__call__", at(2, 1, too_large))
    assert status_of(lambda: start(backend, tmp_path)) == 3
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert re.search(
        r"the training loss is (nan|inf) in epoch 2, step 3, with learning rate 1e\+\d\d: "
        r"the first layer with a value that is not finite is classnet\.\d \(\w+\): its .*; "
        r"try a smaller --lr",
        err,
    )
    folder = tmp_path / f"{backend}-mlp-seed3"
    assert len((folder / "history.csv").read_text().split()) == 3  # and epochs 0 and 1
    expected = load_file(start(backend, tmp_path / "one", epochs=1) / "best.safetensors")
    for name, array in load_file(folder / "best.safetensors").items():
        np.testing.assert_array_equal(array, expected[name])
    assert not (folder / "result.json").exists()


@pytest.mark.fault(60)
@both
def test_a_nan_in_the_first_epoch(backend, tmp_path, capsys):
    assert status_of(lambda: start(backend, tmp_path, lr=1e30)) == 3
    assert "in epoch 1, step 2, with learning rate 1e+30" in capsys.readouterr().err
    assert not list(tmp_path.glob("*/best.safetensors"))


@pytest.mark.fault(60)
@pytest.mark.parametrize(("bad", "best"), [({1}, 2), ({0, 2}, 1)])
def test_a_nan_in_validation_alone_is_never_the_best(bad, best, tmp_path, monkeypatch):
    usual = training.evaluation

    def with_nan(loader, model, backend, epoch, print_freq):
        found = usual(loader, model, backend, epoch, print_freq)
        nll = float("nan") if epoch in bad else found.nll
        return Evaluation(nll, found.ce, found.predicted, found.log_probabilities)

    monkeypatch.setattr(training, "evaluation", with_nan)
    _, result = outcome(start("minigrad", tmp_path))
    assert result["best_epoch"] == best
    assert np.isfinite(result["best_val_nll"])


def spoil_weight(model, x):
    model.classnet[2].weight.data[3, 1] = float("nan")
    return x


def spoil_two(model, x):
    """Backward goes from the loss to the images: the later layer was the first to be spoiled."""
    model.classnet[6].bias.data[0] = float("inf")
    model.classnet[2].weight.data[3, 1] = float("nan")
    return x


def spoil_activations(model, x):
    model.classnet[4].weight.data *= 1e30
    model.classnet[6].weight.data *= 1e30
    return x


def spoil_images(model, x):
    return x * float("inf")


@both
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (spoil_weight, "classnet.2 (Linear): its weight, after a gradient that was not finite"),
        (spoil_two, "classnet.6 (Linear): its bias, after a gradient that was not finite"),
        (spoil_activations, "classnet.6 (Linear): its output"),
        (spoil_images, "the images have values that are not finite"),
        (lambda model, x: x, "each layer's values are finite, the loss computed from them is not"),
    ],
)
def test_the_first_layer_is_found(backend, spoil, says):
    framework = Backend(backend)
    model = framework.classifier(networks.mlp, 0)
    x = framework.framework.rand(4, 64) + 1
    with framework.no_grad():
        x = spoil(model, x)
    assert diagnosis.first_not_finite(model, x, framework).endswith(says)
    assert not any(layer._forward_hooks for layer in model.modules())


@pytest.mark.fault(68)
@pytest.mark.parametrize("error", [torch.OutOfMemoryError, MemoryError])
def test_out_of_memory_says_what_to_try_and_can_be_resumed(error, tmp_path, capsys, monkeypatch):
    def exhausted(_):
        raise error("tried to allocate 20.00 GiB")

    usual = Checkpoints.__call__

    def hook(checkpoints, state):
        usual(checkpoints, state)
        at(2, 1, exhausted)(checkpoints, state)

    monkeypatch.setattr(Checkpoints, "__call__", hook)
    assert status_of(lambda: start("torch", tmp_path)) == 3
    err = capsys.readouterr().err
    assert "out of memory (tried to allocate 20.00 GiB): try a smaller --batch-size" in err
    monkeypatch.undo()
    folder = tmp_path / "torch-mlp-seed3"
    assert resume(folder) == 0
    assert outcome(folder) == outcome(start("torch", tmp_path / "whole"))
