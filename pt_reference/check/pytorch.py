"""PyTorch runs a case. To import this takes seconds: only the oracle does, and only when asked."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch.optim.adamax import adamax

from pt_reference.check.cases import Case
from pt_reference.check.contract import GRADIENTS, LAYERS

Arrays = dict[str, np.ndarray]

torch.set_num_threads(1)  # the arrays are small, and the other cores have other files


def one_pass(layer: str, case: Case) -> Arrays:
    """Return the output, and the gradients for the case's upstream gradient."""
    tensors = {k: torch.from_numpy(np.array(v, order="C")) for k, v in case.inputs.items()}
    leaves = {k: t.requires_grad_() for k, t in tensors.items() if t.is_floating_point()}
    output = _FORWARD[layer](tensors, _options(case))
    found = {"output": output.detach().numpy().copy()}
    if case.forward_only:
        return found
    grad_output = torch.from_numpy(np.array(case.upstream(tuple(output.shape)), order="C"))
    found["grad_output"] = grad_output.numpy().copy()
    total = (output * grad_output).sum()  # an upstream gradient passed to grad loads SymPy: 1.3 s
    grads = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    for name, grad in zip(leaves, grads, strict=True):
        missing = torch.zeros_like(leaves[name]) if grad is None else grad
        found[GRADIENTS[name]] = missing.numpy().copy()
    return found


def steps(case: Case) -> Arrays:
    """Make steps with the function inside torch.optim.Adamax: to make an object loads for 2.5 s."""
    params = {k: torch.from_numpy(case.inputs[k].copy()) for k in _parameters(case)}
    states = {
        k: (torch.zeros_like(p), torch.zeros_like(p), torch.zeros(())) for k, p in params.items()
    }
    options = {**LAYERS["Adamax"].options, **case.options}
    beta1, beta2 = options.pop("betas")
    found = {}
    for t in range(1, case.steps + 1):
        with_gradient = [k for k in params if f"{k}.grad{t}" in case.inputs]
        adamax(
            [params[k] for k in with_gradient],
            [torch.from_numpy(case.inputs[f"{k}.grad{t}"].copy()) for k in with_gradient],
            *map(list, zip(*(states[k] for k in with_gradient), strict=True)),
            beta1=beta1,
            beta2=beta2,
            **options,
        )
        found |= {f"{k}.step{t}": p.numpy().copy() for k, p in params.items()}
    return found


def _parameters(case: Case) -> list[str]:
    return sorted(k for k in case.inputs if "." not in k)


def _options(case: Case) -> dict[str, Any]:
    return {
        k: torch.from_numpy(v.copy()) if isinstance(v, np.ndarray) else v
        for k, v in case.options.items()
        if k != "bias"
    }


_FORWARD: dict[str, Callable[[dict[str, Any], dict[str, Any]], torch.Tensor]] = {
    "Linear": lambda t, o: F.linear(t["x"], t["weight"], t.get("bias")),
    "Conv2d": lambda t, o: F.conv2d(t["x"], t["weight"], t.get("bias"), **o),
    "MaxPool2d": lambda t, o: F.max_pool2d(t["x"], **o),
    "ReLU": lambda t, o: F.relu(t["x"]),
    "LogSoftmax": lambda t, o: F.log_softmax(t["x"], **{"dim": 1, **o}),
    "NLLLoss": lambda t, o: F.nll_loss(t["x"], t["target"], **o),
}
