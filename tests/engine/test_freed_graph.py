"""What a graph holds is let go of: after backward, or when the loss is dropped."""

import gc
import weakref

import pytest

import minigrad
from minigrad import nn, optim

FREED = "Trying to backward through the graph a second time"


@pytest.fixture
def no_gc():
    """Without the collector only reference counts free memory: a cycle would stay."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_second_backward_says_so(torch):
    x = torch.tensor(3.0, requires_grad=True)
    loss = x * x
    loss.backward()
    with pytest.raises(RuntimeError, match=FREED):
        loss.backward()
    assert x.grad.item() == 6.0


def test_a_second_backward_through_a_shared_part_says_so(torch):
    x = torch.tensor(3.0, requires_grad=True)
    shared = x.exp()
    first, second = shared * 2, shared * 3
    first.backward()
    with pytest.raises(RuntimeError, match=FREED):
        second.backward()


def test_what_saves_nothing_can_go_backward_twice(torch):
    x = torch.tensor(3.0, requires_grad=True)
    loss = x + 1
    loss.backward()
    loss.backward()
    assert x.grad.item() == 2.0


def test_a_retained_graph_adds_the_same_again(agree):
    def twice(torch):
        x = torch.arange(1, 5, dtype=torch.float64).requires_grad_()
        loss = (x.log() * x.exp()).sum()
        loss.backward(retain_graph=True)
        once = x.grad.clone()
        loss.backward(retain_graph=True)
        assert x.grad.tolist() == (once + once).tolist()
        loss.backward()
        with pytest.raises(RuntimeError, match=FREED):
            loss.backward()
        return x.grad

    agree(twice, rtol=1e-12)


def test_backward_frees_what_was_saved(torch, no_gc):
    x = torch.ones(3, requires_grad=True)
    middle = x * 2
    saved = weakref.ref(middle)
    loss = (middle * middle).sum()
    del middle
    if torch.__name__ == "minigrad":  # PyTorch holds the numbers, not this Python object
        assert saved() is not None
    loss.backward()
    assert saved() is None


def test_a_dropped_graph_is_freed_at_once(no_gc):
    torch = minigrad  # PyTorch's nodes cannot be watched
    x = torch.ones(4, 4, requires_grad=True)
    nodes = []
    y = x
    for step in (
        torch.exp,
        torch.relu,
        lambda a: a @ a,
        lambda a: torch.log_softmax(a, 1),
        torch.sum,
    ):
        y = step(y)
        nodes.append(weakref.ref(y.grad_fn))
    del y
    assert [node() for node in nodes] == [None] * len(nodes)


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_dropped_leaf_is_freed_at_once(torch, no_gc, create_graph):
    x = torch.ones(4, requires_grad=True)
    gone = weakref.ref(x)
    loss = (x.exp() * x).sum()
    torch.autograd.grad(loss, x, create_graph=create_graph)
    del x, loss
    assert gone() is None


def test_a_training_step_leaves_nothing_behind(no_gc):
    """The gradients and the weights stay: everything else is freed without the collector."""
    model = nn.Sequential(
        nn.Unflatten(1, (1, 4, 4)), nn.Conv2d(1, 2, 3, padding="same"), nn.MaxPool2d(2),
        nn.Flatten(), nn.ReLU(), nn.Linear(8, 3), nn.LogSoftmax(1),
    )  # fmt: skip
    optimizer = optim.Adamax(model.parameters())

    def step():
        loss = nn.NLLLoss()(model(minigrad.rand(5, 16)), minigrad.arange(5) % 3)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def tensors():
        return sum(issubclass(type(o), minigrad.Tensor) for o in gc.get_objects())

    step()
    before = tensors()
    step()
    assert tensors() == before
