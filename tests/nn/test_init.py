"""The first weights: PyTorch's, bit for bit."""

import math

import numpy as np
import pytest
import torch as pytorch
from hypothesis import example, given
from hypothesis import strategies as st

SEEDS = st.integers(-(2**63), 2**64 - 1) | st.integers(0, 100)
SIZES = st.integers(1, 40)


@pytest.fixture(params=["float32", "float64"])
def default_dtype(request):
    """Both frameworks in one default type."""
    import torch

    import minigrad

    for framework in (minigrad, torch):
        framework.set_default_dtype(getattr(framework, request.param))
    yield
    for framework in (minigrad, torch):
        framework.set_default_dtype(framework.float32)


@pytest.mark.parametrize("dtype", ["float32", "float64", None])
@given(SEEDS, SIZES, SIZES, st.booleans())
def test_linear(agree, dtype, seed, inputs, outputs, bias):
    def weights(torch):
        torch.manual_seed(seed)
        kind = dtype and getattr(torch, dtype)
        return torch.nn.Linear(inputs, outputs, bias, dtype=kind).state_dict()

    agree(weights)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(
    SEEDS,
    *[st.integers(1, 4)] * 3,
    st.tuples(*[st.integers(1, 5)] * 2),
    st.booleans(),
)
def test_conv(agree, dtype, seed, inputs, outputs, groups, kernel, bias):
    def weights(torch):
        torch.manual_seed(seed)
        kind = getattr(torch, dtype)
        options = {"groups": groups, "bias": bias, "dtype": kind}
        channels = (groups * inputs, groups * outputs)
        return torch.nn.Conv2d(*channels, kernel, **options).state_dict()

    agree(weights)


@pytest.mark.parametrize("seed", range(5))
def test_whole_networks_in_both_default_types(agree, default_dtype, seed):
    from pt_reference import networks

    def weights(torch):
        torch.manual_seed(seed)
        nets = [make(torch.nn) for make in (networks.mlp, networks.cnn, networks.svhn)]
        return [net.state_dict() for net in nets], torch.rand(3)

    agree(weights)


def test_drawing_anew(agree):
    def weights(torch):
        torch.manual_seed(7)
        layer = torch.nn.Linear(5, 3)
        layer.reset_parameters()
        return layer.state_dict()

    agree(weights)


@pytest.mark.parametrize(
    ("make", "fan_in"),
    [(lambda nn: nn.Linear(64, 400), 64), (lambda nn: nn.Conv2d(3, 800, (3, 2)), 18)],
)
def test_the_numbers_fill_their_bounds(torch, make, fan_in):
    torch.manual_seed(0)
    layer = make(torch.nn)
    bound = 1 / math.sqrt(fan_in)
    for drawn in (layer.weight, layer.bias):
        numbers = drawn.detach().numpy()
        assert 0.98 * bound < np.abs(numbers).max() <= bound * (1 + 1e-7)
        assert numbers.std() == pytest.approx(bound / math.sqrt(3), rel=0.1)


@given(SEEDS, st.floats(-1e3, 1e3), st.floats(1e-30, 1e3))
@example(seed=-1, low=5.660017113701663e-203, width=1.5)  # it decides how a product is rounded
def test_uniform(agree, seed, low, width):
    def numbers(torch):
        torch.manual_seed(seed)
        kinds = (torch.float32, torch.float64)
        return [torch.nn.init.uniform_(torch.empty(9, dtype=k), low, low + width) for k in kinds]

    agree(numbers)


def test_constants(agree):
    init = ("zeros_", "ones_")

    def numbers(torch):
        filled = [getattr(torch.nn.init, name)(torch.empty(2, 2)) for name in init]
        weight = torch.nn.Parameter(torch.empty(3))
        return [*filled, torch.nn.init.constant_(weight, 0.5), weight._version]

    agree(numbers)


def test_a_range_that_is_none(torch):
    with pytest.raises(RuntimeError, match="uniform_ expects to return a"):
        torch.nn.init.uniform_(torch.empty(2), 2.0, 1.0)


@pytest.mark.parametrize(("a", "b", "name"), [(math.nan, 1, "from"), (0, math.inf, "to")])
def test_bounds_are_finite(torch, a, b, name):
    with pytest.raises(RuntimeError, match=f"{name} is out of bounds for "):
        torch.nn.init.uniform_(torch.empty(2), a, b)
    with pytest.raises(RuntimeError, match="uniform_ expects to-from <="):
        torch.nn.init.uniform_(torch.empty(2), -3e38, 3e38)


# ---------------------------------------------------------------- by the fan of a weight

WEIGHTS = st.lists(st.integers(1, 6), min_size=2, max_size=5)
SHARED = st.sampled_from(["float32", "float64"])
NORMAL_RTOL = 0.0  # of float32 on a processor without AVX2: see test_random.py
if pytorch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
    NORMAL_RTOL = 2e-6
