"""PyTorch is asked in ways that load less of it: the answers are those of its public classes."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from pt_reference.check.cases import cases
from pt_reference.check.oracle import answer


def by_the_class(case):
    names = sorted(k for k in case.inputs if "." not in k)
    params = [torch.nn.Parameter(torch.from_numpy(case.inputs[k].copy())) for k in names]
    optimizer = torch.optim.Adamax(params, **case.options)
    for t in range(1, case.steps + 1):
        for name, param in zip(names, params, strict=True):
            grad = case.inputs.get(f"{name}.grad{t}")
            param.grad = None if grad is None else torch.from_numpy(grad.copy())
        optimizer.step()
        for name, param in zip(names, params, strict=True):
            yield f"{name}.step{t}", param.detach().numpy().copy()


@pytest.mark.parametrize("case", cases("Adamax", 0), ids=lambda case: case.name)
def test_the_steps_are_those_of_the_class(case):
    found = answer("Adamax", case)
    for name, array in by_the_class(case):
        np.testing.assert_array_equal(found.pop(name), array)
    assert not found


def test_a_gradient_is_that_of_autograd_with_an_upstream_gradient():
    case = cases("Conv2d", 0)[0]
    found = answer("Conv2d", case)
    tensors = {k: torch.from_numpy(v.copy()).requires_grad_() for k, v in case.inputs.items()}
    output = torch.conv2d(*(tensors[k] for k in ("x", "weight", "bias")))
    output.backward(torch.from_numpy(found["grad_output"]))
    for name, gradient in (("x", "grad_input"), ("weight", "grad_weight"), ("bias", "grad_bias")):
        np.testing.assert_array_equal(found[gradient], tensors[name].grad.numpy())


def test_what_is_slow_to_load_is_not_loaded():
    code = (
        "import sys; from pt_reference.check.contract import LAYERS; "
        "from pt_reference.check import oracle; [oracle.answers(name, 0) for name in LAYERS]; "
        "print({'sympy', 'torch._dynamo'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
