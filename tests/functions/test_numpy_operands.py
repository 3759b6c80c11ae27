"""A NumPy array or number on either side of a tensor: the result is a tensor, with its gradient."""

import operator

import numpy as np
import pytest
import torch

import minigrad

from .twins import assert_same

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
ARRAYS = {
    "row": np.array([1.0, 2.0, 3.0]),
    "column": np.array([[1.0], [2.0]]),
    "of no axes": np.array(2.0),
    "integers": np.array([1, 2, 3]),
    "bools": np.array([True, False, True]),
    "float32": np.array([1.5, 2.5, 3.5], np.float32),
}
NUMBERS = [2.5, 2, True, np.float64(2.5), np.float32(2.5), np.int64(2), np.bool_(True)]
# PyTorch subtracts no bools, and cannot compute the gradient of a power of them.
NOT_OF_BOOLS = [operator.sub, operator.pow]
X = [[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]]


def values_and_gradient(fw, function, other, array_first):
    x = fw.tensor(X, dtype=fw.float64, requires_grad=True)
    y = function(other, x) if array_first else function(x, other)
    if y.requires_grad:
        (y * y).sum().backward()
    return y, x.grad


@pytest.mark.parametrize("array_first", [False, True])
@pytest.mark.parametrize(
    ("function", "kind"),
    [
        pytest.param(function, kind, id=f"{function.__name__}-{kind}")
        for function in OPERATORS + COMPARISONS
        for kind in ARRAYS
        if not (kind == "bools" and function in NOT_OF_BOOLS)
    ],
)
def test_an_array_beside_a_tensor(function, kind, array_first):
    # PyTorch itself fails with the array on the left: its tensor of the same numbers stands there.
    ours = values_and_gradient(minigrad, function, ARRAYS[kind], array_first)
    theirs = values_and_gradient(torch, function, torch.tensor(ARRAYS[kind]), array_first)
    for a, b in zip(ours, theirs, strict=True):
        assert_same(a, b)


@pytest.mark.parametrize("number_first", [False, True])
@pytest.mark.parametrize(
    ("function", "number"),
    [
        pytest.param(function, number, id=f"{function.__name__}-{number!r}")
        for function in OPERATORS + COMPARISONS
        for number in NUMBERS
        if not (isinstance(number, bool | np.bool_) and function in NOT_OF_BOOLS)
    ],
)
def test_a_number_beside_a_tensor(function, number, number_first):
    plain = number.item() if isinstance(number, np.generic) else number
    ours = values_and_gradient(minigrad, function, number, number_first)
    theirs = values_and_gradient(torch, function, plain, number_first)
    for a, b in zip(ours, theirs, strict=True):
        assert_same(a, b)


def test_the_product_with_an_array():
    x = minigrad.tensor(X, dtype=minigrad.float64, requires_grad=True)
    weight = np.arange(6.0).reshape(3, 2)
    (x @ weight).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [weight.sum(1)] * 2)
    assert isinstance(weight @ x, minigrad.Tensor)


@pytest.mark.parametrize("other", ["text", [1, 2], None, object()])
def test_anything_else_is_refused(other):
    with pytest.raises(TypeError):
        minigrad.tensor([1.0, 2.0]) + other
    with pytest.raises(TypeError):
        other + minigrad.tensor([1.0, 2.0])
