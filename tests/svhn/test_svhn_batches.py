"""Batches are the data: each example once, in an order that is a function of seed and epoch."""

import numpy as np
import pytest
import torch

from experiments.svhn.batches import Batches, upload
from experiments.svhn.protocol import Examples

N, TAKEN = 40, 23


@pytest.fixture
def examples():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (N, 3, 32, 32), dtype=np.uint8)
    return Examples(images, np.arange(N), rng.permutation(N)[:TAKEN])


def order(batches):
    return [y.tolist() for _, y in batches]


def test_batches_are_the_indexed_data(examples):
    batches = Batches(examples, 10)
    assert len(batches) == 3
    seen = list(batches)
    assert [len(y) for _, y in seen] == [10, 10, 3]
    x = torch.cat([x for x, _ in seen])
    np.testing.assert_array_equal(x.numpy(), examples.images[examples.rows].astype(np.float32))
    np.testing.assert_array_equal(np.concatenate([y for _, y in seen]), examples.rows)
    for x, y in seen:
        assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
        assert x.is_contiguous(memory_format=torch.channels_last)


def test_an_epoch_covers_each_example_once_and_images_keep_their_labels(examples):
    for x, y in Batches(examples, 7).epoch(1):
        np.testing.assert_array_equal(x.numpy(), examples.images[y.numpy()])
    seen = [n for batch in order(Batches(examples, 7).epoch(1)) for n in batch]
    assert sorted(seen) == sorted(examples.rows.tolist())


@pytest.mark.fault(63)
def test_the_order_depends_on_seed_and_epoch_alone(examples):
    first = Batches(examples, 7, seed=5)
    epochs = [order(first.epoch(epoch)) for epoch in (1, 2, 3)]
    torch.manual_seed(99)
    np.random.seed(99)
    again = Batches(examples, 7, seed=5)
    assert [order(again.epoch(epoch)) for epoch in (3, 1, 2)] == [epochs[i] for i in (2, 0, 1)]
    different = [*epochs, order(Batches(examples, 7, seed=6).epoch(1))]
    assert len({str(epoch) for epoch in different}) == 4


def test_it_goes_on_from_any_batch_with_the_same_random_numbers(examples):
    def augment(x, draw):
        return x + draw(1).view(-1, 1, 1, 1)

    def drawn(done):
        return [(x, y, torch.rand(2)) for x, y in batches.epoch(4, done)]  # as dropout would

    batches = Batches(examples, 7, augment=augment)
    whole = drawn(0)
    for done in range(len(batches) + 1):
        for one, other in zip(drawn(done), whole[done:], strict=True):
            assert all(map(torch.equal, one, other))
    assert len({tuple(noise.tolist()) for *_, noise in whole}) == len(batches)


def test_uploaded_are_the_same(examples, monkeypatch):
    monkeypatch.setattr("experiments.svhn.batches.BLOCK", 5)
    batches = Batches(examples, 10)
    expected = list(batches)
    batches.uploaded = upload(examples, "cpu")
    for (x, y), (x2, y2) in zip(batches, expected, strict=True):
        assert torch.equal(x, x2)
        assert torch.equal(y, y2)
        assert x.is_contiguous(memory_format=torch.channels_last)
