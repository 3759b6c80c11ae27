"""Gradients cut down to size, between ``backward()`` and the optimizer's step."""

from __future__ import annotations

import math
import types
import warnings
from collections.abc import Iterable

import numpy as np

from minigrad.creation import tensor
from minigrad.dtypes import LEGACY_NAMES
from minigrad.functions import stack
from minigrad.grad_mode import no_grad
from minigrad.refuse import refuse
from minigrad.tensor import Tensor, wrap

Tensors = Tensor | Iterable[Tensor]


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale gradients in place so that together they are no longer than ``max_norm``.

    All gradients count as one vector, whose length changes but not its direction. Returns the
    length they had, ``get_total_norm``: where it is NaN or infinite, RuntimeError is raised if
    ``error_if_nonfinite``, and otherwise the gradients become NaN or 0. Parameters without a
    gradient are left out.

    >>> import minigrad
    >>> w = minigrad.zeros(2, requires_grad=True)
    >>> w.grad = minigrad.tensor([3.0, 4.0])
    >>> clip_grad_norm_([w], max_norm=1.0)
    tensor(5.)
    >>> w.grad
    tensor([0.6000, 0.8000])
    """
    if isinstance(parameters, types.GeneratorType):
        parameters = list(parameters)
        if not parameters:
            warnings.warn(
                "`parameters` is an empty generator, no gradient clipping will occur.",
                stacklevel=2,
            )
    parameters = _listed(parameters)
    total_norm = get_total_norm(_gradients(parameters), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(parameters, max_norm, total_norm, foreach)
    return total_norm


def get_total_norm(
    tensors: Tensors,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Return the length of all tensors as one vector, (): that of their lengths.

    ``norm_type`` p is a number, ``inf`` or 'inf': the p-th root of the sum of all |x|^p, or the
    largest |x|.
    """
    refuse("get_total_norm", foreach=foreach)
    order = float(norm_type)
    norms = [_norm(t, order) for t in _listed(tensors)]
    if not norms:
        return tensor(0.0)
    total_norm = _norm(stack(norms), order)
    if error_if_nonfinite and not math.isfinite(total_norm.item()):
        raise RuntimeError(
            f"The total norm of order {order} for gradients from `parameters` is non-finite, so it "
            "cannot be clipped. To disable this error and scale the gradients by the non-finite "
            "norm anyway, set `error_if_nonfinite=False`"
        )
    return total_norm


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Multiply gradients in place by max_norm / (total_norm + 1e-6), but by no more than 1."""
    refuse("clip_grads_with_norm_", foreach=foreach)
    with no_grad(), np.errstate(all="ignore"):
        scale = float(max_norm) / (total_norm + 1e-6)
        at_most_1 = wrap(np.minimum(scale._array, np.ones_like(scale._array)))
        for grad in _gradients(parameters):
            grad.mul_(at_most_1)


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Bring each number of the gradients, in place, between ``-clip_value`` and ``clip_value``.

    >>> import minigrad
    >>> w = minigrad.zeros(3, requires_grad=True)
    >>> w.grad = minigrad.tensor([3.0, -0.5, -4.0])
    >>> clip_grad_value_([w], 1.0)
    >>> w.grad
    tensor([ 1.0000, -0.5000, -1.0000])
    """
    refuse("clip_grad_value_", foreach=foreach)
    limit = float(clip_value)
    for grad in _gradients(parameters):
        np.clip(grad._array, -limit, limit, out=grad._array)
        grad._count_change()


def _listed(tensors: Tensors) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _gradients(parameters: Tensors) -> list[Tensor]:
    return [p.grad for p in _listed(parameters) if p.grad is not None]


def _norm(input: Tensor, order: float) -> Tensor:
    """Return the length of a tensor's numbers as a vector, ()."""
    if not input.is_floating_point():
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{LEGACY_NAMES[input.dtype]}"
        )
    if not input.numel() and (order < 0 or order == math.inf):
        name = "infinity" if order == math.inf else f"{order:g}"
        raise RuntimeError(
            f"cannot compute the {name} norm on an empty tensor because the operation does not "
            f"have an identity: its shape is {tuple(input.shape)}"
        )
    with np.errstate(all="ignore"):
        return wrap(np.linalg.norm(input._array.reshape(-1), order)).to(input.dtype)
