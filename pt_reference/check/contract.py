"""The contract for a student's file: seven layers, what each is called and what it takes.

In a file, ``Conv2d`` may be a plain class, a pair of functions ``conv2d_forward`` and
``conv2d_backward``, or a ``Function`` or ``Module`` of minigrad or PyTorch. What a file lacks is
not attempted.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Layer:
    """What a layer's signature promises."""

    name: str  # the class
    stem: str  # the functions: conv2d_forward, conv2d_backward
    sizes: tuple[str, ...] = ()  # what the constructor needs and the parameters' shapes tell
    required: tuple[str, ...] = ()  # options without a default
    options: dict[str, Any] = field(default_factory=dict)  # with their defaults
    takes: tuple[str, ...] = ("x",)  # what forward is given by the caller
    parameters: tuple[str, ...] = ()  # what the layer owns

    @property
    def is_optimizer(self) -> bool:
        """Whether it makes steps, instead of a forward and a backward."""
        return self.name == "Adamax"

    @property
    def differentiable(self) -> tuple[str, ...]:
        """The inputs that have a gradient: the first one, and the parameters."""
        return (*self.takes[:1], *self.parameters)


_ALL = (
    Layer(
        "Linear",
        "linear",
        sizes=("in_features", "out_features"),
        options={"bias": True},
        parameters=("weight", "bias"),
    ),
    Layer(
        "Conv2d",
        "conv2d",
        sizes=("in_channels", "out_channels", "kernel_size"),
        options={"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True},
        parameters=("weight", "bias"),
    ),
    Layer(
        "MaxPool2d",
        "max_pool2d",
        required=("kernel_size",),
        options={"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False},
    ),
    Layer("ReLU", "relu"),
    # A file may leave out dim: it then has the axis of the classes.
    Layer("LogSoftmax", "log_softmax", options={"dim": 1}),
    Layer(
        "NLLLoss",
        "nll_loss",
        options={"weight": None, "ignore_index": -100, "reduction": "mean"},
        takes=("x", "target"),
    ),
    Layer(
        "Adamax",
        "adamax",
        options={
            "lr": 2e-3,
            "betas": (0.9, 0.999),
            "eps": 1e-8,
            "weight_decay": 0,
            "maximize": False,
        },
    ),
)

GRADIENTS = {"x": "grad_input", "weight": "grad_weight", "bias": "grad_bias"}  # of each input

LAYERS = {layer.name: layer for layer in _ALL}
