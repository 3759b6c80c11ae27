"""The step that an optimizer would do next, worked out on copies."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Mapping
from typing import Any

from minigrad.explain.parts import Update, Value
from minigrad.explain.tape import key
from minigrad.optim.optimizer import Optimizer
from minigrad.tensor import Array, Tensor, wrap


def work_out(optimizer: Optimizer, values: Mapping[Hashable, Value]) -> None:
    """Give each parameter's value its update. Neither the parameters nor the optimizer change."""
    copies: dict[Tensor, Tensor] = {}
    twin = copy.copy(optimizer)
    twin.param_groups = []
    for group in optimizer.param_groups:
        for p in group["params"]:
            copies[p] = p.detach().clone().requires_grad_()
            value = values.get(key(p))
            if value is not None and value.grad is not None:
                copies[p].grad = wrap(value.grad.copy())
        twin.param_groups.append({**group, "params": [copies[p] for p in group["params"]]})
    twin.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    before = {p: _arrays(twin.state[q]) for p, q in copies.items()}
    twin.step()
    for group in optimizer.param_groups:
        settings = {name: value for name, value in group.items() if name != "params"}
        for p in group["params"]:
            value, q = values.get(key(p)), copies[p]
            if value is not None and q.grad is not None:
                value.update = Update(
                    type(optimizer).__name__,
                    settings,
                    p._array.copy(),
                    q._array,
                    before[p],
                    _arrays(twin.state[q]),
                )


def _arrays(state: dict[str, Any]) -> dict[str, Array]:
    return {name: value._array.copy() for name, value in state.items() if value is not None}
