"""The definitions in plain loops compute what PyTorch does, and what trains.

Their arguments come from the records: one record, three runs.
"""

import ast
import inspect
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad.functions import loops

from .draws import Numbers, seeds, shapes
from .records import OPERATIONS
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


# ------------------------------------------------------------------------------ layers
# How a layer's arguments, as PyTorch takes them, are given to its definition, which has less to
# read for it: batches alone, sizes in pairs. Each returns y, and the function from g to gradients.


def run(name, *args, **options):
    """Call the pair of one file; the gradients of what is None are left out."""
    file = import_module(f"minigrad.functions.loops.{name}")
    y, cache = getattr(file, f"{name}_forward")(*args, **options)

    def back(g):
        grads = getattr(file, f"{name}_backward")(g, cache)
        return [x for x in (grads if isinstance(grads, tuple) else (grads,)) if x is not None]

    return y, back


def reshaped(shape, name, x, *args, **options):
    """Run on an input of another shape; shape the results as if it had not been."""
    y, back = run(name, x.reshape(shape), *args, **options)
    y_shape = (*x.shape[:-1], y.shape[-1]) if name == "linear" else y.shape[y.ndim - x.ndim :]

    def back_reshaped(g):
        first, *rest = back(g.reshape(y.shape))
        return [first.reshape(x.shape), *rest]

    return y.reshape(y_shape), back_reshaped


def images(name, x, *args, **options):
    """Any number of axes, up to (N, C, H, W)."""
    return reshaped((1,) * (4 - x.ndim) + x.shape, name, x, *args, **options)


def pair(value):
    """PyTorch takes a number, one in a list, and nothing for what is unset; here all are two."""
    if not isinstance(value, tuple | list):
        return value if value is None or isinstance(value, str) else (value, value)
    return tuple(value) * 2 if len(value) == 1 else tuple(value) or None


def linear(x, w, b=None):
    return reshaped((x[..., 0].size, x.shape[-1]), "linear", x, w, b)


def conv2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    return images("conv2d", x, w, b, pair(stride), pair(padding), pair(dilation), groups)


def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    window = [pair(v) for v in (kernel_size, stride, padding, dilation)]
    return images("max_pool2d", x, *window, ceil_mode)


def avg_pool2d(x, kernel_size, stride=None, padding=0, **options):
    return images("avg_pool2d", x, pair(kernel_size), pair(stride), pair(padding), **options)


def adaptive_avg_pool2d(x, output_size):
    sizes = zip(pair(output_size), x.shape[-2:], strict=True)
    return images("adaptive_avg_pool2d", x, tuple(n if o is None else o for o, n in sizes))


def pad(x, pad, mode="constant", value=None):
    return run("pad", x, pad, mode, value or 0.0)


def along_an_axis(name):
    return lambda x, dim, dtype=None: reshaped(x.shape or (1,), name, x, dim)


def loss(name):
    def one_or_many(x, target, **options):
        if x.ndim > 1:
            return run(name, x, target, **options)
        y, back = run(name, x[None], target[None], **options)
        y = y.reshape(())
        return y, lambda g: [x[0] for x in back(g)]

    return one_or_many


def batch_norm(x, w=None, b=None, running_mean=None, running_var=None, momentum=0.1, **options):
    return run("batch_norm", x, running_mean, running_var, w, b, **options)


def of_any_shape(name):
    return lambda x, *args, **options: run(name, x, *args, **options)


LAYERS = {
    "linear": linear,
    "conv2d": conv2d,
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "adaptive_avg_pool2d": adaptive_avg_pool2d,
    "pad": pad,
    "pad with its own": pad,
    "softmax": along_an_axis("softmax"),
    "log_softmax": along_an_axis("log_softmax"),
    "nll_loss": loss("nll_loss"),
    "cross_entropy": loss("cross_entropy"),
    "cross_entropy of probabilities": loss("cross_entropy"),
    "batch_norm in training": partial(batch_norm, training=True),
    "batch_norm in evaluation": batch_norm,
    **{name: of_any_shape(name) for name in ("relu", "leaky_relu", "sigmoid", "tanh")},
}


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


def assert_equal(ours, tensor, dtype, what=""):
    assert ours.dtype == dtype
    assert ours.shape == tuple(tensor.shape)
    ours = np.asarray(ours).view(np.ndarray)
    np.testing.assert_allclose(ours, numbers(tensor), **TOLERANCES[dtype], err_msg=what)


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
    file = import_module("minigrad.functions.loops.batch_norm")
    draw = Numbers("normal", seed)
    x, old_mean, old_var = draw((n, c, 2)), draw((c,)), draw.positive((c,))
    for fw in (torch, minigrad):
        mean, var = fw.tensor(old_mean), fw.tensor(old_var)
        fw.nn.functional.batch_norm(fw.tensor(x), mean, var, training=True, momentum=momentum)
        new = file.running_statistics(
            *(elements(a, float) for a in (x, old_mean, old_var)), momentum
        )
        for ours, theirs in zip(new, (mean, var), strict=True):
            assert_equal(ours, theirs, np.float64)


# ------------------------------------------------------------------------------ optimizers

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
    step = getattr(
        import_module(f"minigrad.functions.loops.{name.lower()}"), f"{name.lower()}_step"
    )
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


# ------------------------------------------------------------------------------ how they read

FOLDER = Path(loops.__file__).parent
FILES = {p.stem: ast.parse(p.read_text()) for p in FOLDER.glob("*.py") if p.stem != "__init__"}
every_file = pytest.mark.parametrize("name", FILES)
PLAIN = {  # all that follows a dot: one number's functions, the making and the looks of arrays
    *("exp", "isnan", "log", "maximum", "prod", "tanh", "sqrt", "inf"),
    *("ndarray", "ndindex", "zeros", "zeros_like", "moveaxis"),
    *("copy", "dtype", "ndim", "reshape", "shape", "get", "items"),
}


@every_file
def test_a_file_is_plain(name):
    nodes = list(ast.walk(FILES[name]))
    assert {n.attr for n in nodes if isinstance(n, ast.Attribute)} <= PLAIN
    assert not any(isinstance(n, ast.MatMult) for n in nodes)
    imports = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
    imports |= {n.module for n in nodes if isinstance(n, ast.ImportFrom)}
    assert imports <= {"math", "numpy", "typing"}


@every_file
def test_a_function_is_short(name):
    for function in (n for n in FILES[name].body if isinstance(n, ast.FunctionDef)):
        body = function.body[1:]  # without the docstring
        lines = {line for n in body for line in range(n.lineno, n.end_lineno + 1)}
        assert len(lines) <= 25, function.name


def test_all_are_listed_and_tested():
    layers = {record.partition(" ")[0] for record in LAYERS} | {"dropout"}
    steps = {name.lower() for name in STEPS}
    assert layers | steps == set(FILES)
    listed = [line.split() for line in inspect.getdoc(loops).splitlines() if ".py  " in line]
    assert sorted(map(tuple, listed)) == sorted(
        [(f"{name}.py", f"{name}_forward,", f"{name}_backward") for name in layers]
        + [(f"{name}.py", f"{name}_step") for name in steps]
    )
