"""Weights between the frameworks, bit for bit, by way of NumPy arrays.

A state_dict has the same names and shapes in both, so one road leads both ways, and from either
framework to a file. An optimizer's state travels by it as well.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np


def framework(thing: Any) -> Any:
    """Return the package, torch or minigrad, that a tensor, module or optimizer comes from.

    >>> from minigrad import nn
    >>> framework(nn.Linear(2, 2)).__name__
    'minigrad'
    """
    for kind in type(thing).__mro__:  # a user's own Module is one of torch's or of minigrad's
        package = kind.__module__.partition(".")[0]
        if package in ("torch", "minigrad"):
            return import_module(package)
    raise TypeError(f"{type(thing).__name__} is neither PyTorch's nor minigrad's")


def arrays(state: Any) -> Any:
    """Return a state_dict, or a tensor, with arrays of their own in place of tensors."""
    if isinstance(state, Mapping):
        return {name: arrays(value) for name, value in state.items()}
    if hasattr(state, "detach"):
        # Row by row, also of a network in channels-last: safetensors writes the memory as it lies.
        return np.array(state.detach().to("cpu").numpy(), order="C")
    return state


def load(target: Any, state: Mapping[str, Any]) -> None:
    """Give a module or optimizer the state that `arrays` returned, whichever framework it is of.

    Raises what the target's `load_state_dict` raises for names and shapes that do not fit. The
    target keeps its dtype: a float32 module rounds float64 weights, as in PyTorch.
    """
    target.load_state_dict(_tensors(state, framework(target)))


def carry(source: Any, target: Any) -> None:
    """Give `target` the state of `source`: two modules, or two optimizers of the same kind.

    >>> import torch, minigrad
    >>> ours, theirs = minigrad.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    >>> carry(theirs, ours)
    >>> ours.weight.tolist() == theirs.weight.tolist()
    True
    """
    load(target, arrays(source.state_dict()))


def _tensors(state: Any, package: Any) -> Any:
    """Undo `arrays`, in the given package; the tensors share no memory with the arrays."""
    if isinstance(state, Mapping):
        return {name: _tensors(value, package) for name, value in state.items()}
    return package.tensor(state) if isinstance(state, np.ndarray) else state
