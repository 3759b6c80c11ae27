"""The styles in which a layer can be written, behind one face.

    layer = style.build(inputs, options)             made, and given its parameters
    output, call = style.forward(layer, inputs)      the student's own objects, whatever they are
    gradients = style.backward(call, grad_output)    by name: grad_input, grad_weight, grad_bias

and for optimizers

    optimizer = style.build(params, options)
    params = style.step(optimizer, grads)            the parameters after the step

``inputs`` are arrays by name: x, weight, bias, target. Every style hands the student's code these
very arrays, or tensors that share their memory, so a change in place can be seen afterwards.
"""

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from pt_reference.check.contract import Layer

Inputs = Mapping[str, np.ndarray]
Options = Mapping[str, Any]


class Style:
    """What all styles do alike: see which options a signature takes, and pass them."""

    name = ""

    def __init__(self, layer: Layer, signature: inspect.Signature) -> None:
        self.layer = layer
        kinds = inspect.Parameter
        self.parameters = [p for p in signature.parameters.values() if p.name != "self"]
        self.takes_any = any(p.kind is kinds.VAR_KEYWORD for p in self.parameters)
        self.names = [
            p.name
            for p in self.parameters
            if p.kind not in (kinds.VAR_KEYWORD, kinds.VAR_POSITIONAL)
        ]
        self.wants_pairs = any(isinstance(p.default, tuple) for p in self.parameters)

    def lacks(self, options: Options) -> list[str]:
        """Return the options that the student's signature does not have."""
        if self.takes_any:
            return []
        return [name for name in options if not self.has(name)]

    def has(self, option: str) -> bool:
        """Return whether the signature has an option."""
        return option in self.names or option in self.layer.required

    def passed(self, options: Options) -> dict[str, Any]:
        """Return the options as they are passed: those that were set, and those without default."""
        known = {k: v for k, v in {**self.layer.options, **options}.items() if k != "kernel_size"}
        needed = [p.name for p in self.parameters if p.default is inspect.Parameter.empty]
        passed = {k: known[k] for k in known if k in options or k in needed}
        if (
            self.layer.name == "MaxPool2d"
            and passed.get("stride", 0) is None
            and "stride" in needed
        ):
            passed["stride"] = options["kernel_size"]
        if self.wants_pairs and self.layer.name in ("Conv2d", "MaxPool2d"):
            pairs = ("stride", "padding", "dilation")
            return {k: pair_of(v) if k in pairs else v for k, v in passed.items()}
        return passed

    def sizes(self, inputs: Inputs, options: Options) -> list[Any]:
        """Return the constructor's first arguments, read off the parameters' shapes."""
        if self.layer.name == "Linear":
            return list(inputs["weight"].shape[::-1])
        if self.layer.name == "Conv2d":
            out_channels, in_channels, kh, kw = inputs["weight"].shape
            kernel = kh if kh == kw and not self.wants_pairs else (kh, kw)
            return [in_channels * options.get("groups", 1), out_channels, kernel]
        if self.layer.name == "MaxPool2d":
            kernel = options["kernel_size"]
            return [pair_of(kernel) if self.wants_pairs else kernel]
        return []

    def build(self, inputs: Any, options: Options) -> Any:
        """Make the student's layer and give it the parameters."""
        raise NotImplementedError

    def forward(self, layer: Any, inputs: Inputs) -> tuple[Any, Any]:
        """Return the output, and what backward needs."""
        raise NotImplementedError

    def backward(self, call: Any, grad_output: np.ndarray) -> dict[str, Any]:
        """Return the gradients by name."""
        raise NotImplementedError

    def step(self, optimizer: Any, grads: list[Any]) -> list[Any]:
        """Make a step; return the parameters after it."""
        raise NotImplementedError


def signature_of(cls: type) -> inspect.Signature:
    """Return what a class is called with."""
    return inspect.signature(cls.__init__) if "__init__" in _names_of(cls) else inspect.Signature()


def _names_of(cls: type) -> set[str]:
    return {name for base in cls.__mro__[:-1] for name in vars(base)}


def pair_of(value: Any) -> Any:
    """Return a number twice; a pair, a word or None as it is."""
    return (value, value) if isinstance(value, int) else value
