"""Parameters that are updated together, as one long vector."""

from __future__ import annotations

import operator
from collections.abc import MutableMapping, Sequence
from typing import Any

import numpy as np

from minigrad.tensor import Array, Tensor, wrap

State = MutableMapping[Tensor, dict[str, Any]]


class Block:
    """Parameters of one dtype and one history, laid end to end.

    Ten operations on a long vector cost less than a hundred on ten short ones. What each parameter
    has in the optimizer's ``state`` is its part of the block's state, in the same memory.
    """

    def __init__(self, params: Sequence[Tensor], state: State) -> None:
        self.params = params
        self._arrays = [p._array for p in params]
        first = params[0]
        self.param = np.empty(sum([p.numel() for p in params]), first._array.dtype)
        self.grad = np.empty_like(self.param)
        self._param_parts = self._parts(self.param)
        self.state: dict[str, Any] = {}
        for name, value in state[first].items():
            if name == "step":
                self.state[name] = value.clone()
            elif value is not None:
                joined = np.empty_like(self.param)
                for part, p in zip(self._parts(joined), params, strict=True):
                    np.copyto(part, state[p][name]._array)
                self.state[name] = wrap(joined)
        self._shown: list[Any] = []  # what the state holds of this block's, parameter by parameter

    def _parts(self, vector: Array) -> list[Array]:
        """Return the part of a vector that belongs to each parameter, in its shape."""
        ends = np.cumsum([p.numel() for p in self.params]).tolist()
        return [
            vector[end - p.numel() : end].reshape(p._array.shape)
            for end, p in zip(ends, self.params, strict=True)
        ]

    def gather(self) -> None:
        """Read the parameters and their gradients."""
        np.concatenate([p._array for p in self.params], axis=None, out=self.param)
        grads = [p.grad._array for p in self.params if p.grad is not None]  # all have one
        np.concatenate(grads, axis=None, out=self.grad)

    def scatter(self, state: State) -> None:
        """Write the parameters back; show each its part of what is new in the state."""
        for p, part in zip(self.params, self._param_parts, strict=True):
            p._array[...] = part
            p._count_change()
        if len(self._shown) < len(self.state) * len(self.params):
            self._show(state)

    def _show(self, state: State) -> None:
        for name, value in self.state.items():
            whole = [value._array] * len(self.params)  # the count of steps is one for all
            parts = whole if name == "step" else self._parts(value._array)
            for p, part in zip(self.params, parts, strict=True):
                state[p][name] = wrap(part)
        self._shown = [value for p in self.params for value in state[p].values()]

    def is_current(self, params: Sequence[Tensor], state: State) -> bool:
        """Return whether these are its parameters, and their state what it showed them."""
        return (
            _are(params, self.params)
            and _are([p._array for p in params], self._arrays)
            and _are([value for p in params for value in state[p].values()], self._shown)
        )


def _are(these: Sequence[Any], those: Sequence[Any]) -> bool:
    """Return whether they are the same objects in the same order."""
    return len(these) == len(those) and all(map(operator.is_, these, those))
