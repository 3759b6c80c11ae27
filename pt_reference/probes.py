"""One call of each layer, and another value for each of its arguments that has a default."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Probe:
    """A call in either framework, and other values of its arguments.

    A value that depends on the framework, such as a dtype, is a function of it.
    """

    call: Callable[..., Any]  # of the framework and of options
    others: dict[str, Any] = field(default_factory=dict)


# What changes no result on a CPU: one device, and ways to the same numbers.
NO_EFFECT = {"device", "_stacklevel", "foreach", "fused", "capturable", "differentiable"}


def numbers(fw: Any, *shape: int) -> Any:
    """Return the same random numbers in both frameworks, with a gradient to come."""
    drawn = np.random.default_rng(0).standard_normal(shape)
    return fw.tensor(drawn.astype(np.float32)).requires_grad_()


def labels(fw: Any) -> Any:
    """Return the classes of three rows."""
    return fw.tensor([0, 3, 1])


def class_weights(fw: Any) -> Any:
    """Return a weight for each of four classes."""
    return fw.tensor([0.1, 0.2, 0.3, 0.4])


def traced(fw: Any, y: Any, *leaves: Any) -> Any:
    """Return an output and the gradients of a random projection of it."""
    first = y[0] if isinstance(y, tuple) else y
    upstream = numbers(fw, *first.shape).detach().to(first.dtype)
    (first * upstream).sum().backward()
    return y, [leaf.grad for leaf in leaves if leaf.grad is not None]


def module(name: str, *sizes: Any, shape: tuple[int, ...], **always: Any) -> Callable[..., Any]:
    """Return a call that makes a layer, uses it in training and in evaluation."""

    def call(fw: Any, **options: Any) -> Any:
        layer = getattr(fw.nn, name)(*sizes, **{**always, **options})
        x = numbers(fw, *shape)
        parameters = list(layer.parameters())
        if parameters:
            x = x.detach().to(parameters[0].dtype).requires_grad_()
        z = x * 1  # a layer may change it in place
        seen = traced(fw, layer(z), x, *parameters)
        return repr(layer), z, seen, layer.state_dict(), layer.eval()(x * 1)

    return call


def loss(name: str) -> Callable[..., Any]:
    """Return a call of a loss module on three rows of four classes."""

    def call(fw: Any, **options: Any) -> Any:
        x = numbers(fw, 3, 4)
        return traced(fw, getattr(fw.nn, name)(**options)(x, labels(fw)), x)

    return call


def function(name: str, *shapes: tuple[int, ...], **always: Any) -> Callable[..., Any]:
    """Return a call of a function of ``nn.functional`` on tensors of these shapes."""

    def call(fw: Any, **options: Any) -> Any:
        leaves = [numbers(fw, *shape) for shape in shapes]
        inputs = [leaf * 1 for leaf in leaves]  # a function may change one in place
        result = getattr(fw.nn.functional, name)(*inputs, **{**always, **options})
        return inputs[0], traced(fw, result, *leaves)

    return call


def filled(name: str, *shape: int, **always: Any) -> Callable[..., Any]:
    """Return a call of an initialisation."""

    def call(fw: Any, **options: Any) -> Any:
        return getattr(fw.nn.init, name)(fw.empty(*shape), **{**always, **options}), fw.rand(1)

    return call


def generator(fw: Any) -> Any:
    """Return a stream of random numbers of its own."""
    return fw.Generator().manual_seed(5)


def descent(fw: Any, optimizer: Any, weight: Any, after: Callable[[int], Any] | None = None) -> Any:
    """Return a weight after each of twelve steps down a slope that turns."""
    path = []
    for step in range(12):
        optimizer.zero_grad()
        (numbers(fw, *weight.shape).detach() * weight * (1 - step // 4)).sum().backward()
        optimizer.step()
        if after is not None:
            after(step)
        path.append(weight.detach().clone())
    return path, [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]


def optimizer(name: str, **always: Any) -> Callable[..., Any]:
    """Return a call that follows an optimizer for some steps."""

    def call(fw: Any, **options: Any) -> Any:
        weight = numbers(fw, 5)
        return descent(fw, getattr(fw.optim, name)([weight], **{**always, **options}), weight)[0]

    return call


def schedule(name: str, *metrics: float, **always: Any) -> Callable[..., Any]:
    """Return a call that follows a schedule; ``metrics`` are shown to it one after the other."""

    def call(fw: Any, **options: Any) -> Any:
        weight = numbers(fw, 5)
        sgd = fw.optim.SGD([{"params": [weight], "initial_lr": 0.5}], lr=0.5)
        made = getattr(fw.optim.lr_scheduler, name)(sgd, **{**always, **options})
        rates = []

        def after(step: int) -> None:
            made.step(*([metrics[step % len(metrics)]] if metrics else []))
            rates.append(made.get_last_lr()[0])

        return descent(fw, sgd, weight, after)[0], rates

    return call


def clipped(name: str, *limits: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a call that clips two gradients to limits, each a function of the framework."""

    def call(fw: Any, **options: Any) -> Any:
        leaves = [numbers(fw, 5), numbers(fw, 2, 3)]
        for leaf in leaves:
            leaf.grad = leaf.detach() * 3
        if options.get("error_if_nonfinite"):
            leaves[0].grad[0] = float("nan")
        try:
            total = getattr(fw.nn.utils, name)(leaves, *[f(fw) for f in limits], **options)
        except NotImplementedError:
            raise
        except RuntimeError as error:
            return str(error)[:40]
        return total, [leaf.grad for leaf in leaves]

    return call


