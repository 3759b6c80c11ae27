"""Run one computation in minigrad and in PyTorch, and hold the two against each other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

import minigrad

# What an implementation that adds in another order may differ by.
TOLERANCES = {
    np.float64: {"rtol": 1e-9, "atol": 1e-11},
    np.float32: {"rtol": 1e-5, "atol": 1e-5},
}


@dataclass(frozen=True)
class Case:
    """Arguments of an operation: ``inputs`` get gradients, ``options`` do not."""

    inputs: tuple[np.ndarray, ...]
    options: dict[str, Any] = field(default_factory=dict)
    seed: int = 0  # of the upstream gradients


@dataclass(frozen=True)
class Run:
    """A forward pass in one framework."""

    fw: Any  # the framework
    leaves: list[Any]
    outputs: list[Any]

    @property
    def differentiable(self) -> list[Any]:
        return [o for o in self.outputs if o.requires_grad]


def forward(fw: Any, call: Callable[..., Any], case: Case, dtype: Any = np.float64) -> Run:
    leaves = [fw.tensor(x.astype(dtype)).requires_grad_() for x in case.inputs]
    return run(fw, call, leaves, case.options, dtype)


def run(
    fw: Any, call: Callable[..., Any], leaves: list[Any], options: Any, dtype: Any = np.float64
) -> Run:
    result = call(fw, *leaves, **{k: _argument(fw, v, dtype) for k, v in options.items()})
    return Run(fw, leaves, list(result) if isinstance(result, tuple) else [result])


def _argument(fw: Any, value: Any, dtype: Any) -> Any:
    """Arrays become tensors of the framework, those of floats in the type of the run."""
    if isinstance(value, tuple):
        return tuple(_argument(fw, v, dtype) for v in value)
    if isinstance(value, np.ndarray):
        return fw.tensor(value.astype(dtype) if value.dtype.kind == "f" else value)
    return value


def upstream(of: Run, seed: int) -> list[np.ndarray]:
    """Random numbers in the shape of each output: all ones would hide many a mistake."""
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(tuple(o.shape)).astype(numbers(o).dtype) for o in of.differentiable]


def backward(of: Run, seed: int, **options: Any) -> list[Any]:
    """Fill ``grad`` of the leaves and return them; None where nothing arrived."""
    if of.differentiable:
        grads = [of.fw.tensor(g) for g in upstream(of, seed)]
        of.fw.autograd.backward(of.differentiable, grads, **options)
    return [leaf.grad for leaf in of.leaves]


def second_derivatives(of: Run, seed: int) -> list[Any]:
    """Gradients of a random projection of the gradients, for the leaves and for the upstream."""
    fw = of.fw
    grads = [fw.tensor(g).requires_grad_() for g in upstream(of, seed)]
    if not grads:
        return []
    first = fw.autograd.grad(
        of.differentiable, of.leaves, grads, create_graph=True, allow_unused=True
    )
    rng = np.random.default_rng(seed + 1)
    terms = []
    for gradient, leaf in zip(first, of.leaves, strict=True):
        weights = fw.tensor(rng.standard_normal(tuple(leaf.shape)).astype(numbers(leaf).dtype))
        if gradient is not None and gradient.requires_grad:
            terms.append((gradient * weights).sum())
    wanted = [*of.leaves, *grads]
    if not terms:
        return [fw.zeros_like(w) for w in wanted]
    second = fw.autograd.grad(terms, wanted, allow_unused=True)
    # What a second derivative does not depend on is None in one framework, zeros in the other.
    return [fw.zeros_like(w) if s is None else s for w, s in zip(wanted, second, strict=True)]


def numbers(tensor: Any) -> np.ndarray:
    # PyTorch's engine may hand out a tensor of zeros that has no memory: force gives it some.
    return tensor.detach().numpy(**({"force": True} if isinstance(tensor, torch.Tensor) else {}))


def assert_same(ours: Any, theirs: Any, dtype: Any = np.float64, what: str = "value") -> None:
    """Equal type, shape and, within the tolerance, elements. NaN equals NaN."""
    if ours is None or theirs is None:
        assert ours is theirs, f"{what}: {ours} is not {theirs}"
        return
    assert isinstance(ours, minigrad.Tensor), what
    assert isinstance(theirs, torch.Tensor), what
    assert str(ours.dtype) == str(theirs.dtype), f"{what}: {ours.dtype} is not {theirs.dtype}"
    assert tuple(ours.shape) == tuple(theirs.shape), f"{what}: {ours.shape} is not {theirs.shape}"
    exact = {"rtol": 0, "atol": 0}
    dtype = np.float32 if ours.dtype is minigrad.float32 else dtype
    tolerance = TOLERANCES[dtype] if ours.is_floating_point() else exact
    np.testing.assert_allclose(numbers(ours), numbers(theirs), err_msg=what, **tolerance)


def assert_twins(call: Callable[..., Any], case: Case, dtype: Any = np.float64) -> None:
    """Hold forward and gradients of one case against PyTorch."""
    ours, theirs = [forward(fw, call, case, dtype) for fw in (minigrad, torch)]
    assert len(ours.outputs) == len(theirs.outputs)
    for k, (a, b) in enumerate(zip(ours.outputs, theirs.outputs, strict=True)):
        assert_same(a, b, dtype, f"output {k}")
        assert a.requires_grad == b.requires_grad, f"output {k} requires_grad={a.requires_grad}"
    gradients = zip(backward(ours, case.seed), backward(theirs, case.seed), strict=True)
    for k, (a, b) in enumerate(gradients):
        assert_same(a, b, dtype, f"gradient of input {k}")


def assert_finite_differences(call: Callable[..., Any], case: Case, **options: Any) -> None:
    """Hold every derivative against differences; none may be skipped, for that is a warning."""
    leaves = tuple(minigrad.tensor(x).requires_grad_() for x in case.inputs)
    assert minigrad.gradcheck(
        lambda *inputs: tuple(run(minigrad, call, list(inputs), case.options).outputs),
        leaves,
        **options,
    )
