"""Changes in place: counted, shared by views, recorded, and refused where a gradient would lie."""

import numpy as np
import pytest
import torch

import minigrad

from .twins import assert_same

both = pytest.mark.parametrize("fw", [minigrad, torch])
CHANGES = {
    "add_": lambda x: x.add_(1),
    "sub_": lambda x: x.sub_(1),
    "mul_": lambda x: x.mul_(2),
    "div_": lambda x: x.div_(2),
    "+=": lambda x: x.__iadd__(1),
    "-=": lambda x: x.__isub__(1),
    "*=": lambda x: x.__imul__(2),
    "/=": lambda x: x.__itruediv__(2),
    "copy_": lambda x: x.copy_(x * 2),
    "fill_": lambda x: x.fill_(3),
    "zero_": lambda x: x.zero_(),
    "setitem": lambda x: x.__setitem__(0, 5),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_change_is_made_and_counted(name):
    tensors = [fw.tensor([1.0, 2.0]) for fw in (minigrad, torch)]
    arrays = [t.numpy() for t in tensors]
    for tensor, array in zip(tensors, arrays, strict=True):
        view = tensor[:1]
        result = CHANGES[name](tensor)
        assert result is None or result is tensor
        assert tensor._version == view._version == 1
        np.testing.assert_array_equal(array, tensor.numpy())
    assert_same(*tensors)


@pytest.mark.parametrize("name", CHANGES)
@both
def test_what_backward_still_needs_may_not_change(fw, name):
    x = fw.tensor([1.0, 2.0])
    weight = fw.tensor([3.0, 4.0], requires_grad=True)
    y = x * weight  # keeps x, for the gradient of weight
    CHANGES[name](x)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


@pytest.mark.parametrize("name", CHANGES)
@both
def test_what_backward_does_not_need_may_change(fw, name):
    x = fw.tensor([1.0, 2.0])
    bias = fw.tensor([3.0, 4.0], requires_grad=True)
    y = x + bias
    CHANGES[name](x)
    y.sum().backward()
    assert bias.grad.tolist() == [1, 1]


@pytest.mark.parametrize("name", CHANGES)
@both
def test_leaves_change_only_without_recording(fw, name):
    x = fw.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        CHANGES[name](x)
    with fw.no_grad():
        CHANGES[name](x)
    assert x.requires_grad
    assert x.is_leaf


@both
def test_a_change_through_a_view_or_an_alias_is_noticed(fw):
    for alias in (lambda t: t[:1], lambda t: t.view(2, 1), lambda t: t.detach(), lambda t: t.T):
        x = fw.tensor([[1.0, 2.0]]).reshape(2, 1).clone().reshape(1, 2).clone()
        weight = fw.ones(1, 2, requires_grad=True)
        y = x * weight
        alias(x).mul_(2)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.sum().backward()


@both
def test_a_change_through_data_goes_unnoticed(fw):
    x = fw.tensor([1.0, 2.0])
    weight = fw.ones(2, requires_grad=True)
    y = x * weight
    x.data.mul_(2)
    y.sum().backward()
    assert weight.grad.tolist() == [2, 4]


@both
def test_integers_keep_their_type(fw):
    x = fw.tensor([1, 2])
    x += 1
    x *= fw.tensor([2, 3], dtype=fw.int32)
    assert x.tolist() == [4, 9]
    with pytest.raises(RuntimeError, match="can't be cast"):
        x += 0.5
    assert x.dtype is fw.int64


def test_recorded_changes_of_shared_memory_are_refused_not_wrong():
    """PyTorch records them. minigrad says that it does not, and names the way around."""
    x = minigrad.ones(3, requires_grad=True) * 2
    view = x[:1]
    with pytest.raises(RuntimeError, match=r"does not record.*clone"):
        view.mul_(2)
    with pytest.raises(RuntimeError, match=r"does not record.*clone"):
        x.mul_(2)
