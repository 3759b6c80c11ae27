"""Parameters that are updated together, as one long vector."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

import numpy as np

from minigrad.tensor import Tensor, wrap

State = MutableMapping[Tensor, dict[str, Any]]


class Block:
    """Parameters of one dtype and one history, laid end to end.

    Ten operations on a long vector cost less than a hundred on ten short ones. What each parameter
    has in the optimizer's ``state`` is its part of the block's state, in the same memory.
    """

    def __init__(self, params: Sequence[Tensor], state: State) -> None:
        self.params = params
        ends = np.cumsum([p.numel() for p in params]).tolist()
        self._parts = [slice(e - p.numel(), e) for e, p in zip(ends, params, strict=True)]
        self.param = np.empty(ends[-1], params[0]._array.dtype)
        self.grad = np.empty_like(self.param)
        self.state: dict[str, Any] = {}
        for name, value in state[params[0]].items():
            if value is None:
                continue
            if name == "step":
                self.state[name] = value.clone()
            else:
                parts = [state[p][name]._array.ravel() for p in params]
                self.state[name] = wrap(np.concatenate(parts))
        self._shown: list[tuple[Tensor, str, Tensor]] = []

    def gather(self) -> None:
        """Read the parameters and their gradients."""
        np.concatenate([p._array.ravel() for p in self.params], out=self.param)
        grads = [p.grad._array.ravel() for p in self.params if p.grad is not None]
        np.concatenate(grads, out=self.grad)

    def scatter(self, state: State) -> None:
        """Write the parameters back; show each its part of what is new in the state."""
        for param, part in zip(self.params, self._parts, strict=True):
            np.copyto(param._array, self.param[part].reshape(param._array.shape))
            param._counter()[0] += 1
        if len(self._shown) < len(self.state) * len(self.params):
            self._show(state)

    def _show(self, state: State) -> None:
        self._shown = []
        for param, part in zip(self.params, self._parts, strict=True):
            for name, value in self.state.items():
                array = value._array
                own = value if name == "step" else wrap(array[part].reshape(param._array.shape))
                state[param][name] = own
                self._shown.append((param, name, own))

    def is_current(self, params: Sequence[Tensor], state: State) -> bool:
        """Return whether these are its parameters, and their state what it showed them."""
        same = [p is q for p, q in zip(params, self.params, strict=False)]
        return len(params) == len(self.params) == sum(same) and all(
            [state[param].get(name) is own for param, name, own in self._shown]
        )
