"""A training stopped between any two batches and continued is the training that was not stopped."""

import signal
from argparse import Namespace

import numpy as np
import pytest
import torch

from experiments.backend import Backend
from experiments.interruption import Interrupted, gentle
from experiments.svhn.protocol import Examples
from experiments.svhn.recipe import recipe
from experiments.svhn_experiment import beginning
from experiments.training import training

EPOCHS = 2
pytestmark = pytest.mark.usefixtures("on_one_thread")


@pytest.fixture(scope="module")
def examples():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (30, 3, 32, 32), dtype=np.uint8)
    labels = np.arange(30) % 10
    parts = {"train": slice(0, 17), "val": slice(17, 23), "test": slice(23, 30)}
    return {name: Examples(images, labels, np.arange(30)[part]) for name, part in parts.items()}


def start(examples):
    usual = recipe("improved")
    settings = Namespace(
        model="improved", without=None, seed=3, lr=usual.lr, weight_decay=usual.weight_decay,
        batch_size=6, epochs=EPOCHS, patience=20, compile=False,
    )  # fmt: skip
    backend = Backend("torch")
    return backend, beginning(settings, backend, examples)


def go_on(backend, begun):
    state, training_loader, val_loader, *_ = begun
    list(training(state, training_loader, val_loader, backend, EPOCHS))


@pytest.fixture(scope="module")
def whole(examples):
    backend, begun = start(examples)
    go_on(backend, begun)
    return backend.weights(begun.state.model), begun.state


@pytest.mark.parametrize("when", range(2 * 3 + 3))  # batches of both epochs and 3 evaluations
def test_stopped_and_continued(when, examples, whole):
    backend, begun = start(examples)
    forward, seen = begun.state.model.classnet.forward, []

    def counted(x):
        seen.append(None)
        if len(seen) == when + 1:
            signal.raise_signal(signal.SIGINT)
        return forward(x)

    begun.state.model.classnet.forward = counted
    with pytest.raises(Interrupted), gentle():
        go_on(backend, begun)
    torch.manual_seed(99)  # another program may have drawn meanwhile
    go_on(backend, begun)

    weights, state = whole
    for name, expected in weights.items():
        np.testing.assert_array_equal(backend.weights(begun.state.model)[name], expected)
    rows = [
        [(r.epoch, r.train_nll, r.val_nll, r.val_ce) for r in s.history]
        for s in (begun.state, state)
    ]
    assert rows[0] == rows[1]
    assert begun.state.schedule.last_epoch == EPOCHS * 3
