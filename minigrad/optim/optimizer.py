"""What all optimizers share: parameters in groups, state by parameter, ``zero_grad``."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad.grad_mode import enable_grad
from minigrad.nn.parameter import Parameter
from minigrad.optim.block import Block
from minigrad.refuse import refuse
from minigrad.tensor import Array, Tensor

_SEVERAL = (tuple, list)  # what a setting of more than one number is
_FOR_OTHER_MACHINES = ("foreach", "fused", "capturable", "differentiable")


class Optimizer:
    """The base class. A subclass says in ``_update`` what one parameter's step is.

    ``params`` are tensors, or dictionaries ``{"params": tensors, option: value, ...}``: groups that
    have settings of their own. ``defaults`` are the settings of whatever group does not.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got {params.type()}"
            )
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        self._blocks: dict[int, list[Block]] = {}
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Take more parameters under its care, with settings of their own."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the "
                "ordering of tensors in sets will change between runs. Please use a list instead."
            )
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {p for group in self.param_groups for p in group["params"]}
        for param in params:
            if isinstance(param, tuple):
                raise NotImplementedError(
                    "minigrad's optimizers take parameters without names: model.parameters(), not "
                    "model.named_parameters()"
                )
            if not isinstance(param, Tensor):
                raise TypeError(
                    "optimizer can only optimize Tensors, but one of the params is "
                    f"{type(param).__name__}"
                )
            if not param.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
            if param in known:
                raise ValueError("some parameters appear in more than one parameter group")
        if len(set(params)) < len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters", stacklevel=3
            )
        own = {**param_group, "params": params}
        group = {**own, **self.defaults, **own}  # in PyTorch's order
        check_numbers(group)
        refuse(type(self).__name__, **{name: group.get(name) for name in _FOR_OTHER_MACHINES})
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, which backward would otherwise add to; or fill them with zeros."""
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    param.grad = None if set_to_none else param.grad.detach().zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient, and return what ``closure`` returns."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with np.errstate(all="ignore"):
            for position, group in enumerate(self.param_groups):
                check_numbers(group)
                for block in self._blocks_of(position, group):
                    block.gather()
                    self._update(block.param, block.grad, block.state, group)
                    block.scatter(self.state)
        return loss

    def _blocks_of(self, position: int, group: dict[str, Any]) -> list[Block]:
        """Return the group's parameters that have a gradient, those of one history together."""
        params = [p for p in group["params"] if p.grad is not None]
        blocks = self._blocks.get(position, [])
        if len(blocks) == 1 and blocks[0].is_current(params, self.state):
            return blocks
        alike: dict[Any, list[Tensor]] = {}
        for param in params:
            state = self.state[param]
            step = state["step"].item() if "step" in state else None
            names = tuple([name for name in state if state[name] is not None])
            alike.setdefault((param.dtype, step, names), []).append(param)
        self._blocks[position] = [Block(like, self.state) for like in alike.values()]
        return self._blocks[position]

    def _update(
        self, param: Array, grad: Array, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        """Change ``param`` in place by its gradient; ``state`` is what was kept from last time.

        Each is a vector: several parameters, end to end.
        """
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return the state and the settings, in which parameters are numbers counted from 0."""
        number = {p: i for i, p in enumerate(p for g in self.param_groups for p in g["params"])}
        groups = [
            {**{k: v for k, v in group.items() if k != "params"},
             "params": [number[p] for p in group["params"]]}
            for group in self.param_groups
        ]  # fmt: skip
        return {
            "state": {number[p]: state for p, state in self.state.items() if state},
            "param_groups": groups,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and settings. ValueError where groups or their sizes differ."""
        saved = state_dict["param_groups"]
        if len(saved) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if [len(g["params"]) for g in saved] != [len(g["params"]) for g in self.param_groups]:
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of "
                "optimizer's group"
            )
        self.param_groups = [
            {**new, "params": old["params"]}
            for new, old in zip(saved, self.param_groups, strict=True)
        ]
        params = [p for group in self.param_groups for p in group["params"]]
        numbers = [n for group in saved for n in group["params"]]
        self.state = defaultdict(dict)
        self._blocks = {}
        for param, number in zip(params, numbers, strict=True):
            if number in state_dict["state"]:
                self.state[param] = {
                    name: _copy(name, value, param)
                    for name, value in state_dict["state"][number].items()
                }

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for position, group in enumerate(self.param_groups):
            text += f"\nParameter Group {position}\n"
            for key in sorted(group):
                if key != "params":
                    text += f"    {key}: {group[key]}\n"
        return f"{text})"


def _copy(name: str, value: Any, param: Parameter) -> Any:
    """Copy one piece of state, in the parameter's own type unless it is the count of steps."""
    if not isinstance(value, Tensor):
        return value
    return value.clone() if name == "step" else value.to(param.dtype, copy=True)


def check_numbers(settings: dict[str, Any]) -> None:
    """Raise NotImplementedError for a setting that is a tensor, which PyTorch takes too."""
    for name, value in settings.items():
        several = isinstance(value, _SEVERAL) and name != "params"
        if isinstance(value, Tensor) or (several and any([isinstance(v, Tensor) for v in value])):
            raise NotImplementedError(
                f"minigrad's optimizers take {name} as a number, not as a tensor: use .item()"
            )


def check_not_negative(settings: dict[str, float]) -> None:
    """Raise ValueError for the first setting, under its name in PyTorch's errors, below 0."""
    for name, value in settings.items():
        if not value >= 0.0:
            raise ValueError(f"Invalid {name}: {value}")
