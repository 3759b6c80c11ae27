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
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pt_reference.check.contract import GRADIENTS, Layer

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
            return {k: _pair(v) if k in pairs else v for k, v in passed.items()}
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
            return [_pair(kernel) if self.wants_pairs else kernel]
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


class PlainClass(Style):
    """``layer.forward(x)`` and ``layer.backward(grad_output)`` on arrays."""

    name = "plain class"

    def __init__(self, layer: Layer, cls: type) -> None:
        super().__init__(layer, _signature(cls))
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
        super().__init__(layer, _signature(cls), framework)
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


class PlainOptimizer(Style):
    """``Adamax(params, lr=...)`` with ``step(grads)``, on arrays."""

    name = "plain class"

    def __init__(self, layer: Layer, cls: type) -> None:
        super().__init__(layer, _signature(cls))
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


class TensorOptimizer(TensorStyle):
    """A subclass of ``optim.Optimizer``."""

    name = "Optimizer"

    def __init__(self, layer: Layer, cls: type, framework: Any) -> None:
        super().__init__(layer, _signature(cls), framework)
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


def _signature(cls: type) -> inspect.Signature:
    return inspect.signature(cls.__init__) if "__init__" in _own(cls) else inspect.Signature()


def _own(cls: type) -> set[str]:
    return {name for base in cls.__mro__[:-1] for name in vars(base)}


def _pair(value: Any) -> Any:
    return (value, value) if isinstance(value, int) else value
