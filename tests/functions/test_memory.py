"""What no gradient check looks at: who writes to, and who shares, which memory."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad

from .operations import OPERATIONS
from .twins import TOLERANCES, backward, forward, numbers, run, upstream

every_operation = pytest.mark.parametrize("name", OPERATIONS)


@every_operation
@given(st.data())
def test_inputs_and_upstream_are_unchanged_and_unshared(name, data):
    op = OPERATIONS[name]
    case = data.draw(op.cases("normal"))
    arrays = [x.copy() for x in case.inputs]
    leaves = [minigrad.from_numpy(x).requires_grad_() for x in arrays]
    ours = run(minigrad, op.call, leaves, case.options)
    given_gradients = upstream(ours, case.seed)
    kept = [g.copy() for g in given_gradients]
    if ours.differentiable:
        minigrad.autograd.backward(
            ours.differentiable, [minigrad.from_numpy(g) for g in given_gradients]
        )
    for x, before in zip(arrays + given_gradients, [*case.inputs, *kept], strict=True):
        np.testing.assert_array_equal(x, before)
    gradients = [numbers(leaf.grad) for leaf in leaves if leaf.grad is not None]
    for a, b in itertools.combinations([*gradients, *given_gradients], 2):
        assert not np.shares_memory(a, b)
    for gradient, x in itertools.product(gradients, arrays):
        assert not np.shares_memory(gradient, x)


@every_operation
@given(st.data())
def test_a_second_backward_adds_the_same_again(name, data):
    op = OPERATIONS[name]
    case = data.draw(op.cases("normal", "ties"))
    ours = forward(minigrad, op.call, case)
    once = [
        g if g is None else numbers(g).copy() for g in backward(ours, case.seed, retain_graph=True)
    ]
    for first, both in zip(once, backward(ours, case.seed), strict=True):
        if first is not None:
            np.testing.assert_array_equal(numbers(both), first + first)


def fortran(x):
    return np.array(x, order="F")


def sliced(x):
    """Every second element of a larger array, from its end, behind one element too many."""
    large = np.full([2 * n + 1 for n in x.shape], np.nan)
    view = large[(..., *(slice(2 * n, 0, -2) for n in x.shape))]
    view[...] = x
    return view


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


@pytest.mark.parametrize("name", [name for name, op in OPERATIONS.items() if op.strided])
@given(st.data())
def test_the_layout_in_memory_does_not_matter(name, data):
    op = OPERATIONS[name]
    case = data.draw(op.cases("normal", "ties"))
    layout = data.draw(st.sampled_from([fortran, sliced, read_only]))
    leaves = [minigrad.from_numpy(layout(x)).requires_grad_() for x in case.inputs]
    strided = run(minigrad, op.call, leaves, case.options)
    plain = forward(minigrad, op.call, case)
    for a, b in zip(strided.outputs, plain.outputs, strict=True):
        assert numbers(a).shape == numbers(b).shape
        tolerance = TOLERANCES[numbers(b).dtype.type] if b.is_floating_point() else {}
        np.testing.assert_allclose(numbers(a), numbers(b), **tolerance)
    if strided.differentiable:
        gradients = [minigrad.from_numpy(layout(g)) for g in upstream(strided, case.seed)]
        minigrad.autograd.backward(strided.differentiable, gradients)
    for a, b in zip(strided.leaves, backward(plain, case.seed), strict=True):
        if b is None:
            assert a.grad is None
        else:
            np.testing.assert_allclose(numbers(a.grad), numbers(b), **TOLERANCES[np.float64])
            assert a.grad.dtype is b.dtype
