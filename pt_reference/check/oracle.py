"""What PyTorch makes of a case: output, gradients, updates."""

import warnings
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from pt_reference.check.cases import Case, cases
from pt_reference.check.contract import GRADIENTS

Arrays = dict[str, np.ndarray]


_lock = Lock()


def answers(layer: str, seed: int) -> list[tuple[Case, Arrays]]:
    """Return the cases of a layer, each with PyTorch's answer; kept for the next file."""
    with _lock:  # the next file may be another thread's
        return _answers(layer, seed)


@lru_cache(maxsize=64)
def _answers(layer: str, seed: int) -> list[tuple[Case, Arrays]]:
    torch.set_num_threads(1)  # the arrays are small, and the other cores have other files
    return [(case, answer(layer, case)) for case in cases(layer, seed)]


def answer(layer: str, case: Case) -> Arrays:
    """Return PyTorch's output and gradients, or parameters after each step; {} where it refuses."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _steps(case) if layer == "Adamax" else _pass(layer, case)
    except (RuntimeError, ValueError, IndexError):
        return {}


def _pass(layer: str, case: Case) -> Arrays:
    tensors = {k: torch.from_numpy(np.array(v, order="C")) for k, v in case.inputs.items()}
    leaves = {k: t.requires_grad_() for k, t in tensors.items() if t.is_floating_point()}
    output = _FORWARD[layer](tensors, _options(case))
    found = {"output": output.detach().numpy().copy()}
    if case.forward_only:
        return found
    grad_output = torch.from_numpy(np.array(case.upstream(tuple(output.shape)), order="C"))
    found["grad_output"] = grad_output.numpy().copy()
    grads = torch.autograd.grad(output, list(leaves.values()), grad_output, allow_unused=True)
    for name, grad in zip(leaves, grads, strict=True):
        missing = torch.zeros_like(leaves[name]) if grad is None else grad
        found[GRADIENTS[name]] = missing.numpy().copy()
    return found


def _steps(case: Case) -> Arrays:
    names = sorted(k for k in case.inputs if "." not in k)
    params = {k: torch.nn.Parameter(torch.from_numpy(case.inputs[k].copy())) for k in names}
    optimizer = torch.optim.Adamax(params.values(), **_options(case))
    found = {}
    for t in range(1, case.steps + 1):
        for name, param in params.items():
            grad = case.inputs.get(f"{name}.grad{t}")
            param.grad = None if grad is None else torch.from_numpy(grad.copy())
        optimizer.step()
        found |= {f"{name}.step{t}": p.detach().numpy().copy() for name, p in params.items()}
    return found


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
