"""The training loop: what is printed, kept, restored, and refused."""

import math

import numpy as np
import pytest

from experiments import training as module
from experiments.backend import Backend
from experiments.digits import Digits
from experiments.early_stopping import EarlyStopping
from experiments.errors import TrainingError
from experiments.evaluation import Evaluation
from experiments.training import State, training
from pt_reference import networks


class First:
    """The first n samples of a data set."""

    def __init__(self, dataset, n):
        self.dataset, self.n = dataset, n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return self.dataset[index]


def start(backend, max_patience=20, num_epochs=3, lr=1e-3, n=100):
    """Return a model, the state of its training, and the training itself."""
    model = backend.classifier(networks.mlp, seed=0)
    loader = backend.loader(First(Digits("train"), n), batch_size=64, shuffle=True)
    val = backend.loader(First(Digits("val"), 70), batch_size=64)
    optimizer = backend.adamax(model, lr, 1e-5)
    state = State(model, optimizer, EarlyStopping(max_patience))
    return model, state, training(state, loader, val, backend, num_epochs)


@pytest.fixture
def scripted(monkeypatch):
    """Replace the validation losses, epoch 0 first."""

    def script(losses):
        values = iter(losses)
        monkeypatch.setattr(
            module, "evaluation", lambda *_: Evaluation(next(values), 0.5, *np.zeros((2, 1)))
        )

    return script


def test_the_best_weights_are_left_in_the_model_not_the_last(scripted):
    backend = Backend("torch")
    scripted([0.1, 3.0, 2.0, 2.5, 2.5, 2.5])
    model, state, loop = start(backend, max_patience=2, num_epochs=100)
    after = {row.epoch: backend.weights(model) for row in loop}
    assert [row.epoch for row in state.history] == [0, 1, 2, 3, 4, 5]
    assert state.stopping.best_epoch == 2  # epoch 0 has the lowest nll, and is no candidate
    for name, weights in backend.weights(model).items():
        np.testing.assert_array_equal(weights, after[2][name])
        assert not np.array_equal(weights, after[5][name])


def test_the_limit_of_epochs_ends_training(scripted):
    scripted([9.0, 3.0, 2.0, 1.0])
    _, state, loop = start(Backend("torch"), num_epochs=3)
    assert [row.epoch for row in loop] == [0, 1, 2, 3]
    assert state.stopping.best_epoch == 3


def test_a_nan_in_epoch_1_is_not_kept_for_ever(scripted):
    scripted([9.0, math.nan, 2.0, 3.0])
    _, state, loop = start(Backend("torch"), num_epochs=3)
    list(loop)
    assert state.stopping.best_epoch == 2


def test_without_any_finite_validation_nll_training_has_failed(scripted):
    scripted([9.0, math.nan, math.inf, math.nan])
    _, state, loop = start(Backend("torch"), num_epochs=3)
    with pytest.raises(TrainingError, match="no epoch had a finite validation nll"):
        list(loop)
    assert len(state.history) == 4


def test_a_training_loss_that_is_not_finite_is_named(backend):
    _, state, loop = start(backend, lr=1e30)
    expected = r"the training loss is (nan|inf) in epoch 1, step 2, with learning rate 1e\+30"
    with np.errstate(all="ignore"), pytest.raises(TrainingError, match=expected):
        list(loop)
    assert [row.epoch for row in state.history] == [0]


def test_losses_looked_at_late_are_named_as_well(backend):
    """On a GPU the loop looks at many at once: no loss is lost, and the step is the right one."""
    backend.look_every = 3
    _, state, loop = start(backend, lr=1e30)
    expected = r"the training loss is (nan|inf) in epoch 1, step 2, with learning rate 1e\+30"
    with np.errstate(all="ignore"), pytest.raises(TrainingError, match=expected):
        list(loop)
    histories = []
    for backend.look_every in (1, 2, 50):
        _, state, loop = start(backend, n=170, num_epochs=1)
        list(loop)
        histories.append(state.history[1].train_nll)
    assert histories == [histories[0]] * 3


def test_a_step_is_looked_at_before_it_is_taken_on_the_cpu(backend):
    assert backend.look_every == 1


def test_train_nll_is_the_mean_over_examples(backend):
    """With a learning rate of nothing, it is the loss of the untrained network."""
    model, state, loop = start(backend, lr=1e-30, num_epochs=1)
    list(loop)
    loader = backend.loader(First(Digits("train"), 100), batch_size=100)
    x, y = backend.batch(*next(iter(loader)))
    assert state.history[0].train_nll is None
    assert state.history[1].train_nll == pytest.approx(model(x, y).item(), rel=1e-6)


def test_both_dtypes_start_from_the_same_weights():
    single, double = (
        b.weights(b.classifier(networks.cnn, seed=3))
        for b in (Backend("torch"), Backend("torch", dtype="float64"))
    )
    for name, weights in single.items():
        assert double[name].dtype == np.float64
        np.testing.assert_array_equal(weights, double[name])


def test_weights_are_a_copy(backend):
    model = backend.classifier(networks.mlp, seed=0)
    before = backend.weights(model)
    backend.load_weights(model, {name: 0 * w for name, w in before.items()})
    assert any(w.any() for w in before.values())
    assert not any(w.any() for w in backend.weights(model).values())
