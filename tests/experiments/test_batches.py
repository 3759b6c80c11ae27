"""What the loop feeds to whom: watched batch by batch, for the numbers look right either way."""

import numpy as np

from experiments.run import beginning
from experiments.settings import Settings
from experiments.training import train_epoch, training
from pt_reference import networks

N = 10  # examples of a set: batches of 4, 4 and 2


class Numbered:
    """Examples that are told apart by their first pixel; those of another set by another shift."""

    def __init__(self, shift=0):
        self.shift = shift

    def __len__(self):
        return N

    def __getitem__(self, index):
        x = np.zeros(64, dtype=np.float32)
        x[0] = index + self.shift
        return x, index % 10


DATASETS = {"train": Numbered(), "val": Numbered(100), "test": Numbered(200)}


def start(backend):
    """Return the state of a run at its beginning, and its loaders for training and validation."""
    settings = Settings("digits", backend.name, "mlp", 0, "float32", "cpu", 2, 20, 1e-3, 0.0, 4)
    return beginning(settings, backend, networks.mlp, DATASETS)[:3]


def numbers(x):
    """The numbers of the examples in a batch."""
    return [round(row[0]) for row in x.tolist()]


def test_an_epoch_visits_every_example_once_and_in_a_new_order(backend):
    _, loader, _ = start(backend)
    epochs = [[n for x, _ in loader for n in numbers(x)] for _ in range(3)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(N))] * 3
    assert list(range(N)) not in epochs
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_validation_takes_all_of_its_own_examples_in_order(backend):
    *_, loader = start(backend)
    assert [n for x, _ in loader for n in numbers(x)] == list(range(100, 100 + N))


def test_a_step_sees_the_gradient_of_its_own_batch_alone(backend):
    """The same batch again and again, and weights that stand still: the same gradient."""
    state, loader, _ = start(backend)
    model = state.model
    state.optimizer = optimizer = backend.adamax(model, lr=1e-30, weight_decay=0.0)
    seen = []
    step = optimizer.step

    def watched():
        seen.append([p.grad.tolist() for p in model.parameters()])
        step()

    optimizer.step = watched
    batch = next(iter(loader))
    for epoch in (1, 2):
        state.epoch, state.step = epoch, 0
        train_epoch(state, [batch, batch], backend)
    assert len(seen) == 4
    assert seen == [seen[0]] * 4


def test_it_trains_in_train_mode_on_one_set_and_chooses_in_eval_mode_by_the_other(backend):
    state, loader, val_loader = start(backend)
    model = state.model
    seen = []
    forward = model.classnet.forward

    def watched(x):
        seen.append(("train" if model.training else "eval", max(numbers(x)) >= 100))
        return forward(x)

    model.classnet.forward = watched
    loop = training(state, loader, val_loader, backend, 2)
    assert [row.epoch for row in loop] == [0, 1, 2]
    evaluation, epoch = [("eval", True)], [("train", False)] * 3
    assert seen == evaluation + 2 * (epoch + evaluation)
