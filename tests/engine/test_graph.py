"""Graphs of every shape: the gradient of a value is the sum over all its uses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

UPSTREAM = np.random.default_rng(0).standard_normal((3, 3))


def leaves(torch, *numbers):
    return [torch.tensor(n, dtype=torch.float64, requires_grad=True) for n in numbers]


def matrices(torch, count, seed=1):
    drawn = np.random.default_rng(seed).standard_normal((count, 3, 3))
    return [torch.tensor(a, requires_grad=True) for a in drawn]


def test_a_value_used_twice(torch):
    (x,) = leaves(torch, 3.0)
    (x * x + x).backward()
    assert x.grad.item() == 7.0


def test_both_operands_are_one_value_twice_over(torch):
    (a,) = leaves(torch, 1.0)
    b = a + a
    c = b + b
    c.backward()
    assert a.grad.item() == 4.0


def test_a_diamond_of_values_that_are_no_leaves(agree):
    def diamond(torch):
        (x,) = matrices(torch, 1)
        y = x.exp()
        left, right = y * 2, y @ y
        (left * right + y).backward(torch.tensor(UPSTREAM))
        return x.grad

    agree(diamond, rtol=1e-12)


def test_a_long_and_a_short_path_meet(torch):
    """The short path arrives first: its operation must wait for the long one."""
    (x,) = leaves(torch, 1.0)
    y = x * 1.0
    long = y
    for _ in range(10):
        long = long * 1.0
    (y + long).backward()
    assert x.grad.item() == 2.0


def test_diamonds_in_a_row_take_linear_time(torch):
    """There are 2**1000 paths: a walk of paths and not of operations would never end."""
    (x,) = leaves(torch, 1.0)
    y = x
    for _ in range(1000):
        y = (y + y) / 2
    y.backward()
    assert x.grad.item() == 1.0


def test_two_layers_share_a_weight(agree):
    def shared(torch):
        w, x = matrices(torch, 2)
        (w @ (w @ x).relu()).backward(torch.tensor(UPSTREAM))
        return w.grad, x.grad

    agree(shared, rtol=1e-12)


def test_an_output_that_no_one_uses(torch):
    (x,) = matrices(torch, 1)
    values, _ = x.max(dim=0)
    first, second = values * 2, values * 3
    first.sum().backward()
    assert second.requires_grad
    assert x.grad.sum().item() == 6.0


def test_several_losses_at_once(agree):
    def losses(torch):
        x, y = matrices(torch, 2)
        upstream = torch.tensor(UPSTREAM)
        torch.autograd.backward([(x * y).sum(), x.exp()], [None, upstream])
        return x.grad, y.grad

    agree(losses, rtol=1e-12)


def test_one_loss_inside_another(agree):
    """A root that is also on the way from another root gets both gradients."""

    def nested(torch):
        (x,) = matrices(torch, 1)
        inner = x.exp()
        torch.autograd.backward([inner.sum(), (inner * inner).sum()])
        return x.grad

    agree(nested, rtol=1e-12)


def test_an_operation_knows_what_made_its_inputs(torch):
    (x,) = leaves(torch, 5.0)
    y = x * 2
    assert repr(y.grad_fn).startswith("<MulBackward")
    (maker, position), _ = y.grad_fn.next_functions
    assert maker.variable is x
    assert (position, maker.next_functions) == (0, ())
    assert repr(maker).startswith("<AccumulateGrad object at 0x")


def test_a_loss_that_is_a_leaf(torch):
    (x,) = leaves(torch, 5.0)
    x.backward()
    assert x.grad.item() == 1.0


UNARY = {
    "relu": lambda torch, a: torch.relu(a),
    "exp": lambda torch, a: torch.exp(a * 0.1),
    "neg": lambda torch, a: -a,
    "square": lambda torch, a: a**2 * 0.1,
    "log": lambda torch, a: torch.log(a * a + 1),
    "transpose": lambda torch, a: a.T,
    "reshape": lambda torch, a: a.reshape(9).view(3, 3),
    "row": lambda torch, a: a[1],
    "column mean": lambda torch, a: a.mean(dim=1, keepdim=True).expand(3, 3) * a,
    "log_softmax": lambda torch, a: torch.log_softmax(a, dim=-1),
}
BINARY = {
    "add": lambda torch, a, b: a + b,
    "sub": lambda torch, a, b: a - b,
    "mul": lambda torch, a, b: a * b,
    "div": lambda torch, a, b: a / (b * b + 1),
    "matmul": lambda torch, a, b: (a @ b) / 3,
    "row": lambda torch, a, b: a + b[0],
    "column": lambda torch, a, b: a[:, 1:2] * b,
    "where": lambda torch, a, b: torch.where(a > b, a, b),
}


@st.composite
def recipes(draw):
    """A random graph: each step names an operation and which of the values so far it takes."""
    steps = []
    for count in range(3, 3 + draw(st.integers(1, 12))):
        operation = draw(st.sampled_from(sorted(UNARY) + sorted(BINARY)))
        steps.append((operation, draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))))
    return steps


def follow(torch, steps):
    values = inputs = matrices(torch, 3, seed=2)
    values = list(inputs)
    for operation, one, other in steps:
        if operation in UNARY and operation != "row":
            result = UNARY[operation](torch, values[one])
        else:
            result = BINARY[operation](torch, values[one], values[other])
        # Growth is held down, or exp would make all later digits noise.
        values.append(result / (1 + result.detach().abs().max()))
    loss = sum(value * (k + 1) for k, value in enumerate(values[3:]))
    loss.backward(torch.tensor(UPSTREAM))
    return [loss.detach(), *[x.grad for x in inputs]]


@given(recipes())
def test_random_graphs(agree, steps):
    agree(lambda torch: follow(torch, steps), rtol=1e-9, atol=1e-12)


@pytest.mark.long
@given(st.lists(st.sampled_from(sorted(BINARY)), min_size=50, max_size=200))
def test_random_deep_graphs(agree, operations):
    steps = [(name, k + 2, (k * 7) % (k + 3)) for k, name in enumerate(operations)]
    agree(lambda torch: follow(torch, steps), rtol=1e-9, atol=1e-12)
