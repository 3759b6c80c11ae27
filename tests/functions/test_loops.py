"""The definitions in plain loops compute what PyTorch does, and what trains.

Their arguments come from the records: one record, three runs.
"""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad.functions.loops.batch_norm import running_statistics
from minigrad.functions.loops.nll_loss import nll_loss_forward

from .draws import Numbers, seeds, shapes
from .loop_layers import LAYERS, definition, run
from .operations import OPERATIONS
from .records.record import INF, case
from .twins import TOLERANCES, backward, forward, numbers, upstream

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


class Elements(np.ndarray):
    """An array that gives out its elements, and does nothing with more than one of them.

    So a definition that computes with arrays instead of numbers fails.
    """

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        raise AssertionError(f"{ufunc.__name__} of an array")


def elements(value, dtype):
    """A copy that cannot be written to either: nothing that is passed in may be changed."""
    if not isinstance(value, np.ndarray):
        return value
    copy = value.astype(dtype if value.dtype.kind == "f" else value.dtype).view(Elements)
    copy.flags.writeable = False
    return copy


def assert_equal(ours, tensor, dtype, what=""):
    assert ours.dtype == dtype
    assert ours.shape == tuple(tensor.shape)
    ours = np.asarray(ours).view(np.ndarray)
    np.testing.assert_allclose(ours, numbers(tensor), **TOLERANCES[dtype], err_msg=what)


def hold(name, case, dtype=np.float64):
    """Hold the loops against PyTorch, and against minigrad's own operation."""
    inputs = [elements(x, dtype) for x in case.inputs]
    options = {k: elements(v, dtype) for k, v in case.options.items()}
    for fw in (torch, minigrad):
        theirs = forward(fw, OPERATIONS[name].call, case, dtype)
        (g,) = upstream(theirs, case.seed)
        with np.errstate(all="ignore"):
            y, back = LAYERS[name](*inputs, **options)
            grads = back(elements(g, dtype))
        expected = [*theirs.outputs, *backward(theirs, case.seed)]
        if name == "cross_entropy of probabilities":
            expected.pop()  # the target's gradient: the definition has that of x alone
        for ours, tensor in zip([y, *grads], expected, strict=True):
            assert_equal(ours, tensor, dtype, fw.__name__)


def test_what_does_not_count_may_be_infinite():
    """In the cross entropy of a class the others are not multiplied by 0, which were NaN."""
    hold("cross_entropy", case([[-INF, 0.0], [0.0, -INF]], target=np.array([1, 0])))


@pytest.mark.parametrize(
    ("name", "sample"), [(name, sample) for name in LAYERS for sample in OPERATIONS[name].samples]
)
def test_samples(name, sample):
    hold(name, OPERATIONS[name].samples[sample])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", LAYERS)
@given(data=st.data())
def test_drawn(name, dtype, data):
    hold(name, data.draw(OPERATIONS[name].cases("normal", "ties")), dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@given(shape=shapes(), p=st.sampled_from([0.0, 0.2, 0.5, 1.0]), seed=seeds)
def test_dropout(dtype, shape, p, seed):
    """The mask is the one that the framework has drawn: it shows where ones are dropped."""
    x, g = (Numbers("normal", s)(shape).astype(dtype) for s in (seed, seed + 1))
    for fw in (torch, minigrad):
        fw.manual_seed(seed)
        mask = numbers(fw.nn.functional.dropout(fw.tensor(np.ones(shape, dtype)), p)) != 0
        fw.manual_seed(seed)
        leaf = fw.tensor(x).requires_grad_()
        theirs = fw.nn.functional.dropout(leaf, p)
        theirs.backward(fw.tensor(g))
        y, back = run("dropout", elements(x, dtype), elements(mask, dtype), p)
        assert_equal(y, theirs, dtype)
        assert_equal(back(elements(g, dtype))[0], leaf.grad, dtype)


@given(st.integers(2, 4), st.integers(1, 3), st.sampled_from([0.1, 1.0]), seeds)
def test_running_statistics(n, c, momentum, seed):
    draw = Numbers("normal", seed)
    x, old_mean, old_var = draw((n, c, 2)), draw((c,)), draw.positive((c,))
    for fw in (torch, minigrad):
        mean, var = fw.tensor(old_mean), fw.tensor(old_var)
        fw.nn.functional.batch_norm(fw.tensor(x), mean, var, training=True, momentum=momentum)
        new = running_statistics(*[elements(a, float) for a in (x, old_mean, old_var)], momentum)
        for ours, theirs in zip(new, (mean, var), strict=True):
            assert_equal(ours, theirs, np.float64)


# What each optimizer's step can be asked for.
RATES, DECAYS = st.sampled_from([0.0, 1e-3, 0.1]), st.sampled_from([0, 0.1])
COMMON = {"lr": RATES, "weight_decay": DECAYS, "maximize": st.booleans()}
MEANS = {
    "betas": st.tuples(*[st.sampled_from([0.0, 0.5, 0.9, 0.999])] * 2),
    "eps": st.sampled_from([1e-8, 0.1]),
}
STEPS = {
    "SGD": st.fixed_dictionaries(
        COMMON, optional={"momentum": st.just(0.9), "dampening": st.sampled_from([0, 0.3])}
    )
    | st.fixed_dictionaries({"nesterov": st.just(True), "momentum": st.just(0.9)}, optional=COMMON),
    "Adam": st.fixed_dictionaries({}, optional=COMMON | MEANS | {"amsgrad": st.booleans()}),
    "AdamW": st.fixed_dictionaries({}, optional=COMMON | MEANS | {"amsgrad": st.booleans()}),
    "Adamax": st.fixed_dictionaries({}, optional=COMMON | MEANS),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", STEPS)
@given(data=st.data())
def test_ten_steps(name, dtype, data):
    """Gradients of 1e-8 show where eps stands, and NaN, once it is there, must stay."""
    options, shape, seed = data.draw(STEPS[name]), data.draw(shapes()), data.draw(seeds)
    draw, scale = Numbers("normal", seed), data.draw(st.sampled_from([1.0, 1e-8]))
    start = draw(shape)
    gradients = [np.array(draw(shape) * scale) for _ in range(10)]
    if data.draw(st.booleans()):
        gradients[data.draw(st.integers(0, 9))][...] = np.nan
    step = definition(name.lower(), "step")
    for fw in (torch, minigrad):
        theirs = fw.tensor(start.astype(dtype)).requires_grad_()
        optimizer = getattr(fw.optim, name)([theirs], **options)
        p, state = elements(start, dtype), {}
        for gradient in gradients:
            theirs.grad = fw.tensor(gradient.astype(dtype))
            optimizer.step()
            p, state = step(elements(p, dtype), elements(gradient, dtype), state, **options)
            state = {k: elements(v, dtype) for k, v in state.items()}
            assert_equal(p, theirs, dtype, fw.__name__)
        for key, value in optimizer.state[theirs].items():
            if key != "step":
                assert_equal(state[key], value, dtype, f"{fw.__name__} {key}")


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        ([0, 3], IndexError, "Target 3 is out of bounds"),
        ([0, -1], IndexError, "Target -1 is out of bounds"),
        ([[0], [1]], ValueError, r"\(2, 1\) is no shape of targets for \(2, 3\)"),
    ],
)
def test_targets_that_are_none(target, error, message):
    with pytest.raises(error, match=message):
        nll_loss_forward(np.zeros((2, 3)), np.array(target))
