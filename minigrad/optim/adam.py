"""Adam (Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980), and AdamW beside it.

The same in plain loops: minigrad/functions/loops/adam.py and adamw.py
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.moments import check_settings, move_mean, next_step
from minigrad.optim.optimizer import Optimizer
from minigrad.tensor import Array


class Adam(Optimizer):
    """A step of about ``lr`` where gradients agree, and a shorter one where they vary.

    With g the gradient plus ``weight_decay`` times the parameter, and t counted from 1::

        m <- beta1 m + (1 - beta1) g            a mean of the last gradients
        v <- beta2 v + (1 - beta2) g^2          a mean of their squares
        p <- p - lr m' / (sqrt(v') + eps)       m' = m / (1 - beta1^t), v' = v / (1 - beta2^t):
                                                m and v begin at 0, the divisions make up for it

    ``amsgrad`` (Reddi, Kale and Kumar, 2018, https://openreview.net/forum?id=ryQu7f-RZ) puts the
    largest v so far in the place of v, so that steps do not grow again after a rare large gradient.
    ``decoupled_weight_decay`` leaves the gradient alone and first shrinks the parameter itself,
    p <- (1 - lr weight_decay) p: that is AdamW. ``maximize`` climbs: g is the gradient's negative.
    ``foreach``, ``capturable``, ``differentiable`` and ``fused`` concern other machines than NumPy:
    they can be left as they are.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.9000, -1.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_settings(lr, betas, eps, weight_decay)
        if not all(isinstance(beta, float) for beta in betas):  # in PyTorch 0 is wrong, 0.0 right
            raise ValueError(f"betas must be either both floats or both Tensors: got {betas}")
        defaults = {
            "lr": lr, "betas": tuple(betas), "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "differentiable": differentiable, "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(
        self, param: Array, grad: Array, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        """Do the formula above, in the memory of m, v and p."""
        largest = ("max_exp_avg_sq",) if group["amsgrad"] else ()
        t = next_step(state, param, "exp_avg", "exp_avg_sq", *largest)
        m, v = state["exp_avg"]._array, state["exp_avg_sq"]._array
        lr, (beta1, beta2) = group["lr"], group["betas"]

        g = -grad if group["maximize"] else grad
        if group["weight_decay"] and group["decoupled_weight_decay"]:
            param *= 1 - lr * group["weight_decay"]
        elif group["weight_decay"]:
            g = g + group["weight_decay"] * param
        move_mean(m, g, beta1)
        v *= beta2
        v += (1 - beta2) * g * g
        for name in largest:
            v = np.maximum(state[name]._array, v, out=state[name]._array)
        scale = np.sqrt(v) / (1 - beta2**t) ** 0.5 + group["eps"]
        param -= lr / (1 - beta1**t) * m / scale


class AdamW(Adam):
    """Adam whose weight decay stays out of the means, and is 0.01 unless given.

    In Adam the decay is part of g, and is divided by sqrt(v') with it: weights with large gradients
    hardly decay. Here all do, p <- (1 - lr weight_decay) p before each step (Loshchilov and Hutter,
    2019, https://arxiv.org/abs/1711.05101).

    >>> import minigrad
    >>> w = minigrad.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.8500, -1.8000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad,
            foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and settings; the decay stays decoupled, also from Adam's state."""
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
