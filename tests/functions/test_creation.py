"""Tensors from data and of one value: types, shapes, memory."""

import numpy as np
import pytest
import torch

import minigrad

from .twins import assert_same

CALLS = {
    "float": lambda fw: fw.tensor(0.1),
    "float64 keeps every digit": lambda fw: fw.tensor([0.1, 1 / 3], dtype=fw.float64),
    "int": lambda fw: fw.tensor(3),
    "bool": lambda fw: fw.tensor([True, False]),
    "mixed numbers": lambda fw: fw.tensor([1, 2.5, True]),
    "int and bool": lambda fw: fw.tensor([1, True]),
    "nested": lambda fw: fw.tensor([[1, 2], (3, 4)]),
    "empty": lambda fw: fw.tensor([]),
    "empty rows": lambda fw: fw.tensor([[], []]),
    "float64 array": lambda fw: fw.tensor(np.array([1.5, 2.5])),
    "int32 array": lambda fw: fw.tensor(np.array([1, 2], np.int32)),
    "array as float32": lambda fw: fw.tensor(np.array([1, 2]), dtype=fw.float32),
    "NumPy number": lambda fw: fw.tensor(np.float64(0.1)),
    "NumPy integer": lambda fw: fw.tensor(np.int64(3)),
    "NumPy numbers in a list": lambda fw: fw.tensor([np.float64(0.1), np.float64(0.2)]),
    "tensors in a list": lambda fw: fw.tensor([fw.tensor(1), fw.tensor(2)]),
    "a byte wraps": lambda fw: fw.tensor([-1, 255], dtype=fw.uint8),
    "int8 to its ends": lambda fw: fw.tensor([-128, 127], dtype=fw.int8),
    "floats to int64": lambda fw: fw.tensor([1.9, -1.9], dtype=fw.int64),
    "numbers to bool": lambda fw: fw.tensor([0.0, 0.5, 2], dtype=fw.bool),
    "as_tensor list": lambda fw: fw.as_tensor([1, 2]),
    "as_tensor dtype": lambda fw: fw.as_tensor(np.array([1.5]), dtype=fw.float32),
    "from_numpy": lambda fw: fw.from_numpy(np.array([[1.5, 2.5]], np.float32)),
    "zeros": lambda fw: fw.zeros(2, 3),
    "zeros of a size": lambda fw: fw.zeros((2, 0), dtype=fw.uint8),
    "zeros of no axes": lambda fw: fw.zeros(()),
    "ones": lambda fw: fw.ones(fw.Size([2])),
    "ones bool": lambda fw: fw.ones(2, dtype=fw.bool),
    "full int": lambda fw: fw.full((2,), 3),
    "full float": lambda fw: fw.full((2, 1), 3.5),
    "full bool": lambda fw: fw.full((1,), True),
    "full dtype": lambda fw: fw.full((2,), 1, dtype=fw.float64),
    "zeros_like": lambda fw: fw.zeros_like(fw.tensor([1, 2])),
    "ones_like dtype": lambda fw: fw.ones_like(fw.tensor([1, 2]), dtype=fw.float64),
    "full_like": lambda fw: fw.full_like(fw.tensor([1, 2]), 7),
    "arange": lambda fw: fw.arange(5),
    "arange float": lambda fw: fw.arange(1.0, 2.0, 0.25),
    "arange 0.1": lambda fw: fw.arange(0, 1, 0.1, dtype=fw.float64),
    "arange down": lambda fw: fw.arange(5, 0, -2),
    "arange empty": lambda fw: fw.arange(3, 3),
    "arange dtype": lambda fw: fw.arange(3, dtype=fw.float32),
    "arange mixed": lambda fw: fw.arange(0, 3, 1.5),
    "full_like dtype": lambda fw: fw.full_like(fw.tensor([1, 2]), 7, dtype=fw.float64),
    "Tensor of nothing": lambda fw: fw.Tensor(),
    "LongTensor of nothing": lambda fw: fw.LongTensor(),
    "Tensor of sizes": lambda fw: fw.Tensor(2, 0),
    "LongTensor of a size": lambda fw: fw.LongTensor(fw.Size([0, 2])),
    "LongTensor of a tensor": lambda fw: fw.LongTensor(fw.tensor([3, 1])),
    "FloatTensor of an array": lambda fw: fw.FloatTensor(np.array([1.5])),
    "Tensor of data": lambda fw: fw.Tensor([1, 2]),
    "FloatTensor": lambda fw: fw.FloatTensor([[1, 2]]),
    "LongTensor": lambda fw: fw.LongTensor([1, 2]),
    "DoubleTensor": lambda fw: fw.DoubleTensor([0.1]),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_values_types_and_shapes(name):
    ours, theirs = [CALLS[name](fw) for fw in (minigrad, torch)]
    assert_same(ours, theirs)
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert ours.requires_grad is theirs.requires_grad is False


@pytest.mark.parametrize("fw", [minigrad, torch])
def test_who_shares_memory(fw):
    array = np.zeros(3)
    copied, shared, wrapped = fw.tensor(array), fw.as_tensor(array), fw.from_numpy(array)
    array[0] = 5
    assert [t[0].item() for t in (copied, shared, wrapped)] == [0, 5, 5]
    wrapped[1] = 7
    assert array[1] == 7
    assert wrapped.numpy()[1] == 7
    assert wrapped.detach()[1] == 7
    clone = wrapped.clone()
    clone[1] = 9
    assert array[1] == 7


def test_what_empty_promises_is_its_shape_and_type():
    for call in (
        lambda fw: fw.empty_like(fw.tensor([1, 2])),
        lambda fw: fw.empty_like(fw.ones(2, 3), dtype=fw.float64, requires_grad=True),
    ):
        ours, theirs = [call(fw) for fw in (minigrad, torch)]
        assert (str(ours.dtype), tuple(ours.shape)) == (str(theirs.dtype), tuple(theirs.shape))
        assert ours.requires_grad == theirs.requires_grad


@pytest.mark.parametrize("fw", [minigrad, torch])
def test_the_default_type_is_what_floats_become(fw):
    fw.set_default_dtype(fw.float64)
    try:
        made = [fw.tensor(0.1), fw.zeros(1), fw.tensor([1]) / 2, fw.exp(fw.tensor(1)), fw.Tensor(1)]
        assert {t.dtype for t in made} == {fw.float64}
        assert fw.tensor([1]).dtype is fw.int64
    finally:
        fw.set_default_dtype(fw.float32)
    assert fw.get_default_dtype() is fw.float32
