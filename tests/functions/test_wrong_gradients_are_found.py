"""A test of the tests: a wrong gradient, planted in a copy of an operation, must be rejected."""

import numpy as np
import pytest
import torch

import minigrad
from minigrad.gradcheck import GradcheckError

from .twins import Case, assert_finite_differences, assert_same, assert_twins, backward, forward

CASE = Case((np.array([[0.5, -1.5], [2.0, 1.0]]), np.array([[1.0, 2.0], [-0.5, 0.25]])), seed=3)
MISTAKES = {
    "right": lambda g, x, w: (g @ w.T, x.T @ g),
    "factor 1.001": lambda g, x, w: (g @ w.T * 1.001, x.T @ g),
    "factor 1 + 1e-8": lambda g, x, w: (g @ w.T, x.T @ g * (1 + 1e-8)),
    "sign": lambda g, x, w: (g @ w.T, -(x.T @ g)),
    "transposed": lambda g, x, w: (g @ w, x.T @ g),
    "a missing term": lambda g, x, w: (g @ w.T, x[:1].T @ g[:1]),
    "upstream ignored": lambda g, x, w: (minigrad.ones_like(g) @ w.T, x.T @ g),
    "one element": lambda g, x, w: (g @ w.T + minigrad.tensor([[0.0, 1e-5], [0, 0]]), x.T @ g),
    "no gradient": lambda g, x, w: (None, x.T @ g),
    "float32": lambda g, x, w: ((g @ w.T).float().double(), x.T @ g),
}


def product_with(rule):
    class Product(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.save_for_backward(x, w)
            return x @ w

        @staticmethod
        def backward(ctx, grad_output):
            return rule(grad_output, *ctx.saved_tensors)

    return lambda fw, x, w: Product.apply(x, w) if fw is minigrad else x @ w


def test_the_right_gradient_is_accepted():
    call = product_with(MISTAKES["right"])
    assert_twins(call, CASE)
    assert_finite_differences(call, CASE)


@pytest.mark.parametrize("mistake", sorted(MISTAKES.keys() - {"right"}))
def test_pytorch_rejects(mistake):
    with pytest.raises(AssertionError, match="gradient of input"):
        assert_twins(product_with(MISTAKES[mistake]), CASE)


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize(
    "mistake", sorted(MISTAKES.keys() - {"right", "factor 1 + 1e-8", "float32"})
)
def test_finite_differences_reject(mistake, fast_mode):
    with pytest.raises(GradcheckError, match=r"Jacobian mismatch|not multiplied by grad_output"):
        assert_finite_differences(product_with(MISTAKES[mistake]), CASE, fast_mode=fast_mode)


@pytest.mark.parametrize(
    ("ours", "message"),
    [
        (lambda fw, x, w: x @ w * (1 + 1e-8), "output 0"),
        (lambda fw, x, w: (x @ w).float(), "float32"),
        (lambda fw, x, w: (x @ w).flatten(), "Size"),
        (lambda fw, x, w: (x @ w).detach(), "requires_grad"),
    ],
)
def test_a_wrong_output_is_rejected(ours, message):
    with pytest.raises(AssertionError, match=message):
        assert_twins(lambda fw, x, w: ours(fw, x, w) if fw is minigrad else x @ w, CASE)


def test_accumulated_gradients_are_told_apart_from_fresh_ones():
    call = product_with(MISTAKES["right"])
    ours, theirs = forward(minigrad, call, CASE), forward(torch, call, CASE)
    backward(ours, CASE.seed, retain_graph=True)
    with pytest.raises(AssertionError):
        assert_same(backward(ours, CASE.seed)[0], backward(theirs, CASE.seed)[0])
