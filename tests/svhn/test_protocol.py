"""Which rows train, validate and test: exact, disjoint, complete."""

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.errors import DataError
from experiments.svhn.protocol import Joined, drawn, published, split


def numbered(n, start=0):
    """A data set whose images tell their number by two pixels."""
    images = np.zeros((n, 3, 32, 32), np.uint8)
    numbers = np.arange(start, start + n)
    images[:, 0, 0, 0], images[:, 1, 5, 7] = numbers % 256, numbers // 256
    return SimpleNamespace(data=images, labels=numbers % 10)


def numbers(examples):
    """The numbers of the images that examples stand for."""
    images = examples.images[examples.rows]
    return images[:, 0, 0, 0] + 256 * images[:, 1, 5, 7].astype(int)


def test_published_is_the_notebooks_own_shuffle():
    files = {"train": numbered(70), "extra": numbered(233, 70), "test": numbered(11, 1000)}
    np.random.seed(0)  # these three lines are the notebook's
    order = np.random.choice(range(303), 303, replace=False)
    threshold = 9 * 303 // 10
    for seed in (0, 7):  # it has its own seed
        examples = split("published", files, seed, val_fraction=0.5)
        np.testing.assert_array_equal(numbers(examples["train"]), order[:threshold])
        np.testing.assert_array_equal(numbers(examples["val"]), order[threshold:])
        np.testing.assert_array_equal(examples["val"].labels, np.arange(303) % 10)
        np.testing.assert_array_equal(numbers(examples["test"]), np.arange(1000, 1011))


def test_published_sizes_of_the_whole():
    training, validation = published(604_388)
    assert (len(training), len(validation)) == (543_949, 60_439)
    assert len(np.unique(np.concatenate([training, validation]))) == 604_388


@pytest.mark.parametrize("n", [11, 100, 4434])
@pytest.mark.parametrize("fraction", [0.1, 0.25])
def test_a_seed_draws_at_least_the_share(n, fraction):
    training, validation = drawn(n, 3, fraction)
    assert fraction * n <= len(validation) < fraction * n + 1
    np.testing.assert_array_equal(np.sort(np.concatenate([training, validation])), np.arange(n))
    assert not np.array_equal(validation, drawn(n, 4, fraction)[1])
    np.testing.assert_array_equal(validation, drawn(n, 3, fraction)[1])


def test_validation_meets_neither_training_nor_test():
    files = {"train": numbered(200), "test": numbered(50, 200)}
    examples = split("assignment", files, seed=1, val_fraction=0.1)
    train, val, test = (set(numbers(examples[name]).tolist()) for name in ("train", "val", "test"))
    assert not train & val
    assert not (train | val) & test
    assert train | val == set(range(200))
    assert test == set(range(200, 250))


def test_the_extra_file_is_not_asked_for():
    split("assignment", {"train": numbered(20), "test": numbered(5)}, 0, 0.1)


def test_one_image_is_too_few():
    with pytest.raises(DataError, match="1 training images are too few"):
        split("assignment", {"train": numbered(1), "test": numbered(5)}, 0, 0.1)


def test_joined_is_one_behind_the_other():
    parts = [numbered(n).data for n in (3, 1, 300)]
    joined = Joined(parts)
    whole = np.concatenate(parts)
    indices = np.random.default_rng(0).integers(0, 304, 500)
    assert len(joined) == 304
    np.testing.assert_array_equal(joined[indices], whole[indices])
