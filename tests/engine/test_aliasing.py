"""A gradient shares memory with no other one, not with what arrived, and not with the data.

PyTorch keeps the first two promises for the most part only: it may hand the incoming one on.
"""

import itertools

import numpy as np
import pytest

import minigrad

UPSTREAM = np.random.default_rng(0).standard_normal((3, 3))
OPERATIONS = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "one operand twice": lambda x, y: x + x + y,
    "mul": lambda x, y: x * y,
    "matmul": lambda x, y: x @ y,
    "transpose": lambda x, y: x.T + y.T,
    "view": lambda x, y: (x.view(9) + y.reshape(9)).view(3, 3),
    "row": lambda x, y: x + y[0],
    "clone": lambda x, y: x.clone() + y.clone(),
    "relu": lambda x, y: x.relu() + y,
    "expand": lambda x, y: x[:, :1].expand(3, 3) + y,
    "identity": lambda x, y: x + y * 0,
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_gradients_are_memory_of_their_own(operation):
    arrived = minigrad.tensor(UPSTREAM)
    x, y = (minigrad.tensor(UPSTREAM + k, requires_grad=True) for k in (1, 2))
    OPERATIONS[operation](x, y).backward(arrived)
    memory = [t.detach().numpy() for t in (x, y, x.grad, y.grad, arrived)]
    for one, other in itertools.combinations(memory, 2):
        assert not np.shares_memory(one, other)
    np.testing.assert_array_equal(memory[-1], UPSTREAM)


def test_a_change_of_one_gradient_changes_no_other(torch):
    x, y = (torch.ones(2, requires_grad=True) for _ in range(2))
    (x + y).backward(torch.tensor([1.0, 2.0]))
    x.grad.zero_()
    assert y.grad.tolist() == [1.0, 2.0]


def test_the_gradients_of_grad_survive_a_change_of_each_other(torch):
    """`grad` hands out what arrives, so here sharing is seen only if it does harm."""
    x, y = (torch.ones(2, requires_grad=True) for _ in range(2))
    upstream = torch.tensor([1.0, 2.0])
    gx, gy = torch.autograd.grad(x * 2 + y * 3, [x, y], upstream)
    gx.zero_()
    assert gy.tolist() == [3.0, 6.0]
    assert upstream.tolist() == [1.0, 2.0]


def test_the_gradients_of_grad_are_memory_of_their_own():
    x, y = (minigrad.tensor(UPSTREAM + k, requires_grad=True) for k in (1, 2))
    arrived = minigrad.tensor(UPSTREAM)
    grads = minigrad.autograd.grad(x + y, [x, y], arrived)
    for one, other in itertools.combinations([*grads, arrived], 2):
        assert not np.shares_memory(one.numpy(), other.numpy())


def test_accumulation_adds_into_the_gradient_that_is_there(torch):
    """PyTorch adds in place, so a reference taken between two backwards sees the sum."""
    x = torch.ones(2, requires_grad=True)
    (x * 2).sum().backward()
    held = x.grad
    (x * 3).sum().backward()
    assert held is x.grad
    assert held.tolist() == [5.0, 5.0]
