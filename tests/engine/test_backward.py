"""backward(): what it adds, where, and what it refuses."""

import numpy as np
import pytest


def test_gradients_accumulate_over_two_backwards(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()
    (x * x).sum().backward()
    assert x.grad.tolist() == [5.0, 7.0]


def test_a_leaf_that_requires_no_gradient_gets_none(torch):
    x, y = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0)
    (x * y).backward()
    assert x.grad.item() == 3.0
    assert y.grad is None
    assert not y.requires_grad


def test_a_value_on_the_way_keeps_no_gradient(torch):
    x = torch.tensor(2.0, requires_grad=True)
    leaf = x.is_leaf
    y = x * x
    assert (leaf, y.is_leaf, y.requires_grad) == (True, False, True)
    (y * 2).backward()
    assert y.grad_fn is not None


def test_an_operation_on_constants_is_not_recorded(torch):
    y = torch.tensor(2.0) * torch.tensor(3.0)
    assert y.grad_fn is None
    assert not y.requires_grad
    with pytest.raises(RuntimeError, match="does not require grad and does not have a grad_fn"):
        y.backward()


def test_no_scalar_needs_a_gradient(torch):
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar"):
        (x * 2).backward()
    assert x.grad is None


def test_one_element_is_scalar_enough(torch):
    x = torch.ones(1, 1, requires_grad=True)
    (x * 2).backward()
    assert x.grad.tolist() == [[2.0]]


def test_the_gradient_has_the_shape_of_the_output(torch):
    x = torch.ones(2, requires_grad=True)
    message = r"Mismatch in shape: grad_output\[0\] has a shape of torch.Size\(\[3\]\)"
    with pytest.raises(RuntimeError, match=message):
        (x * 2).backward(torch.ones(3))


def test_the_gradient_is_a_tensor(torch):
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(TypeError, match="gradients can be either Tensors or None, but got float"):
        (x * 2).backward([1.0])


def test_the_gradient_is_the_one_that_was_given(agree):
    upstream = np.random.default_rng(0).standard_normal(4)

    def backward(torch):
        x = torch.arange(4, dtype=torch.float64).requires_grad_()
        (x * x).backward(gradient=torch.tensor(upstream))
        return x.grad

    agree(backward)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_gradient_has_the_dtype_of_its_leaf(torch, dtype):
    x = torch.ones(2, dtype=getattr(torch, dtype), requires_grad=True)
    other = torch.ones(2, dtype=torch.float64 if dtype == "float32" else torch.float32)
    (x * other).sum().backward()
    assert x.grad.dtype == x.dtype


def test_inputs_restricts_the_leaves(torch):
    x, y = (torch.tensor(n, requires_grad=True) for n in (2.0, 3.0))
    middle = x * y
    (middle * x).backward(inputs=[x])
    assert (x.grad.item(), y.grad) == (12.0, None)
    (x * y).backward(inputs=y)
    assert (x.grad.item(), y.grad.item()) == (12.0, 2.0)
    with pytest.raises(RuntimeError, match="cannot be empty"):
        (x * y).backward(inputs=[])


def test_only_floats_require_a_gradient(torch):
    with pytest.raises(RuntimeError, match=r"[oO]nly Tensors of floating point"):
        torch.tensor([1, 2], requires_grad=True)
    with pytest.raises(RuntimeError, match="only Tensors of floating point"):
        torch.tensor([1, 2]).requires_grad_()


def test_requires_grad_of_a_computed_value_stays(torch):
    y = torch.ones(2, requires_grad=True) * 2
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf"):
        y.requires_grad = False
    y.requires_grad_(True)


def test_retain_grad_keeps_the_gradient_of_a_value_on_the_way(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad.tolist() == [6.0, 12.0]
    assert x.grad.tolist() == [18.0, 36.0]


def test_retain_grad_accumulates_and_no_constant_has_it(torch):
    x = torch.tensor(2.0, requires_grad=True)
    y = x * 3
    y.retain_grad()
    y.retain_grad()
    (y * y).backward(retain_graph=True)
    (y * 1).backward()
    assert y.grad.item() == 13.0
    with pytest.raises(RuntimeError, match="can't retain_grad on Tensor that has requires_grad=F"):
        torch.tensor(1.0).retain_grad()


def test_retain_grad_of_a_leaf_changes_nothing(torch):
    x = torch.tensor(2.0, requires_grad=True)
    x.retain_grad()
    (x * x).backward()
    assert x.grad.item() == 4.0


def test_detach_shares_the_numbers_and_not_the_history(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    cut = y.detach()
    assert not cut.requires_grad
    assert cut.is_leaf
    (cut * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]
    cut.zero_()
    assert y.tolist() == [0.0, 0.0]
