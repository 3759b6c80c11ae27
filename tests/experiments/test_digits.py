"""The assignment's split."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from experiments.digits import Digits


@pytest.mark.parametrize(
    ("mode", "first", "last"), [("train", 0, 999), ("val", 1000, 1349), ("test", 1350, 1796)]
)
def test_split(mode, first, last):
    data, all_digits = Digits(mode), load_digits()
    assert len(data) == last - first + 1
    for index, row in ((0, first), (len(data) - 1, last)):
        x, y = data[index]
        assert x.dtype == np.float32
        assert type(y) is int
        np.testing.assert_array_equal(x, all_digits.data[row])  # raw values, not scaled
        assert y == all_digits.target[row]


def test_ends_like_a_list():
    with pytest.raises(IndexError):
        Digits("test")[447]


def test_transforms():
    doubled = Digits("val", transforms=lambda x: 2 * x)
    np.testing.assert_array_equal(doubled[5][0], 2 * Digits("val")[5][0])


def test_unknown_mode():
    with pytest.raises(ValueError, match="train, val, test"):
        Digits("validation")
