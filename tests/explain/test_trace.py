"""The trace is the truth: its gradients are those of backward(), and it changes nothing."""

import functools
import operator

import numpy as np
import pytest

import minigrad
from minigrad.explain import trace
from minigrad.function import Function
from pt_reference.networks import classifier, cnn, mlp

from .random_graphs import leaves, random_function

SEEDS = range(12)


def same(ours, theirs):
    """Equal to the last bit."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    assert ours.tobytes() == theirs.tobytes()


def gradients(function, tensors):
    """What backward() puts into .grad."""
    function(*tensors).backward()
    grads = [t.grad.numpy() for t in tensors]
    for t in tensors:
        t.grad = None
    return grads


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_are_those_of_backward(seed, dtype):
    function, tensors = random_function(seed), leaves(seed, dtype)
    expected = gradients(function, tensors)
    found = {v.name: v.grad for v in trace(function, *tensors).values}
    for name, grad in zip("abcd", expected, strict=True):
        same(found[name], grad)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loss_that_is_there_already_has_the_same_trace(seed):
    function, tensors = random_function(seed), leaves(seed)
    recorded, remembered = trace(function, *tensors), trace(function(*tensors))
    assert recorded.recorded
    assert not remembered.recorded
    expected = [(s.op, s.needs_grad) for s in recorded.steps if s.needs_grad]
    assert [(s.op, s.needs_grad) for s in remembered.steps] == expected
    for one, other in zip(recorded.backward, remembered.backward, strict=True):
        assert one.op == other.op
        for name in one.needs_grad:
            ours, theirs = one.inputs[name], other.inputs[name]
            same(ours.grad, theirs.grad)
            if theirs.array is not None:  # what backward needs not was not kept
                same(ours.array, theirs.array)


@pytest.mark.parametrize("seed", SEEDS)
def test_contributions_add_up_to_the_gradient(seed):
    found = trace(random_function(seed), *leaves(seed))
    several = 0
    for value in found.values:
        if value.grad is None or value is found.loss:
            continue
        arrays = [c.array for c in value.contributions]
        several += len(arrays) > 1
        same(functools.reduce(operator.add, arrays), value.grad)
        for c in value.contributions:
            assert c.step.inputs[c.argument] is value
            axes = tuple(range(c.sent.ndim - value.grad.ndim))
            axes += tuple(
                k
                for k, (m, n) in enumerate(
                    zip(c.sent.shape[len(axes) :], value.shape, strict=True), len(axes)
                )
                if m != n
            )
            summed = (
                c.sent.sum(axes).reshape(value.shape) if c.sent.shape != value.shape else c.sent
            )
            np.testing.assert_allclose(summed, c.array, rtol=1e-5, atol=1e-5)
    assert several  # diamonds there were


def test_nothing_is_changed():
    tensors = leaves(1)
    before = [t.detach().numpy().copy() for t in tensors]
    loss = random_function(1)(*tensors)
    trace(loss)
    trace(random_function(1), *tensors)
    assert [t.grad for t in tensors] == [None] * 4
    for t, array in zip(tensors, before, strict=True):
        same(t.detach(), array)
    loss.backward()  # the graph has not been freed
    assert tensors[0].grad is not None


def test_values_are_as_they_were_before_a_change_in_place():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)

    def function(x):
        y = x * 3
        before = y.exp()
        y += 10
        return (before + y).sum()

    found = trace(function, x)
    multiplied = next(s for s in found.steps if s.op == "Mul")
    exponential = next(s for s in found.steps if s.op == "Exp")
    same(multiplied.outputs[0].array, np.float32([3, 6]))
    assert exponential.inputs["x"] is multiplied.outputs[0]
    assert len(multiplied.outputs[0].contributions) == 2


def test_a_value_that_is_used_twice_by_one_operation():
    x = minigrad.tensor([3.0], requires_grad=True)
    (value,) = [v for v in trace(lambda x: (x * x).sum(), x).values if v.name == "x"]
    assert [c.argument for c in value.contributions] == ["a", "b"]
    assert value.grad.tolist() == [6.0]


def test_an_undone_broadcast_shows_what_was_sent():
    b = minigrad.tensor([1.0, 2.0], requires_grad=True)
    x = minigrad.randn(5, 2)
    (contribution,) = next(
        v.contributions for v in trace(lambda b: (x * b).sum(), b).values if v.name == "b"
    )
    same(contribution.sent, x.numpy())
    same(contribution.array, x.numpy().sum(0))


def network(net, **kwargs):
    minigrad.manual_seed(0)
    model = classifier(net(minigrad.nn), minigrad.nn)
    x, y = minigrad.rand(3, 64) * 16, minigrad.tensor([3, 1, 4])
    return model, x, y


@pytest.mark.parametrize("net", [mlp, cnn])
def test_a_network(net):
    model, x, y = network(net)
    found = trace(model, x, y)
    values = {v.name: v for v in found.values}
    assert (values["x"].kind, values["y"].kind) == ("input", "input")
    model(x, y).backward()
    for name, p in model.named_parameters():
        assert values[name].kind == "parameter"
        same(values[name].array, p.detach())
        same(values[name].grad, p.grad)
    same(found.loss.array, model(x, y).detach())
    assert values["x"].grad is None  # nobody asked
    paths = [path for path, module in model.named_modules() if not list(module.children())]
    assert list(dict.fromkeys(s.path for s in found.steps)) == [*paths, ""]
    assert found.backward == [s for s in reversed(found.steps) if s.needs_grad]


def test_axes_have_names():
    found = trace(*network(cnn))
    axes = {(s.op, name): v.axes for s in found.steps for name, v in s.inputs.items()}
    assert axes["Conv2d", "x"] == ("N", "C", "H", "W")
    assert axes["Conv2d", "weight"] == ("out", "in", "KH", "KW")
    assert axes["Linear", "weight"] == ("out", "in")
    assert axes["ReLU", "x"] == ("N", "features")
    assert axes["LogSoftmax", "x"] == axes["NLLLoss", "x"] == ("N", "classes")
    assert axes["NLLLoss", "target"] == ("N",)
    for value in found.values:
        assert len(value.axes) == len(value.shape)


@pytest.mark.parametrize("name", ["Adamax", "Adam", "SGD"])
def test_the_optimizers_step_is_the_one_that_it_does(name):
    model, x, y = network(mlp)
    settings = {"momentum": 0.9} if name == "SGD" else {}
    optimizer = getattr(minigrad.optim, name)(
        model.parameters(), lr=0.01, weight_decay=0.1, **settings
    )
    for _ in range(3):
        found = trace(model, x, y, optimizer=optimizer)
        updates = {v.name: v.update for v in found.values if v.update is not None}
        before = {n: p.detach().numpy().copy() for n, p in model.named_parameters()}
        assert updates.keys() == before.keys()
        optimizer.zero_grad()
        model(x, y).backward()
        optimizer.step()
        for n, p in model.named_parameters():
            same(updates[n].before, before[n])
            same(updates[n].after, p.detach())
            assert updates[n].optimizer == name
            assert updates[n].settings["lr"] == 0.01
            for key, value in optimizer.state[p].items():
                same(updates[n].state_after[key], value)


def test_the_engine_is_as_before():
    model, x, y = network(mlp)
    apply = [
        vars(kind)["apply"]
        for kind in (Function, minigrad.functions.relu.__globals__["ArrayFunction"])
    ]
    trace(model, x, y)
    with pytest.raises(ZeroDivisionError):
        trace(lambda: 1 / 0)
    assert [
        vars(kind)["apply"]
        for kind in (Function, minigrad.functions.relu.__globals__["ArrayFunction"])
    ] == apply
    for module in model.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks


def test_a_function_written_with_tensors_is_one_step():
    class Cube(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx, grad_output):
            (x,) = ctx.saved_tensors
            return grad_output * 3 * x * x

    x = minigrad.tensor([2.0], requires_grad=True)
    found = trace(lambda x: Cube.apply(x).sum(), x)
    assert [s.op for s in found.steps] == ["Cube", "Sum"]
    assert found.values[0].grad.tolist() == [12.0]


@pytest.mark.parametrize(
    ("arguments", "error", "expected"),
    [
        (lambda x: (3.0,), TypeError, "a loss is a Tensor, or what returns one, not float"),
        (lambda x: (lambda x: 3.0, x), TypeError, "what was called returned 3.0"),
        (lambda x: ((x * x).sum(), x), TypeError, "a loss is there already"),
        (lambda x: (x * x,), RuntimeError, r"take its sum\(\) or mean\(\)"),
        (lambda x: (x.detach().sum(),), RuntimeError, "does not require grad"),
    ],
)
def test_what_is_no_loss_is_refused(arguments, error, expected):
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(error, match=expected):
        trace(*arguments(x))


def test_a_graph_that_was_freed_says_so():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    loss = (x * x).sum()
    loss.backward()
    with pytest.raises(RuntimeError, match="retain_graph"):
        trace(loss)


def test_what_was_there_before_the_call_is_an_end():
    a = minigrad.tensor([1.0, 2.0], requires_grad=True)
    before = a.exp()
    found = trace(lambda x: (x * before).sum(), before)
    assert [s.op for s in found.steps] == ["Mul", "Sum"]
    (value,) = [v for v in found.values if v.kind == "input"]
    same(value.grad, 2 * before.detach().numpy())


def test_inputs_of_a_function_of_any_number():
    xs = [minigrad.tensor([k], requires_grad=True) for k in (1.0, 2.0)]
    found = trace(lambda *xs: minigrad.cat(xs).sum(), *xs)
    assert [(v.name, v.kind) for v in found.values[:2]] == [("xs[0]", "input"), ("xs[1]", "input")]
    assert list(found.steps[0].inputs) == ["tensors[0]", "tensors[1]"]


def test_a_leaf_can_be_the_loss():
    found = trace(minigrad.tensor(2.0, requires_grad=True))
    assert found.loss.grad == 1
    assert found.steps == []
