"""A tensor prints as in PyTorch, to the letter."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import minigrad

FLOATS = st.one_of(
    st.floats(-10, 10).map(lambda x: round(x, 2)),
    st.integers(-5, 2000).map(float),
    st.floats(width=32),
    st.sampled_from([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-5, 1e8, 1.5, 123456.0]),
)
ELEMENTS = {
    "float32": FLOATS,
    "float64": FLOATS | st.floats(),
    "int64": st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9),
    "uint8": st.integers(0, 255),
    "int16": st.integers(-(2**15), 2**15 - 1),
    "bool": st.booleans(),
}


@pytest.mark.parametrize("type_name", ELEMENTS)
@given(st.data())
def test_small_tensors(type_name, data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    array = data.draw(hnp.arrays(type_name, shape, elements=ELEMENTS[type_name], fill=st.nothing()))
    assert repr(minigrad.tensor(array)) == repr(torch.tensor(array))
    assert str(minigrad.tensor(array)) == str(torch.tensor(array))


@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("type_name", ["float32", "float64"])
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-6, 1e-3, 1.0, 100.0, 1e6, 1e12]), st.data())
def test_long_lines(type_name, requires_grad, seed, scale, data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=25))
    array = (np.random.default_rng(seed).standard_normal(shape) * scale).astype(type_name)
    ours, theirs = [fw.tensor(array).requires_grad_(requires_grad) for fw in (minigrad, torch)]
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize(
    "shape", [(1001,), (7, 200), (1, 1001), (300, 5), (10, 11, 12), (2, 2, 2, 200)]
)
@pytest.mark.parametrize("type_name", ["float32", "int64", "bool"])
def test_large_tensors_are_cut(shape, type_name):
    array = np.random.default_rng(0).normal(0, 3, shape).astype(type_name)
    assert "..." in repr(minigrad.tensor(array))
    assert repr(minigrad.tensor(array)) == repr(torch.tensor(array))


def test_what_a_tensor_was_made_by():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x * x) == "tensor([1., 4.], grad_fn=<MulBackward>)"
    assert repr((x * x).detach()) == "tensor([1., 4.])"


@pytest.mark.parametrize(
    "show",
    [
        lambda fw: fw.nn.Parameter(fw.tensor([1.5, 2.0])),
        lambda fw: fw.nn.Parameter(fw.tensor(1.5), requires_grad=False),
        lambda fw: fw.zeros(2, 3).shape,
        lambda fw: fw.zeros(2, 3).size(),
        lambda fw: fw.zeros(2, 3).shape[:1],
        lambda fw: fw.Size([2]) + fw.Size([3]),
        lambda fw: fw.Size([]),
        lambda fw: fw.float32,
        lambda fw: [fw.long, fw.uint8, fw.bool, fw.double],
        lambda fw: fw.zeros(1).device,
        lambda fw: fw.zeros(1).type(),
        lambda fw: f"{fw.tensor(1.2345):.2f} {fw.tensor(3):>4} {fw.tensor([1.0])}",
    ],
)  # fmt: skip
def test_other_things(show):
    assert repr(show(minigrad)) == repr(show(torch))
