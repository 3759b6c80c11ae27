"""Gradient descent, with momentum (Sutskever et al., 2013).

The same in plain loops: minigrad/functions/loops/sgd.py
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minigrad.optim.optimizer import Optimizer, check_not_negative, check_numbers
from minigrad.tensor import Array, wrap


class SGD(Optimizer):
    """A step against the gradient.

    With g the gradient plus ``weight_decay`` times the parameter::

        v <- momentum v + (1 - dampening) g     v begins as the first g
        p <- p - lr v                           with nesterov: p - lr (g + momentum v)

    ``maximize`` climbs: g is the gradient's negative. ``foreach``, ``differentiable`` and ``fused``
    concern other machines than NumPy: they can be left as they are.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.8000, -1.6000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_numbers({"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        check_not_negative(
            {
                "learning rate": lr,
                "momentum value": momentum,
                "weight_decay value": weight_decay,
            }
        )
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize, "foreach": foreach,
            "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(
        self, param: Array, grad: Array, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        """Do the formula above, in the memory of v and p."""
        g = -grad if group["maximize"] else grad
        if group["weight_decay"]:
            g = g + group["weight_decay"] * param
        if group["momentum"]:
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = wrap(g.copy())
            else:
                v = state["momentum_buffer"]._array
                v *= group["momentum"]
                v += (1 - group["dampening"]) * g
            v = state["momentum_buffer"]._array
            g = g + group["momentum"] * v if group["nesterov"] else v
        param -= group["lr"] * g