GAINS = ["linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d"]
GAINS += ["conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]


@pytest.mark.parametrize("name", ["xavier_uniform_", "xavier_normal_"])
@given(SEEDS, WEIGHTS, SHARED, st.sampled_from([1.0, 5 / 3, 0.0, 2]), st.booleans())
def test_xavier(agree, name, seed, shape, dtype, gain, own):
    def fill(torch):
        torch.manual_seed(seed)
        weight = torch.empty(shape, dtype=getattr(torch, dtype))
        generator = torch.Generator().manual_seed(3) if own else None
        result = getattr(torch.nn.init, name)(weight, gain=gain, generator=generator)
        assert result is weight
        return weight, torch.rand(1)

    agree(fill, rtol=NORMAL_RTOL)


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
@given(
    SEEDS,
    WEIGHTS,
    SHARED,
    st.sampled_from([0, 0.2, math.sqrt(5), -1.0]),
    st.sampled_from(["fan_in", "fan_out", "FAN_OUT"]),
    st.sampled_from(GAINS),
    st.booleans(),
)
def test_kaiming(agree, name, seed, shape, dtype, a, mode, nonlinearity, own):
    def fill(torch):
        torch.manual_seed(seed)
        weight = torch.empty(shape, dtype=getattr(torch, dtype))
        generator = torch.Generator().manual_seed(3) if own else None
        result = getattr(torch.nn.init, name)(weight, a, mode, nonlinearity, generator)
        assert result is weight
        return weight, torch.rand(1)

    agree(fill, rtol=NORMAL_RTOL)


FILLING = ["xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"]
FILLING += ["normal_", "uniform_", "zeros_", "ones_"]


@pytest.mark.parametrize("name", FILLING)
def test_a_parameter_stays_a_leaf_and_is_counted_as_changed(torch, name):
    weight = torch.nn.Parameter(torch.empty(2, 3))
    assert getattr(torch.nn.init, name)(weight) is weight
    assert (weight.is_leaf, weight.requires_grad, weight._version) == (True, True, 1)


@pytest.mark.parametrize(
    ("name", "std"),
    [
        ("kaiming_uniform_", math.sqrt(2 / 300)),
        ("kaiming_normal_", math.sqrt(2 / 300)),
        ("xavier_uniform_", math.sqrt(2 / 500)),
        ("xavier_normal_", math.sqrt(2 / 500)),
    ],
)
def test_the_spread(torch, name, std):
    """The standard deviation is the formula's; a uniform distribution ends at sqrt(3) of it."""
    torch.manual_seed(0)
    options = {"nonlinearity": "relu"} if name.startswith("kaiming") else {}
    numbers = getattr(torch.nn.init, name)(torch.empty(200, 300), **options).numpy()
    assert numbers.std() == pytest.approx(std, rel=0.01)
    assert abs(numbers.mean()) < 0.01 * std
    largest = np.abs(numbers).max() / std
    assert 1.72 < largest < 1.7321 if "uniform" in name else largest > 3.5


@pytest.mark.parametrize("nonlinearity", GAINS)
@pytest.mark.parametrize("param", [None, 0.3, 2])
def test_gains(agree, nonlinearity, param):
    agree(lambda torch: torch.nn.init.calculate_gain(nonlinearity, param))


FEW = "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
WRONG = {
    "xavier of a bias": (lambda i, t: i.xavier_uniform_(t.empty(3)), ValueError, FEW),
    "xavier, normal": (lambda i, t: i.xavier_normal_(t.empty(())), ValueError, FEW),
    "kaiming of a bias": (lambda i, t: i.kaiming_uniform_(t.empty(3)), ValueError, FEW),
    "kaiming, normal": (lambda i, t: i.kaiming_normal_(t.empty(3)), ValueError, FEW),
    "mode": (
        lambda i, t: i.kaiming_normal_(t.empty(3, 3), mode="in"),
        ValueError,
        r"Mode in not supported, please use one of \['fan_in', 'fan_out'\]",
    ),
    "nonlinearity": (
        lambda i, t: i.kaiming_uniform_(t.empty(2, 3), nonlinearity="gelu"),
        ValueError,
        "Unsupported nonlinearity gelu",
    ),
    "slope": (
        lambda i, t: i.kaiming_uniform_(t.empty(2, 3), a="steep"),
        ValueError,
        "negative_slope steep not a valid number",
    ),
    "slope that is no number": (
        lambda i, t: i.calculate_gain("leaky_relu", True),
        ValueError,
        "negative_slope True not a valid number",
    ),
    "nothing in and out": (
        lambda i, t: i.xavier_uniform_(t.empty(0, 0)),
        ZeroDivisionError,
        "division by zero",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_mistakes(torch, case):
    fill, kind, text = WRONG[case]
    with pytest.raises(kind, match=text):
        fill(torch.nn.init, torch)


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0,)])
def test_a_weight_without_elements_is_left_alone(torch, name, shape):
    torch.manual_seed(0)
    untouched = torch.rand(1)
    torch.manual_seed(0)
    with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
        getattr(torch.nn.init, name)(torch.empty(shape), mode="what is not even looked at")
    assert torch.rand(1) == untouched


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0)])
@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors is a no-op")
def test_layers_without_inputs_or_outputs(agree, sizes):
    def make(torch):
        torch.manual_seed(0)
        layers = torch.nn.Linear(*sizes), torch.nn.Conv2d(*sizes, 2)
        return [layer.bias for layer in layers], torch.rand(1)

    agree(make)


# ---------------------------------------------------------------- the first weights of layers

LAYERS = {
    "Linear": (lambda nn: nn.Linear(60, 100), 60),
    "square Linear": (lambda nn: nn.Linear(64, 64), 64),
    "Conv2d": (lambda nn: nn.Conv2d(4, 32, (3, 5)), 60),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_weights_and_biases_are_uniform_between_their_bounds(torch, layer):
    """By the test of Kolmogorov and Smirnov, of many layers together: neither too wide (a = 0),
    nor normal, nor from one side only, nor zero.
    """
    make, fan_in = LAYERS[layer]
    torch.manual_seed(0)
    layers = [make(torch.nn) for _ in range(20)]
    for name in ("weight", "bias"):
        drawn = [getattr(layer, name).detach().numpy().ravel() for layer in layers]
        expected = (np.sort(np.concatenate(drawn)) * math.sqrt(fan_in) + 1) / 2
        found = (np.arange(expected.size) + 0.5) / expected.size
        assert np.abs(expected - found).max() < 1.63 / math.sqrt(expected.size)  # 1 in 100
        assert not np.array_equal(drawn[0], drawn[1])  # two layers begin differently
