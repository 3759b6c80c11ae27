"""The first weights: PyTorch's, bit for bit."""

import math

import numpy as np
import pytest
from hypothesis import given
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
    SEEDS, st.integers(1, 8), st.integers(1, 8), st.tuples(*[st.integers(1, 5)] * 2), st.booleans()
)
def test_conv(agree, dtype, seed, inputs, outputs, kernel, bias):
    def weights(torch):
        torch.manual_seed(seed)
        kind = getattr(torch, dtype)
        return torch.nn.Conv2d(inputs, outputs, kernel, bias=bias, dtype=kind).state_dict()

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
