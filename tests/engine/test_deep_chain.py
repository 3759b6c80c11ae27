"""A chain of 100,000 operations is as good as one of ten: nothing in the engine recurses."""

import gc
import weakref

import minigrad

LENGTH = 100_000


def test_forward_backward_and_deletion(torch):
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(LENGTH):
        y = y + 1.0
    assert y.item() == LENGTH + 1.0
    y.backward()
    assert x.grad.item() == 1.0
    del y  # each operation holds the one before it: 100,000 of them fall at once


def test_deletion_without_backward():
    x = minigrad.tensor(1.0, requires_grad=True)
    y = first = x * 2.0
    node = weakref.ref(first.grad_fn)
    del first
    for _ in range(LENGTH):
        y = y * 1.0
    gc.disable()
    try:
        del y
        assert node() is None
    finally:
        gc.enable()


def test_a_wide_sum(torch):
    x = torch.tensor(2.0, requires_grad=True)
    sum([x] * 10_000).backward()
    assert x.grad.item() == 10_000