def total_norm(fw: Any, **options: Any) -> Any:
    """Return the length of two tensors, one of which is infinite where that is an error."""
    tensors = [numbers(fw, 5).detach(), numbers(fw, 2, 3).detach()]
    if options.get("error_if_nonfinite"):
        tensors[0][0] = float("inf")
    try:
        return fw.nn.utils.get_total_norm(tensors, **options)
    except NotImplementedError:
        raise
    except RuntimeError as error:
        return str(error)[:40]


FLOAT64 = {"device": "cpu", "dtype": lambda fw: fw.float64}
DEPRECATED = {"size_average": False, "reduce": False}
WINDOW = {"stride": 1, "padding": 1, "dilation": 2, "ceil_mode": True, "return_indices": True}
AVERAGE = {
    "stride": 1, "padding": 0, "ceil_mode": True, "count_include_pad": False, "divisor_override": 3,
}  # fmt: skip
LOSS = {"weight": class_weights, "ignore_index": 3, "reduction": "sum", **DEPRECATED}
NORM = {
    "eps": 0.1, "momentum": None, "affine": False, "track_running_stats": False, "bias": False,
    **FLOAT64,
}  # fmt: skip
IMAGE = (2, 4, 8, 8)
KERNEL = (4, 4, 3, 3)
ADAM = {
    "lr": 0.1, "betas": (0.5, 0.6), "eps": 0.1, "weight_decay": 0.1, "maximize": True,
    "foreach": True, "differentiable": True, "capturable": True,
}  # fmt: skip
FAN = {"mode": "fan_out", "a": 2.0, "nonlinearity": "tanh", "generator": generator}


