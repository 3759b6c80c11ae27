"""Adam with the infinity norm (Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980, section 7).

The same in plain loops: minigrad/functions/loops/adamax.py
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.moments import check_settings, move_mean, next_step
from minigrad.optim.optimizer import Optimizer
from minigrad.tensor import Array


class Adamax(Optimizer):
    """A step of about ``lr`` in each coordinate, whatever the size of its gradient.

    With g the gradient plus ``weight_decay`` times the parameter, and t counted from 1::

        m <- beta1 m + (1 - beta1) g            a mean of the last gradients
        u <- max(beta2 u, |g| + eps)            the largest of the last gradients
        p <- p - lr / (1 - beta1^t) * m / u     m begins at 0: the division makes up for it

    The only difference from the paper, and PyTorch has it too, is the ``eps`` beside |g|.
    ``maximize`` climbs: g is the gradient's negative. ``foreach``, ``differentiable`` and
    ``capturable`` concern other machines than NumPy: they can be left as they are.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adamax([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.9000, -1.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_settings(lr, betas, eps, weight_decay)
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(
        self, param: Array, grad: Array, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        """Do the formula above, in the memory of m, u and p."""
        t = next_step(state, param, "exp_avg", "exp_inf")
        m, u = state["exp_avg"]._array, state["exp_inf"]._array
        beta1, beta2 = group["betas"]

        g = -grad if group["maximize"] else grad
        if group["weight_decay"]:
            g = g + group["weight_decay"] * param
        move_mean(m, g, beta1)
        u *= beta2
        np.maximum(u, np.abs(g) + group["eps"], out=u)
        param -= group["lr"] / (1 - beta1**t) * m / u
