"""What several processes compute from their shares is what one computes from the whole."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from experiments.backend import Backend
from experiments.errors import DataError
from experiments.evaluation import evaluation
from experiments.processes import Alone, Launch, loss
from experiments.processes.together import Together
from experiments.svhn.batches import Batches
from experiments.svhn.protocol import Examples
from experiments.svhn.recipe import recipe

from .threads import run

N = 23
pytestmark = pytest.mark.usefixtures("on_one_thread")


@pytest.fixture(scope="module")
def examples():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (N, 3, 32, 32), dtype=np.uint8)
    return Examples(images, rng.integers(0, 10, N), rng.permutation(N))


@pytest.fixture(scope="module")
def backend():
    return Backend("torch", dtype="float64")


@pytest.mark.parametrize("number", [1, 2, 3, 7])
@pytest.mark.parametrize("n", [0, 1, 2, 6, 7, 64, 65])
def test_rows_are_dealt_once_and_evenly(number, n):
    shares = [Together(Launch(rank, number), None).rows(n) for rank in range(number)]
    assert [row for share in shares for row in range(n)[share]] == list(range(n))
    sizes = {len(range(n)[share]) for share in shares}
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("number", [2, 3, 7])
def test_an_epoch_is_dealt_out_row_by_row(number, examples):
    augment = recipe("improved").augment
    whole = list(Batches(examples, 8, augment=augment).epoch(4, done=1))
    ranks = [Together(Launch(rank, number), None) for rank in range(number)]
    parts = [Batches(examples, 8, augment=augment, processes=p).epoch(4, done=1) for p in ranks]
    for (x, y), *shares in zip(whole, *parts, strict=True):
        assert torch.equal(torch.cat([y for _, y in shares]), y)
        torch.testing.assert_close(torch.cat([x for x, _ in shares]), x)
        assert {p.whole(-1) for p in ranks} == {len(y)}


def gradients(model, loss_of, batches, backend):
    """The loss of each batch, and the gradients they all add up to."""
    values = []
    for batch in batches:
        value = loss_of(*backend.batch(*batch))
        value.backward()
        values.append(value.item())
    return values, [p.grad for p in model.parameters()], list(model.buffers())


@pytest.mark.parametrize("name", ["published", "improved"])
@pytest.mark.parametrize("number", [2, 5])  # of the last batch of 3, some have none
def test_loss_gradients_and_statistics_are_those_of_the_joined_batch(
    name, number, examples, backend, monkeypatch
):
    usual = recipe(name)
    model = backend.classifier(usual.network, 1)

    def epoch(model, processes):
        batches = Batches(examples, 10, "cpu", 2, usual.augment, processes)
        return gradients(model, processes.loss(model), batches.epoch(1), backend)

    def share(processes):
        own = copy.deepcopy(model)
        processes.prepare(own)
        return epoch(own, processes)

    # In its place: no communication here, and the mean of the gradients below.
    monkeypatch.setattr(loss, "DistributedDataParallel", lambda model: model)
    monkeypatch.setattr(torch, "manual_seed", lambda _: None)  # one stream for all threads
    monkeypatch.setattr(nn.functional, "dropout", halved)
    everywhere = run(number, share, monkeypatch)
    values, grads, buffers = epoch(model, Alone())
    for theirs, _, remembered in everywhere:
        assert theirs == pytest.approx(values, rel=1e-12)
        for one, other in zip(remembered, buffers, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
    for place, expected in enumerate(grads):
        mean = sum(theirs[place] for _, theirs, _ in everywhere) / number
        torch.testing.assert_close(mean, expected, rtol=1e-9, atol=1e-11)


def halved(x, p=0.5, training=True, inplace=False):
    """A dropout whose masks differ from row to row, and are the same whenever they are drawn."""
    if not training:
        return x
    kept = torch.rand(x.shape, generator=torch.Generator().manual_seed(5), dtype=x.dtype) > p
    return x * kept / (1 - p)


@pytest.mark.parametrize("n", [1, 22, 23])
@pytest.mark.parametrize("number", [2, 3])
def test_evaluation_counts_each_example_once_and_gives_the_same_bits(
    n, number, examples, monkeypatch
):
    some = Examples(examples.images, examples.labels, examples.rows[:n])
    single = Backend("torch")
    model = single.classifier(recipe("improved").network, 1)
    expected = evaluation(Batches(some, 5), model, single)

    def share(processes):
        backend = Backend("torch")
        backend.processes = processes
        own = copy.deepcopy(model)
        processes.prepare(own)
        return evaluation(Batches(some, 5, processes=processes), own, backend)

    for result in run(number, share, monkeypatch):
        assert (result.nll, result.ce) == (expected.nll, expected.ce)
        assert len(result.predicted) == n
        np.testing.assert_array_equal(result.log_probabilities, expected.log_probabilities)
        np.testing.assert_array_equal(result.predicted, expected.predicted)


def test_what_one_cannot_do_all_refuse(monkeypatch):
    def prepared(rank):
        if rank == 1:
            raise DataError("test_32x32.mat is missing")
        return rank

    def share(processes):
        with pytest.raises(DataError) as raised:
            processes.agreed(prepared, processes.rank)
        return str(raised.value)

    assert set(run(3, share, monkeypatch)) == {"process 1: test_32x32.mat is missing"}
    assert run(2, lambda p: p.agreed(abs, -p.rank), monkeypatch) == [0, 1]


def test_the_largest_number_is_agreed_on(monkeypatch):
    assert run(3, lambda p: p.largest(15 if p.rank == 2 else 0), monkeypatch) == [15] * 3


def test_the_first_alone_does_what_is_done_once(monkeypatch):
    done = []
    run(3, lambda p: p.by_first(done.append, p.rank), monkeypatch)
    assert done == [0]
