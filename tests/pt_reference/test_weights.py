"""Weights cross between the frameworks bit for bit, or not at all."""

import numpy as np
import pytest
import torch

import minigrad
from pt_reference import networks
from pt_reference.weights import arrays, carry, framework, load

FRAMEWORKS = (minigrad, torch)
WAYS = [(minigrad, torch), (torch, minigrad), (minigrad, minigrad), (torch, torch)]


def model(package, seed, dtype="float32"):
    package.manual_seed(seed)
    network = networks.classifier(networks.cnn(package.nn), package.nn)
    return network.to(getattr(package, dtype))


def bits(thing):
    return {name: (w.dtype, w.shape, w.tobytes()) for name, w in arrays(thing.state_dict()).items()}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("here", "there"), WAYS)
def test_there_and_back_bit_for_bit(here, there, dtype):
    source, target, back = model(here, 0, dtype), model(there, 1, dtype), model(here, 2, dtype)
    for parameter in source.parameters():  # bits that a decimal or a narrower type would lose
        with here.no_grad():
            parameter.copy_(parameter / 3)
    assert bits(target) != bits(source)
    carry(source, target)
    carry(target, back)
    assert bits(source) == bits(target) == bits(back)


def test_nan_infinity_and_the_sign_of_zero_cross():
    ours, theirs = minigrad.nn.Linear(4, 1, bias=False), torch.nn.Linear(4, 1, bias=False)
    special = np.array([[np.nan, -np.inf, -0.0, 1e-45]], np.float32)
    load(theirs, {"weight": special})
    carry(theirs, ours)
    assert arrays(ours.weight).tobytes() == special.tobytes()


@pytest.mark.parametrize(("here", "there"), WAYS)
def test_the_two_share_no_memory(here, there):
    source, target = model(here, 0), model(there, 1)
    carry(source, target)
    before = bits(target)
    with here.no_grad():
        for parameter in source.parameters():
            parameter.zero_()
    assert bits(target) == before


@pytest.mark.parametrize("package", FRAMEWORKS)
def test_a_target_keeps_its_dtype(package):
    target = model(package, 1, "float32")
    carry(model(torch, 0, "float64"), target)
    assert bits(target) == bits(model(package, 0, "float32"))


@pytest.mark.parametrize(("here", "there"), WAYS)
def test_names_and_shapes_that_do_not_fit(here, there):
    source = here.nn.Sequential(here.nn.Linear(2, 3), here.nn.Linear(3, 1))
    with pytest.raises(RuntimeError, match=r"size mismatch for 0\.weight.*\[3, 2\]"):
        carry(source, there.nn.Sequential(there.nn.Linear(4, 3), there.nn.Linear(3, 1)))
    with pytest.raises(RuntimeError, match=r'Unexpected key\(s\) in state_dict: "1\.weight"'):
        carry(source, there.nn.Sequential(there.nn.Linear(2, 3)))
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "0\.weight"'):
        load(there.nn.Sequential(there.nn.Linear(2, 3)), {})


def test_what_is_of_neither_framework():
    with pytest.raises(TypeError, match="dict is neither PyTorch's nor minigrad's"):
        framework({})
    assert framework(torch.zeros(1)) is torch
    assert framework(minigrad.optim.SGD([minigrad.zeros(1)], lr=1)) is minigrad


def losses(network, optimizer, package, steps):
    x = package.tensor(np.random.default_rng(0).normal(size=(8, 64)))
    y = package.arange(8)
    for _ in range(steps):
        loss = network(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


@pytest.mark.parametrize(("here", "there"), WAYS)
@pytest.mark.parametrize(("name", "options"), [("Adamax", {}), ("SGD", {"momentum": 0.9})])
def test_training_goes_on_in_the_other_framework(here, there, name, options):
    def begun(package, seed):
        network = model(package, seed, "float64")
        return network, getattr(package.optim, name)(network.parameters(), lr=0.01, **options)

    source, target = begun(here, 0), begun(there, 1)
    list(losses(*source, here, 3))
    for a, b in zip(source, target, strict=True):
        carry(a, b)
    expected = list(losses(*source, here, 3))
    assert list(losses(*target, there, 3)) == pytest.approx(expected, rel=1e-12)
