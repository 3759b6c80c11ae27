"""Changes in place: counted, so that backward notices, and recorded where a gradient needs it."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad import functions as F
from minigrad.grad_mode import grad_mode
from minigrad.tensor import Tensor


def old(target: Tensor, other: Any) -> Tensor:
    """Return what is about to be overwritten: a copy, where backward will ask for it."""
    needed = target._requires_grad or getattr(other, "_requires_grad", False)
    return target.clone() if needed and grad_mode.enabled else target


def update(target: Tensor, result: Tensor) -> Tensor:
    """Overwrite ``target`` with ``result``, of which it becomes the owner of the history.

    ``result`` was computed out of place; what is left is to put it into the memory of ``target``.
    """
    if result._array.shape != target._array.shape:
        raise RuntimeError(
            f"output with shape {list(target.shape)} doesn't match the broadcast shape "
            f"{list(result.shape)}"
        )
    if dtypes.category(result.dtype) > dtypes.category(target.dtype):
        raise RuntimeError(
            f"result type {dtypes.LEGACY_NAMES[result.dtype]} can't be cast to the desired output "
            f"type {dtypes.LEGACY_NAMES[target.dtype]}"
        )
    _check_history(target, result)
    np.copyto(target._array, result._array, casting="unsafe")
    target._count_change()
    if result.grad_fn is not None:
        result = result.to(target.dtype)
        target._edge = result._edge
        target._requires_grad = True
    return target


def copy(target: Tensor, source: Any) -> Tensor:
    """Overwrite ``target`` with ``source``, broadcast and cast to fit."""
    if not isinstance(source, Tensor):
        source = F.as_operand(source, target.dtype)
    setitem(target, ..., source.to(target.dtype).expand(target.shape))
    return target


def setitem(target: Tensor, index: Any, value: Any) -> None:
    """Do ``target[index] = value``."""
    if not isinstance(value, Tensor):
        value = F.as_operand(value, target.dtype)
    value = value.to(target.dtype)
    while value.ndim and len(value) == 1:  # an axis of size 1 too many does no harm
        value = value.squeeze(0)
    if grad_mode.enabled and (target._requires_grad or value._requires_grad):
        update(target, F.index_put(target, index, value))
        return
    _check_history(target, value)
    F.assign(target._array, F.index_steps(index), value._array)
    target._count_change()


def _check_history(target: Tensor, source: Tensor) -> None:
    """Refuse what would make a gradient wrong."""
    if not grad_mode.enabled:
        return
    if target._requires_grad and target.is_leaf:
        raise RuntimeError(
            "a leaf Variable that requires grad is being used in an in-place operation. Change it "
            "inside `with no_grad():`, or change a copy."
        )
    if (target._requires_grad or source._requires_grad) and (
        target._base is not None or target._has_views
    ):
        raise RuntimeError(
            "minigrad does not record an in-place change of memory that several tensors share (a "
            "view or its base). Work on a copy: x = x.clone()."
        )
