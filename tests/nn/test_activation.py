"""What activations have as modules and in nn.functional: an axis left out, ``inplace``."""

import numpy as np
import pytest
import torch

import minigrad
from minigrad import nn
from minigrad.nn import functional as F

IMPLICIT = "Implicit dimension choice for {} has been deprecated"


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (2, 3, 4, 2), (1, 2, 1, 2, 3)])
def test_without_an_axis_one_is_chosen_with_a_warning(agree, name, shape):
    x = np.random.default_rng(0).standard_normal(shape)

    def call(fw):
        module = {"softmax": fw.nn.Softmax, "log_softmax": fw.nn.LogSoftmax}[name]()
        results = []
        for function in (getattr(fw.nn.functional, name), module):
            with pytest.warns(UserWarning, match=IMPLICIT.format(name)) as caught:
                results.append(function(fw.tensor(x)))
            assert len(caught) == 1
        return results

    agree(call, rtol=1e-12)


@pytest.mark.parametrize("choose", [F.softmax, F.log_softmax, nn.Softmax(), nn.LogSoftmax()])
def test_the_warning_names_the_line_that_called(choose):
    with pytest.warns(UserWarning, match="Implicit dimension") as caught:
        choose(minigrad.ones(2))
    assert caught[0].filename == __file__


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("data", [[1, 2], [True, False], [0.5, 1.5]])
def test_dtype_casts_the_input_first(agree, name, data):
    def call(fw):
        x = fw.tensor(data)
        return [
            getattr(fw.nn.functional, name)(x, 0, dtype=fw.float64),
            getattr(fw, name)(x, 0, fw.float64),
            getattr(x.double(), name)(0, fw.float32),
        ]

    agree(call, rtol=1e-6)


@pytest.mark.parametrize("make", [lambda nn: nn.ReLU(True), lambda nn: nn.LeakyReLU(0.1, True)])
def test_in_place_overwrites_the_input_and_nothing_else(agree, make):
    def call(fw):
        x = fw.tensor([-1.0, 2.0, -3.0], requires_grad=True)
        y = x * 3
        z = make(fw.nn)(y)
        assert z is y
        (z * fw.tensor([1.0, 2.0, 4.0])).sum().backward()
        return x, y.detach(), x.grad

    agree(call)


@pytest.mark.parametrize("make", [lambda nn: nn.ReLU(True), lambda nn: nn.LeakyReLU(0.1, True)])
@pytest.mark.parametrize("fw", [torch, minigrad])
def test_in_place_over_what_backward_needs_raises(fw, make):
    x = fw.tensor([-1.0, 2.0], requires_grad=True)
    y = x.exp()
    make(fw.nn)(y)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
@pytest.mark.parametrize("data", [[1, -2], [True, False]])
def test_integers_become_floats(agree, name, data):
    agree(lambda fw: getattr(fw, name)(fw.tensor(data)), rtol=1e-6)


def test_identity_takes_any_arguments(agree):
    agree(lambda fw: [repr(fw.nn.Identity(54, unused=0.1)), fw.nn.Identity()(fw.ones(2))])
