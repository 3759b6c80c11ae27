"""Every differentiable operation against PyTorch and against finite differences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad

from .operations import OPERATIONS
from .twins import (
    assert_finite_differences,
    assert_same,
    assert_twins,
    backward,
    forward,
    run,
    second_derivatives,
)

pytestmark = pytest.mark.filterwarnings(
    # What PyTorch warns of and minigrad does without a word: a padded copy, a mask of bytes.
    "ignore:Using padding='same' with even kernel lengths",
    "ignore:indexing with dtype torch.uint8 is now deprecated",
)
every_operation = pytest.mark.parametrize("name", OPERATIONS)
every_sample = pytest.mark.parametrize(
    ("name", "sample"),
    [(name, sample) for name in OPERATIONS for sample in OPERATIONS[name].samples],
)


@every_operation
@given(st.data())
def test_equals_pytorch(name, data):
    op = OPERATIONS[name]
    assert_twins(op.call, data.draw(op.cases("distinct", "normal", "ties")))


@every_sample
def test_equals_pytorch_on_samples(name, sample):
    op = OPERATIONS[name]
    assert_twins(op.call, op.samples[sample])


SEVERAL_INPUTS = """add, add alpha, sub, mul, div, div rounded, remainder, pow, where, setitem,
+= -= *= /=, copy_, matmul, linear, conv2d, cat, stack, cross_entropy of probabilities,
batch_norm in training, batch_norm in evaluation"""


@pytest.mark.parametrize("name", SEVERAL_INPUTS.replace("\n", " ").split(", "))
@given(st.data())
def test_equals_pytorch_where_an_input_gets_no_gradient(name, data):
    """A frozen layer: its gradients are not computed; those of the others are what they were."""
    op = OPERATIONS[name]
    case = data.draw(op.cases("distinct"))
    frozen = data.draw(st.integers(0, len(case.inputs) - 1))
    runs = []
    for fw in (minigrad, torch):
        leaves = [fw.tensor(x).requires_grad_(k != frozen) for k, x in enumerate(case.inputs)]
        runs.append(run(fw, op.call, leaves, case.options))
    for ours, theirs in zip(*[backward(r, case.seed) for r in runs], strict=True):
        assert_same(ours, theirs)


@every_operation
@given(st.data())
def test_equals_pytorch_in_float32(name, data):
    op = OPERATIONS[name]
    assert_twins(op.call, data.draw(op.cases("distinct")), np.float32)


@every_operation
@given(st.data())
def test_second_derivative_equals_pytorch(name, data):
    op = OPERATIONS[name]
    case = data.draw(op.cases("distinct", "normal"))
    ours, theirs = [
        second_derivatives(forward(fw, op.call, case), case.seed) for fw in (minigrad, torch)
    ]
    for a, b in zip(ours, theirs, strict=True):
        assert_same(a, b)


@pytest.mark.parametrize("name", [name for name, op in OPERATIONS.items() if op.differences])
@given(st.data())
def test_equals_finite_differences(name, data):
    op = OPERATIONS[name]
    case = data.draw(op.cases("distinct"))
    assert not op.on_kink(case)  # by construction: nothing is filtered
    assert_finite_differences(op.call, case, fast_mode=data.draw(st.booleans()))


@pytest.mark.parametrize("name", [name for name, op in OPERATIONS.items() if op.kinks])
def test_on_its_kinks_it_equals_pytorch(name):
    """There finite differences say nothing, and PyTorch's choice is the rule."""
    op = OPERATIONS[name]
    found = 0

    @settings(max_examples=4 * settings().max_examples)
    @given(op.cases("ties"))
    def try_out(case):
        nonlocal found
        found += op.on_kink(case)
        assert_twins(op.call, case)

    try_out()
    assert found