def convolved(fw: Any, **options: Any) -> Any:
    """Return images, convolved with as much of a kernel as the groups want."""
    x, kernel = numbers(fw, *IMAGE), numbers(fw, *KERNEL)
    weight = kernel[:, : 4 // options.get("groups", 1)]
    return traced(fw, fw.nn.functional.conv2d(x, weight, **options), x, kernel)


def classified(name: str) -> Callable[..., Any]:
    """Return a call of a loss function on three rows of four classes."""

    def call(fw: Any, **options: Any) -> Any:
        x = numbers(fw, 3, 4)
        return traced(fw, getattr(fw.nn.functional, name)(x, labels(fw), **options), x)

    return call


def batch_norm(fw: Any, **options: Any) -> Any:
    """Return the normalised images and the statistics, which are changed in place."""
    mean, variance = fw.zeros(4), fw.ones(4)
    x = numbers(fw, *IMAGE)
    always = {"running_mean": mean, "running_var": variance, "training": True}
    return traced(fw, fw.nn.functional.batch_norm(x, **{**always, **options}), x), mean, variance


PROBES = {
    "nn.Linear": Probe(module("Linear", 3, 4, shape=(5, 3)), {"bias": False, **FLOAT64}),
    "nn.Conv2d": Probe(
        module("Conv2d", 4, 4, 3, shape=IMAGE),
        {
            "stride": (1, 2),
            "padding": "same",
            "dilation": 2,
            "groups": 2,
            "bias": False,
            "padding_mode": "reflect",
            **FLOAT64,
        },
    ),
    "nn.MaxPool2d": Probe(module("MaxPool2d", 3, shape=IMAGE), WINDOW),
    "nn.AvgPool2d": Probe(module("AvgPool2d", 3, shape=IMAGE, stride=2, padding=1), AVERAGE),
    "nn.AdaptiveAvgPool2d": Probe(module("AdaptiveAvgPool2d", (3, 2), shape=IMAGE)),
    "nn.ReLU": Probe(module("ReLU", shape=(3, 4)), {"inplace": True}),
    "nn.LeakyReLU": Probe(
        module("LeakyReLU", shape=(3, 4)), {"negative_slope": 0.3, "inplace": True}
    ),
    "nn.Sigmoid": Probe(module("Sigmoid", shape=(3, 4))),
    "nn.Tanh": Probe(module("Tanh", shape=(3, 4))),
    "nn.Softmax": Probe(module("Softmax", shape=(3, 4)), {"dim": 0}),
    "nn.LogSoftmax": Probe(module("LogSoftmax", shape=(3, 4)), {"dim": 0}),
    "nn.Identity": Probe(module("Identity", shape=(3, 4))),
    "nn.Dropout": Probe(module("Dropout", shape=(3, 40)), {"p": 0.1, "inplace": True}),
    "nn.Dropout2d": Probe(module("Dropout2d", shape=IMAGE), {"p": 0.1, "inplace": True}),
    "nn.BatchNorm1d": Probe(module("BatchNorm1d", 4, shape=(5, 4)), NORM),
    "nn.BatchNorm2d": Probe(module("BatchNorm2d", 4, shape=IMAGE), NORM),
    "nn.Flatten": Probe(module("Flatten", shape=IMAGE), {"start_dim": 2, "end_dim": 2}),
    "nn.Unflatten": Probe(module("Unflatten", 1, (2, 2), shape=IMAGE)),
    "nn.Sequential": Probe(lambda fw: fw.nn.Sequential(fw.nn.ReLU())(numbers(fw, 3))),
    "nn.NLLLoss": Probe(loss("NLLLoss"), LOSS),
    "nn.CrossEntropyLoss": Probe(loss("CrossEntropyLoss"), LOSS | {"label_smoothing": 0.2}),
    "nn.functional.linear": Probe(
        function("linear", (5, 3), (4, 3)), {"bias": lambda fw: numbers(fw, 4)}
    ),
    "nn.functional.conv2d": Probe(
        convolved,
        {
            "bias": lambda fw: numbers(fw, 4),
            "stride": 2,
            "padding": "same",
            "dilation": (2, 1),
            "groups": 2,
        },
    ),
    "nn.functional.pad": Probe(
        function("pad", IMAGE, pad=(1, 2, 0, 1)), {"mode": "circular", "value": 3.0}
    ),
    "nn.functional.max_pool2d": Probe(function("max_pool2d", IMAGE, kernel_size=3), WINDOW),
    "nn.functional.avg_pool2d": Probe(
        function("avg_pool2d", IMAGE, kernel_size=3, stride=2, padding=1), AVERAGE
    ),
    "nn.functional.adaptive_avg_pool2d": Probe(
        function("adaptive_avg_pool2d", IMAGE, output_size=(3, None))
    ),
    "nn.functional.relu": Probe(function("relu", (3, 4)), {"inplace": True}),
    "nn.functional.leaky_relu": Probe(
        function("leaky_relu", (3, 4)), {"negative_slope": 0.3, "inplace": True}
    ),
    "nn.functional.sigmoid": Probe(function("sigmoid", (3, 4))),
    "nn.functional.tanh": Probe(function("tanh", (3, 4))),
    "nn.functional.softmax": Probe(
        function("softmax", (3, 4)),
        {"dim": 0, "_stacklevel": 4, "dtype": lambda fw: fw.float64},
    ),
    "nn.functional.log_softmax": Probe(
        function("log_softmax", (3, 4)),
        {"dim": 0, "_stacklevel": 4, "dtype": lambda fw: fw.float64},
    ),
    "nn.functional.dropout": Probe(
        function("dropout", (3, 40)), {"p": 0.1, "training": False, "inplace": True}
    ),
    "nn.functional.dropout2d": Probe(
        function("dropout2d", IMAGE), {"p": 0.1, "training": False, "inplace": True}
    ),
    "nn.functional.batch_norm": Probe(
        batch_norm,
        {
            "weight": lambda fw: numbers(fw, 4),
            "bias": lambda fw: numbers(fw, 4),
            "training": False,
            "momentum": 0.7,
            "eps": 0.1,
        },
    ),
    "nn.functional.nll_loss": Probe(classified("nll_loss"), LOSS),
    "nn.functional.cross_entropy": Probe(
        classified("cross_entropy"), LOSS | {"label_smoothing": 0.2}
    ),
    "nn.init.calculate_gain": Probe(
        lambda fw, **o: fw.nn.init.calculate_gain("leaky_relu", **o), {"param": 0.3}
    ),
    "nn.init.uniform_": Probe(filled("uniform_", 5), {"a": -1.0, "b": 2.0, "generator": generator}),
    "nn.init.normal_": Probe(
        filled("normal_", 5), {"mean": -1.0, "std": 2.0, "generator": generator}
    ),
    "nn.init.constant_": Probe(filled("constant_", 5, val=3.0)),
    "nn.init.ones_": Probe(filled("ones_", 5)),
    "nn.init.zeros_": Probe(filled("zeros_", 5)),
    "nn.init.kaiming_uniform_": Probe(filled("kaiming_uniform_", 5, 3), FAN),
    "nn.init.kaiming_normal_": Probe(filled("kaiming_normal_", 5, 3), FAN),
    "nn.init.xavier_uniform_": Probe(
        filled("xavier_uniform_", 5, 3), {"gain": 2.0, "generator": generator}
    ),
    "nn.init.xavier_normal_": Probe(
        filled("xavier_normal_", 5, 3), {"gain": 2.0, "generator": generator}
    ),
    "nn.utils.clip_grad_norm_": Probe(
        clipped("clip_grad_norm_", lambda fw: 1.0),
        {"norm_type": 1.0, "error_if_nonfinite": True, "foreach": True},
    ),
    "nn.utils.get_total_norm": Probe(
        total_norm,
        {"norm_type": 1.0, "error_if_nonfinite": True, "foreach": True},
    ),
    "nn.utils.clip_grads_with_norm_": Probe(
        clipped("clip_grads_with_norm_", lambda fw: 1.0, lambda fw: fw.tensor(2.0)),
        {"foreach": True},
    ),
    "nn.utils.clip_grad_value_": Probe(
        clipped("clip_grad_value_", lambda fw: 1.0), {"foreach": True}
    ),
    "optim.SGD": Probe(
        optimizer("SGD", momentum=0.9),
        {
            "lr": 0.1,
            "momentum": 0.5,
            "dampening": 0.3,
            "weight_decay": 0.1,
            "nesterov": True,
            "maximize": True,
            "foreach": True,
            "differentiable": True,
            "fused": True,
        },
    ),
    "optim.Adamax": Probe(optimizer("Adamax"), ADAM),
    "optim.Adam": Probe(
        optimizer("Adam", lr=0.2, betas=(0.7, 0.8), weight_decay=0.2),
        ADAM | {"amsgrad": True, "fused": True, "decoupled_weight_decay": True},
    ),
    "optim.AdamW": Probe(optimizer("AdamW"), ADAM | {"amsgrad": True, "fused": True}),
    "optim.lr_scheduler.StepLR": Probe(
        schedule("StepLR", step_size=3), {"gamma": 0.5, "last_epoch": 4}
    ),
    "optim.lr_scheduler.ReduceLROnPlateau": Probe(
        schedule("ReduceLROnPlateau", 10.0, 9.5, 8.5, 8.4, 8.3, 8.2, patience=1, threshold=0.1),
        {
            "mode": "max",
            "factor": 0.5,
            "patience": 0,
            "threshold": 0.2,
            "threshold_mode": "abs",
            "cooldown": 2,
            "min_lr": 0.2,
            "eps": 0.5,
        },
    ),
}
