"""Layers and optimizers on tensors of minigrad or PyTorch."""

import inspect
from typing import Any

import numpy as np

from pt_reference.check.contract import GRADIENTS, Layer
from pt_reference.check.styles.style import Inputs, Options, Style, signature_of


class TensorStyle(Style):
    """Layers on minigrad's or PyTorch's tensors: the framework calls their backward."""

    def __init__(self, layer: Layer, signature: inspect.Signature, framework: Any) -> None:
        super().__init__(layer, signature)
        self.framework = framework

    def tensor(self, array: np.ndarray, requires_grad: bool = False) -> Any:
        """Return a tensor that shares the array's memory, where the framework can."""
        if any(stride < 0 for stride in array.strides) or not array.flags.writeable:
            array = array.copy()
        t = self.framework.from_numpy(array)
        return t.requires_grad_() if requires_grad else t

    def tensors(self, inputs: Inputs) -> dict[str, Any]:
        """Return the inputs as tensors; those that have a gradient ask for it."""
        return {
            k: self.tensor(v, requires_grad=k in self.layer.differentiable)
            for k, v in inputs.items()
        }

    def passed(self, options: Options) -> dict[str, Any]:
        """Return the options as they are passed, arrays as tensors."""
        return {
            k: self.tensor(v) if isinstance(v, np.ndarray) else v
            for k, v in super().passed(options).items()
        }

    def backward(self, call: Any, grad_output: np.ndarray) -> dict[str, Any]:
        """Ask the framework for the gradients."""
        output, leaves = call
        grads = self.framework.autograd.grad(
            output,
            list(leaves.values()),
            self.tensor(grad_output),
            retain_graph=True,
            allow_unused=True,
        )
        return {GRADIENTS[name]: grad for name, grad in zip(leaves, grads, strict=True)}


class ModuleClass(TensorStyle):
    """A subclass of ``nn.Module``."""

    name = "Module"

    def __init__(self, layer: Layer, cls: type, framework: Any) -> None:
        super().__init__(layer, signature_of(cls), framework)
        self.cls = cls

    def build(self, inputs: Any, options: Options) -> Any:
        """Call the class, and give it parameters that share the arrays' memory."""
        module = self.cls(*self.sizes(inputs, options), **self.passed(options))
        for name in self.layer.parameters:
            if name in inputs:
                setattr(module, name, self.framework.nn.Parameter(self.tensor(inputs[name])))
        return module

    def forward(self, layer: Any, inputs: Inputs) -> tuple[Any, Any]:
        """Call the module."""
        tensors = self.tensors({k: inputs[k] for k in self.layer.takes})
        leaves = {"x": tensors["x"]}
        leaves |= {k: getattr(layer, k) for k in self.layer.parameters if k in inputs}
        output = layer(*tensors.values())
        return output, (output, leaves)


class FunctionClass(TensorStyle):
    """A subclass of ``autograd.Function``: ``Conv2d.apply(x, weight, bias, stride, ...)``."""

    name = "Function"

    def __init__(self, layer: Layer, cls: Any, framework: Any) -> None:
        signature = inspect.signature(cls.forward)
        parameters = list(signature.parameters.values())
        if parameters and (parameters[0].name == "ctx" or "setup_context" not in vars(cls)):
            parameters = parameters[1:]
        super().__init__(layer, signature.replace(parameters=parameters), framework)
        self.cls = cls

    def has(self, option: str) -> bool:
        """Say yes to ``bias=False`` too: the function is given None."""
        return option == "bias" or super().has(option)

    def build(self, inputs: Any, options: Options) -> Any:
        """Return the options: a Function has no state."""
        return options

    def forward(self, layer: Any, inputs: Inputs) -> tuple[Any, Any]:
        """Call ``apply``: it takes arguments by their place alone."""
        tensors = self.tensors(inputs)
        first = (*self.layer.takes, *self.layer.parameters)
        args = [tensors.get(name) for name in first][: len(self.names)]
        known = {**self.layer.options, **layer}
        if known.get("stride", 0) is None:
            known["stride"] = known["kernel_size"]
        known |= self.passed(layer)
        args += [
            self.tensor(known[k]) if isinstance(known[k], np.ndarray) else known[k]
            for k in self.names[len(first) :]
        ]
        output = self.cls.apply(*args)
        return output, (output, {k: tensors[k] for k in self.layer.differentiable if k in tensors})


class TensorOptimizer(TensorStyle):
    """A subclass of ``optim.Optimizer``."""

    name = "Optimizer"

    def __init__(self, layer: Layer, cls: type, framework: Any) -> None:
        super().__init__(layer, signature_of(cls), framework)
        self.cls = cls

    def build(self, inputs: Any, options: Options) -> Any:
        """Make parameters that share the arrays' memory, and the optimizer."""
        params = [self.framework.nn.Parameter(self.tensor(p)) for p in inputs]
        return self.cls(params, **self.passed(options)), params

    def step(self, optimizer: Any, grads: list[Any]) -> list[Any]:
        """Set the gradients, and make a step."""
        for param, grad in zip(optimizer[1], grads, strict=True):
            param.grad = None if grad is None else self.tensor(grad)
        optimizer[0].step()
        return optimizer[1]
