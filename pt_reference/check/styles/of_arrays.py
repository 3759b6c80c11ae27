"""Layers and optimizers on NumPy arrays: classes and functions."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from pt_reference.check.contract import GRADIENTS, Layer
from pt_reference.check.styles.style import Inputs, Options, Style, signature_of


class PlainClass(Style):
    """``layer.forward(x)`` and ``layer.backward(grad_output)`` on arrays."""

    name = "plain class"

    def __init__(self, layer: Layer, cls: type) -> None:
        super().__init__(layer, signature_of(cls))
        self.cls = cls

    def build(self, inputs: Any, options: Options) -> Any:
        """Call the class, and assign the parameters."""
        layer = self.cls(*self.sizes(inputs, options), **self.passed(options))
        for name in self.layer.parameters:
            if name in inputs:
                setattr(layer, name, inputs[name])
        return layer

    def forward(self, layer: Any, inputs: Inputs) -> tuple[Any, Any]:
        """Call ``forward``; the layer remembers what it needs itself."""
        return layer.forward(*[inputs[name] for name in self.layer.takes]), (layer, inputs)

    def backward(self, call: Any, grad_output: np.ndarray) -> dict[str, Any]:
        """Call ``backward``, and read the parameters' gradients off the layer."""
        layer, inputs = call
        gradients = {"grad_input": layer.backward(grad_output)}
        for name in self.layer.parameters:
            if name in inputs:
                gradients[GRADIENTS[name]] = getattr(layer, GRADIENTS[name], None)
        return gradients


class FunctionPair(Style):
    """``y, cache = conv2d_forward(x, ...)`` and ``conv2d_backward(grad_output, cache)``."""

    name = "function pair"

    def __init__(self, layer: Layer, forward: Callable[..., Any], backward: Any) -> None:
        super().__init__(layer, inspect.signature(forward))
        self.functions = forward, backward

    def has(self, option: str) -> bool:
        """Say yes to ``bias=False`` too: the function is given None."""
        return option == "bias" or super().has(option)

    def build(self, inputs: Any, options: Options) -> Any:
        """Return the options: functions are made already."""
        return options

    def forward(self, layer: Any, inputs: Inputs) -> tuple[Any, Any]:
        """Call the forward function."""
        first = (*self.layer.takes, *self.layer.parameters)
        args = [inputs.get(name) for name in first]
        if self.layer.name == "MaxPool2d":
            args += self.sizes(inputs, layer)
        options = {k: v for k, v in self.passed(layer).items() if k not in first}
        y, cache = self.functions[0](*args, **options)
        return y, (cache, inputs)

    def backward(self, call: Any, grad_output: np.ndarray) -> dict[str, Any]:
        """Call the backward function."""
        cache, inputs = call
        if self.functions[1] is None:
            raise NotImplementedError(f"{self.layer.stem}_backward is not defined")
        result = self.functions[1](grad_output, cache)
        if not self.layer.parameters:
            return {"grad_input": result[0] if isinstance(result, tuple) else result}
        names = [GRADIENTS[name] for name in self.layer.differentiable]
        gradients = dict(zip(names, result, strict=False))
        return {
            k: gradients.get(k)
            for k, name in zip(names, self.layer.differentiable, strict=True)
            if name in inputs
        }


class PlainOptimizer(Style):
    """``Adamax(params, lr=...)`` with ``step(grads)``, on arrays."""

    name = "plain class"

    def __init__(self, layer: Layer, cls: type) -> None:
        super().__init__(layer, signature_of(cls))
        self.cls = cls

    def build(self, inputs: Any, options: Options) -> Any:
        """Call the class with the arrays that it is to change."""
        return self.cls(list(inputs), **self.passed(options)), inputs

    def step(self, optimizer: Any, grads: list[Any]) -> list[Any]:
        """Make a step; the parameters are still the checker's arrays."""
        optimizer[0].step(list(grads))
        return optimizer[1]


class StepFunction(Style):
    """``p, state = adamax_step(p, grad, state, lr=...)``."""

    name = "function"

    def __init__(self, layer: Layer, function: Callable[..., Any]) -> None:
        super().__init__(layer, inspect.signature(function))
        self.function = function

    def build(self, inputs: Any, options: Options) -> Any:
        """Return the parameters and their states."""
        return {"params": list(inputs), "states": [{} for _ in inputs], "options": options}

    def step(self, optimizer: Any, grads: list[Any]) -> list[Any]:
        """Call the function for each parameter that has a gradient."""
        params, states = optimizer["params"], optimizer["states"]
        for i, grad in enumerate(grads):
            if grad is not None:
                options = self.passed(optimizer["options"])
                params[i], states[i] = self.function(params[i], grad, states[i], **options)
        return params
