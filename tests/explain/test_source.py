"""The program that is written of a pass: NumPy alone, and the very same gradients."""

import ast
import io
import subprocess
import sys

import numpy as np
import pytest

import minigrad
from minigrad.array_function import ArrayFunction
from minigrad.explain import explain
from minigrad.explain.source import source
from minigrad.explain.trace import trace
from pt_reference.networks import classifier, cnn, mlp

from .random_graphs import leaves, random_function

nn = minigrad.nn


def gradients_of(explanation, folder):
    """Write the program, run it in a process of its own, and return its gradients and its text."""
    explanation.save(folder / "pass.py")
    text = (folder / "pass.py").read_text()
    run = (
        "import runpy, sys, numpy as np; found = runpy.run_path('pass.py'); "
        "np.savez('found.npz', **found['gradients']); "
        "assert not [m for m in sys.modules if m.partition('.')[0] == 'minigrad']"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", run], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "DIFFERENT" not in done.stdout
    assert "constant" not in text  # nothing but what it loads at its beginning
    return np.load(folder / "found.npz"), text


@pytest.mark.parametrize("batch", [1, 64])
@pytest.mark.parametrize("net", [mlp, cnn])
def test_the_program_of_a_network_finds_every_gradient_bit_for_bit(net, batch, tmp_path):
    minigrad.manual_seed(batch)
    model = classifier(net(minigrad.nn), minigrad.nn)
    x = (minigrad.rand(batch, 64) * 16).requires_grad_()
    y = minigrad.randint(0, 10, (batch,))
    found, text = gradients_of(explain(model, x, y), tmp_path)
    model(x, y).backward()
    expected = {"x": x.grad, **{name: p.grad for name, p in model.named_parameters()}}
    assert set(found.files) == set(expected)
    for name, grad in expected.items():
        assert found[name].tobytes() == grad.numpy().tobytes(), name

    tree = ast.parse(text)
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert [a.name for n in imports for a in n.names] == ["numpy"]
    kinds = {type(n) for n in tree.body[:-1]}  # but for the loop that prints
    assert kinds <= {ast.Expr, ast.Import, ast.Assign, ast.AugAssign}  # straight lines


@pytest.mark.parametrize("net", [mlp, cnn])
def test_the_program_computes_from_what_it_loads(net):
    """With another network's weights and another image in its .npz, it finds their gradients."""
    found = []
    for seed in (1, 2):
        minigrad.manual_seed(seed)
        model = classifier(net(nn), nn)
        x, y = (minigrad.rand(5, 64) * 16).requires_grad_(), minigrad.randint(0, 10, (5,))
        passed = trace(model, x, y)
        found.append((source(passed), {v.name: v.grad for v in passed.values}))
    ((program, _), _), ((_, arrays), expected) = found
    for name, grad in run_here(program, arrays).items():
        assert grad.tobytes() == expected[name].tobytes(), name


def run_here(text, arrays):
    """Run a program in this process; return its gradients."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    text = text.replace('__file__.removesuffix(".py") + ".npz"', "file")
    state = np.geterr()
    names = {"file": file}
    try:
        exec(compile(text, "pass.py", "exec"), names)
    finally:
        np.seterr(**state)
    return names["gradients"]


@pytest.mark.parametrize("seed", range(12))
def test_programs_of_random_graphs(seed, capsys):
    function, tensors = random_function(seed), leaves(seed)
    found = run_here(*source(trace(function, *tensors)))
    function(*tensors).backward()
    for name, tensor in zip("abcd", tensors, strict=True):
        assert np.asarray(found[name]).tobytes() == tensor.grad.numpy().tobytes()
    assert "DIFFERENT" not in capsys.readouterr().out


LAYERS = {
    "strided": lambda: nn.Sequential(nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2), nn.Tanh()),
    "dilated": lambda: nn.Conv2d(2, 3, (3, 2), dilation=2, padding="same", bias=False),
    "overlapping": lambda: nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True),
    "average": lambda: nn.Sequential(nn.AvgPool2d(2, ceil_mode=True), nn.Sigmoid()),
    "norm": lambda: nn.Sequential(nn.BatchNorm2d(2), nn.LeakyReLU(), nn.Flatten(), nn.Softmax(1)),
    "dropout": lambda: nn.Sequential(nn.Dropout(0.5), nn.AdaptiveAvgPool2d(2)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_programs_of_other_layers(name, capsys):
    minigrad.manual_seed(0)
    layer = LAYERS[name]()
    x = minigrad.randn(3, 2, 7, 6, requires_grad=True)

    def function(x):
        minigrad.manual_seed(1)
        y = layer(x)
        return (y * minigrad.randn(*y.shape)).sum()

    found = run_here(*source(trace(function, x)))
    function(x).backward()
    assert found["x"].tobytes() == x.grad.numpy().tobytes()
    assert "DIFFERENT" not in capsys.readouterr().out


@pytest.mark.parametrize("dims", [(0, 3, 1, 2), (3, 2, 1, 0), (0, 1, 2, 3), (1, 3, 0, 2)])
def test_an_image_in_any_layout(dims, tmp_path):
    minigrad.manual_seed(0)
    layer = nn.Conv2d(3, 2, 2)
    shape = [0] * 4
    for size, dim in zip((2, 3, 5, 6), dims, strict=True):
        shape[dim] = size
    x = minigrad.randn(*shape).permute(dims).detach().requires_grad_()
    found, _ = gradients_of(explain(lambda x: layer(x).tanh().sum(), x), tmp_path)
    layer(x).tanh().sum().backward()
    assert found["x"].tobytes() == x.grad.numpy().tobytes()


def test_a_view_of_a_convolution(capsys):
    """Its rows are laid out anew by ``view`` itself, before the operation."""
    minigrad.manual_seed(0)
    layer = nn.Conv2d(1, 3, 2)
    x = minigrad.randn(2, 1, 4, 4, requires_grad=True)

    def function(x):
        y = layer(x)
        return (y.view(2, -1).tanh() @ minigrad.ones(27, 1)).sum() + y.sum()

    found = run_here(*source(trace(function, x)))
    function(x).backward()
    assert found["x"].tobytes() == x.grad.numpy().tobytes()
    assert "DIFFERENT" not in capsys.readouterr().out


def test_names_are_pythons_and_different():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    y = minigrad.tensor([3.0, 4.0], requires_grad=True)
    passed = trace(lambda np, h1: (np * h1).exp().sum() * 2, x, y)
    found = run_here(*source(passed))
    expected = {v.name: v.grad for v in passed.values}
    assert {"np", "h1", "h2", "loss", "c1"} <= expected.keys()
    for name in ("np", "h1"):
        assert found[name].tobytes() == expected[name].tobytes()


def test_any_call_of_numpy_becomes_a_line(capsys):
    class Odd(ArrayFunction):
        """Not the derivative of anything, but written in many ways."""

        @staticmethod
        def forward(ctx, x):
            y = np.empty_like(x)
            y.fill(-np.inf)
            np.negative(x, out=y)
            np.maximum(y, -0.5, out=y, where=y < 1)
            y[y > 0.5] **= 2
            y[0, ...] = np.clip(x, -1, 1)[[0, 1, 0], ::-1][1]
            ctx.save_for_backward(y.astype(bool), np.array([[1.0], [2.0]], x.dtype))
            return np.stack([y, np.add.reduce(y, axis=0, keepdims=True).repeat(2, axis=0)])

        @staticmethod
        def backward(ctx, grad_output):
            mask, factors = ctx.saved_tensors
            one, two = np.split(grad_output, 2)
            total = np.einsum("nij,ik->nkj", one - two, factors)[0]
            total.sort(axis=1)
            return (
                np.where(mask.any(axis=0), total, np.nan) + factors.mT.sum() + np.hypot(one, two)[0]
            )

    x = minigrad.randn(2, 4, requires_grad=True)
    w = minigrad.randn(2, 2, 4)
    found = run_here(*source(trace(lambda x: (Odd.apply(x) * w).sum(), x)))
    (Odd.apply(x) * w).sum().backward()
    assert found["x"].tobytes() == x.grad.numpy().tobytes()
    assert "DIFFERENT" not in capsys.readouterr().out


def test_a_sequential_whose_names_begin_with_digits(tmp_path):
    model = nn.Sequential(nn.Linear(3, 1), nn.Flatten(0))
    found, text = gradients_of(explain(model, minigrad.rand(1, 3)), tmp_path)
    assert set(found.files) == {"0.weight", "0.bias"}
    assert 'p0_weight = arrays["0.weight"]' in text


def test_an_array_that_escapes_is_noticed():
    """It would stand in the program as a constant, not as what it was computed from."""

    class Escape(ArrayFunction):
        @staticmethod
        def forward(ctx, x):
            return x.flat[:] * 2

        @staticmethod
        def backward(ctx, grad_output):
            return grad_output * 2

    x = minigrad.ones(2, requires_grad=True)
    with pytest.raises(
        RuntimeError, match=r"an array \(2,\) was made in a way that is not watched"
    ):
        explain(lambda x: (Escape.apply(x) * x).sum(), x).source()


def test_a_graph_alone_is_not_enough():
    x = minigrad.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"explain\(model, x, y\)"):
        explain((x * x).sum()).source()


def test_a_function_written_with_tensors_is_refused():
    class Twice(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad_output):
            return grad_output * 2

    x = minigrad.ones(2, requires_grad=True)
    with pytest.raises(NotImplementedError, match="Twice is written with tensors"):
        explain(lambda x: Twice.apply(x).sum(), x).source()
