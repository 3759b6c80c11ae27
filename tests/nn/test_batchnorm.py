"""Batch normalisation as modules: what they remember of the batches they saw."""

import numpy as np
import pytest
import torch

import minigrad

OPTIONS = {
    "defaults": {},
    "momentum": {"momentum": 0.3},
    "cumulative": {"momentum": None},
    "momentum 0": {"momentum": 0.0},
    "momentum 1": {"momentum": 1.0},
    "eps": {"eps": 0.1},
    "no weights": {"affine": False},
    "no bias": {"bias": False},
    "no memory": {"track_running_stats": False},
    "neither": {"affine": False, "track_running_stats": False},
}
SHAPES = {"BatchNorm1d": [(4, 3), (2, 3, 5)], "BatchNorm2d": [(2, 3, 4, 2)]}
LAYERS = [(name, shape) for name in SHAPES for shape in SHAPES[name]]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(("name", "shape"), LAYERS)
def test_several_batches_then_evaluation(agree, name, shape, options):
    def call(fw):
        rng = np.random.default_rng(0)
        layer = getattr(fw.nn, name)(3, **OPTIONS[options]).double()
        seen = []
        for batch in range(7):
            layer.train(batch not in (3, 5, 6))
            x = fw.tensor(rng.standard_normal(shape) * 2 + batch).requires_grad_()
            y = layer(x)
            y.backward(fw.tensor(rng.standard_normal(shape)))
            seen += [y, x.grad, *[t.clone() for t in layer.state_dict().values()]]
        return [*seen, *[p.grad for p in layer.parameters()]]

    agree(call, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(("name", "shape"), LAYERS)
def test_float32_is_as_near_to_float64_as_pytorchs(name, shape):
    """A long sum far from 0: 20000 values about 100 for each channel."""
    x = np.random.default_rng(0).standard_normal((20_000 // shape[0], *shape)) + 100
    x = np.ascontiguousarray(np.moveaxis(x, 2, 1)).reshape(-1, 3, *shape[2:])
    exact = getattr(torch.nn, name)(3).double()
    wanted = exact(torch.tensor(x)).detach().numpy()
    layer = getattr(minigrad.nn, name)(3)
    y = layer(minigrad.tensor(x.astype(np.float32)))
    assert y.dtype is minigrad.float32
    np.testing.assert_allclose(y.detach().numpy(), wanted, atol=5e-5)
    for ours, theirs in ((layer.running_mean, exact.running_mean),
                         (layer.running_var, exact.running_var)):  # fmt: skip
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", OPTIONS)
def test_what_it_holds_at_first(agree, dtype, options):
    def call(fw):
        layer = fw.nn.BatchNorm2d(3, dtype=getattr(fw, dtype), **OPTIONS[options])
        state = layer.state_dict()
        assert all(str(t.dtype) == f"torch.{dtype}" for n, t in state.items() if n[0] != "n")
        return repr(layer), list(state), list(state.values())

    agree(call)


def test_batches_are_counted_in_an_integer_that_double_leaves_alone(agree):
    def call(fw):
        layer = fw.nn.BatchNorm1d(2)
        for _ in range(3):
            layer(fw.tensor([[1.0, 2.0], [3.0, 5.0]]))
        return layer.double().num_batches_tracked, layer.running_var

    agree(call)


def test_reset(agree):
    def call(fw):
        layer = fw.nn.BatchNorm1d(2)
        with fw.no_grad():
            layer.weight.fill_(3)
            layer.bias.fill_(4)
        layer(fw.tensor([[1.0, 2.0], [3.0, 5.0]]))
        layer.reset_running_stats()
        first = [t.clone() for t in layer.state_dict().values()]
        layer(fw.tensor([[1.0, 2.0], [3.0, 5.0]]))
        layer.reset_parameters()
        return first, list(layer.state_dict().values())

    agree(call)


def test_saved_statistics_are_used(agree):
    def call(fw):
        layer, other = fw.nn.BatchNorm1d(2), fw.nn.BatchNorm1d(2)
        layer(fw.tensor([[1.0, 2.0], [3.0, 5.0]]))
        other.load_state_dict(layer.state_dict())
        return other.eval()(fw.tensor([[0.5, 0.5]])), other.num_batches_tracked

    agree(call, rtol=1e-6)


def test_an_empty_batch_is_counted_but_moves_nothing(agree):
    def call(fw):
        layer = fw.nn.BatchNorm2d(2)
        x = fw.zeros(0, 2, 3, 3, requires_grad=True)
        layer(x).sum().backward()
        return [x.grad, layer.weight.grad, layer.bias.grad, *layer.state_dict().values()]

    agree(call)


def test_memory_switched_off(agree):
    def call(fw):
        layer = fw.nn.BatchNorm1d(2)
        layer.track_running_stats = False
        x = fw.tensor([[1.0, 2.0], [3.0, 5.0]])
        return layer(x), layer.eval()(x), list(layer.state_dict().values())

    agree(call, rtol=1e-6)


def test_a_later_batch_does_not_disturb_an_earlier_backward():
    """PyTorch 2.13 divides by the variance of the later batch, without a word."""

    def gradients(between):
        layer = minigrad.nn.BatchNorm1d(2).eval()
        x = minigrad.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
        y = layer(x)
        between(layer.train(), x.detach())
        (y * minigrad.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
        return x.grad.tolist(), layer.weight.grad.tolist()

    assert gradients(lambda layer, x: layer(x * 2)) == gradients(lambda layer, x: None)


WRONG = {
    "1d of an image": (lambda nn: nn.BatchNorm1d(3), (2, 3, 4, 4), ValueError,
                       r"expected 2D or 3D input \(got 4D input\)", "did you mean BatchNorm2d"),
    "1d of a vector": (lambda nn: nn.BatchNorm1d(3), (3,), ValueError,
                       r"expected 2D or 3D input \(got 1D input\)", r"\(N, C\)"),
    "2d of rows": (lambda nn: nn.BatchNorm2d(3), (2, 3), ValueError,
                   r"expected 4D input \(got 2D input\)", "did you mean BatchNorm1d"),
    "2d of one image": (lambda nn: nn.BatchNorm2d(3), (3, 4, 4), ValueError,
                        r"expected 4D input \(got 3D input\)", r"did you mean x.unsqueeze\(0\)"),
    "channels": (lambda nn: nn.BatchNorm2d(3), (2, 4, 2, 2), RuntimeError,
                 "running_mean should contain 4 elements not 3", r"4 channels \(axis 1\)"),
    "channels, no memory": (lambda nn: nn.BatchNorm1d(3, track_running_stats=False), (2, 4),
                            RuntimeError, "weight should contain 4 elements not 3", "axis 1"),
    "one row": (lambda nn: nn.BatchNorm1d(3), (1, 3), ValueError,
                "Expected more than 1 value per channel when training", "drop_last"),
    "one row, no memory": (lambda nn: nn.BatchNorm1d(3, track_running_stats=False).eval(), (1, 3),
                           ValueError, "Expected more than 1 value per channel", "axis 0"),
}  # fmt: skip


@pytest.mark.fault(62)
@pytest.mark.parametrize("wrong", WRONG)
def test_mistakes(wrong):
    make, shape, error, message, hint = WRONG[wrong]
    with pytest.raises(error, match=message):
        make(torch.nn)(torch.ones(shape))
    with pytest.raises(error, match=f"(?i){message}.*{hint}"):
        make(minigrad.nn)(minigrad.ones(shape))


@pytest.mark.parametrize("fw", [torch.nn.modules, minigrad.nn])
def test_the_base_class_knows_no_axes(fw):
    with pytest.raises(NotImplementedError):
        fw.batchnorm._BatchNorm(2)(None)


@pytest.mark.parametrize("fw", [torch, minigrad])
def test_sizes_and_types_that_cannot_be(fw):
    with pytest.raises(RuntimeError, match="negative dimension -1"):
        fw.nn.BatchNorm1d(-1)
    with pytest.raises(RuntimeError, match="floating point"):
        fw.nn.BatchNorm1d(2, dtype=fw.int64)
