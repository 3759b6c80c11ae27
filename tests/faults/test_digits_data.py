"""Fault 26: Digits without scikit-learn, and with numbers that are none."""

import sys

import numpy as np
import pytest

from experiments import digits
from experiments.cli import main


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    """The digits are read again, and in other tests read as they are."""
    monkeypatch.setattr(digits, "_load", digits._load.__wrapped__)


def run(tmp_path, capsys):
    status = main(["digits", "--backend", "minigrad", "--epochs", "1", "--out", str(tmp_path)])
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return status, err


@pytest.mark.fault(26)
def test_26_scikit_learn_is_missing(tmp_path, capsys, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    status, err = run(tmp_path, capsys)
    assert status == 2
    assert "pip install scikit-learn" in err


@pytest.mark.fault(26)
@pytest.mark.parametrize("value", [np.nan, np.inf, -1, 16.5])
def test_26_pixels_that_are_none(value, tmp_path, capsys, monkeypatch):
    from sklearn import datasets

    pixels, labels = datasets.load_digits(return_X_y=True)
    pixels[1500, 20] = value
    monkeypatch.setattr(datasets, "load_digits", lambda **_: (pixels, labels))
    status, err = run(tmp_path, capsys)
    assert status == 4
    assert "image 1500" in err


@pytest.mark.fault(26)
@pytest.mark.parametrize("wrong", [10, -1])
def test_26_labels_that_are_none(wrong, tmp_path, capsys, monkeypatch):
    from sklearn import datasets

    pixels, labels = datasets.load_digits(return_X_y=True)
    labels[7] = wrong
    monkeypatch.setattr(datasets, "load_digits", lambda **_: (pixels, labels))
    status, err = run(tmp_path, capsys)
    assert status == 4
    assert "image 7" in err


@pytest.mark.fault(26)
def test_26_another_number_of_images(tmp_path, capsys, monkeypatch):
    from sklearn import datasets

    pixels, labels = datasets.load_digits(return_X_y=True)
    monkeypatch.setattr(datasets, "load_digits", lambda **_: (pixels[:-1], labels[:-1]))
    status, err = run(tmp_path, capsys)
    assert status == 4
    assert "(1796, 64)" in err
