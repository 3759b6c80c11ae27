"""What Adam and its relatives share: their settings, their state, and the mean of gradients."""

from __future__ import annotations

from typing import Any

from minigrad.creation import tensor, zeros
from minigrad.dtypes import float32, from_numpy_dtype
from minigrad.optim.optimizer import check_not_negative, check_numbers
from minigrad.tensor import Array


def check_settings(lr: float, betas: tuple[float, float], eps: float, weight_decay: float) -> None:
    """Raise ValueError for what is out of range, in PyTorch's order."""
    check_numbers({"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})
    check_not_negative({"learning rate": lr, "epsilon value": eps})
    for index, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}")
    check_not_negative({"weight_decay value": weight_decay})


def next_step(state: dict[str, Any], param: Array, *names: str) -> float:
    """Return the number of this step, counted from 1; before the first, let the state begin.

    It is a count of steps, a float32 as in PyTorch, and vectors of zeros, like the parameter.
    """
    if not state:
        state["step"] = tensor(0.0, dtype=float32)
        for name in names:
            state[name] = zeros(param.shape, dtype=from_numpy_dtype(param.dtype))
    state["step"]._array += 1
    return float(state["step"].item())


def move_mean(mean: Array, g: Array, beta: float) -> None:
    """Do mean <- beta mean + (1 - beta) g in place, from the nearer end: so it rounds less."""
    if beta > 0.5:
        mean += (1 - beta) * (g - mean)
    else:
        mean[...] = g - beta * (g - mean)
