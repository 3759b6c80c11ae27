"""The layers as modules: texts, attributes, and what they compute when they are used twice."""

import numpy as np
import pytest

# Each layer, and the shape of its input. A loss takes its target too: see below.
MADE = {
    "linear": (lambda nn: nn.Linear(3, 4), (5, 3)),
    "linear, no bias": (lambda nn: nn.Linear(3, 4, False), (2, 5, 3)),
    "conv": (lambda nn: nn.Conv2d(1, 16, 3), (2, 1, 5, 5)),
    "conv, all options": (
        lambda nn: nn.Conv2d(3, 4, (3, 2), (2, 1), (1, 0), (1, 2), bias=False),
        (2, 3, 6, 7),
    ),
    "conv, same": (lambda nn: nn.Conv2d(1, 16, kernel_size=3, padding="same"), (1, 1, 4, 4)),
    "conv, valid": (lambda nn: nn.Conv2d(1, 16, kernel_size=3, padding="valid"), (1, 4, 4)),
    "conv, groups": (lambda nn: nn.Conv2d(4, 6, 3, 2, 1, groups=2), (2, 4, 5, 5)),
    "conv, depthwise": (lambda nn: nn.Conv2d(3, 3, 3, padding="same", groups=3), (2, 3, 4, 4)),
    "conv, reflect": (
        lambda nn: nn.Conv2d(2, 4, 3, 2, (1, 2), 2, 2, False, padding_mode="reflect"),
        (2, 2, 6, 7),
    ),
    "conv, replicate": (
        lambda nn: nn.Conv2d(2, 3, (2, 4), padding="same", padding_mode="replicate"),
        (2, 2, 4, 5),
    ),
    "conv, circular": (
        lambda nn: nn.Conv2d(2, 3, 2, padding="same", dilation=(1, 3), padding_mode="circular"),
        (2, 4, 5),
    ),
    "conv, nothing to reflect": (
        lambda nn: nn.Conv2d(2, 3, 2, padding="valid", padding_mode="reflect"),
        (2, 2, 4, 5),
    ),
    "pool": (lambda nn: nn.MaxPool2d(2), (2, 3, 4, 5)),
    "pool, stride": (lambda nn: nn.MaxPool2d((2, 3), stride=1), (2, 3, 4, 5)),
    "pool, all options": (lambda nn: nn.MaxPool2d((3, 2), 2, (1, 0), 2, True, True), (2, 7, 8)),
    "avg_pool": (lambda nn: nn.AvgPool2d([2, 3]), (2, 3, 4, 6)),
    "avg_pool, all options": (
        lambda nn: nn.AvgPool2d(3, (2, 1), 1, True, False, None),
        (2, 3, 4, 6),
    ),
    "avg_pool, divisor": (lambda nn: nn.AvgPool2d(3, divisor_override=2), (2, 3, 4, 6)),
    "adaptive_avg_pool": (lambda nn: nn.AdaptiveAvgPool2d(1), (2, 3, 4, 6)),
    "adaptive_avg_pool, pair": (lambda nn: nn.AdaptiveAvgPool2d((None, 4)), (3, 4, 6)),
    "relu": (lambda nn: nn.ReLU(), (2, 3)),
    "leaky_relu": (lambda nn: nn.LeakyReLU(), (2, 3)),
    "leaky_relu, slope": (lambda nn: nn.LeakyReLU(0.2), (2, 3)),
    "sigmoid": (lambda nn: nn.Sigmoid(), (2, 3)),
    "tanh": (lambda nn: nn.Tanh(), (2, 3)),
    "softmax": (lambda nn: nn.Softmax(dim=-1), (2, 3)),
    "log_softmax": (lambda nn: nn.LogSoftmax(dim=1), (2, 3)),
    "identity": (lambda nn: nn.Identity(1, a=2), (2, 3)),
    "dropout": (lambda nn: nn.Dropout(1.0), (2, 3)),  # of noise: test_dropout.py
    "dropout2d": (lambda nn: nn.Dropout2d(p=0.0), (2, 3, 2, 2)),
    "batch_norm 1d": (lambda nn: nn.BatchNorm1d(3), (4, 3)),
    "batch_norm 1d, signals": (lambda nn: nn.BatchNorm1d(3, 0.1, None), (4, 3, 5)),
    "batch_norm 2d": (lambda nn: nn.BatchNorm2d(3), (2, 3, 4, 5)),
    "batch_norm 2d, bare": (
        lambda nn: nn.BatchNorm2d(3, affine=False, track_running_stats=False),
        (2, 3, 4, 5),
    ),
    "batch_norm 2d, no bias": (lambda nn: nn.BatchNorm2d(3, bias=False), (2, 3, 4, 5)),
    "flatten": (lambda nn: nn.Flatten(), (2, 3, 4)),
    "flatten, dims": (lambda nn: nn.Flatten(0, 2), (2, 3, 4, 5)),
    "unflatten": (lambda nn: nn.Unflatten(1, (1, 8, 8)), (2, 64)),
    "unflatten, list": (lambda nn: nn.Unflatten(dim=1, unflattened_size=[1, 8, 8]), (2, 64)),
}
# Losses: the shape of the input, and the target.
LOSSES = {
    "nll": (lambda nn: nn.NLLLoss(), (3, 4), [0, 3, 1]),
    "nll, none": (lambda nn: nn.NLLLoss(reduction="none"), (3, 4), [0, 3, 1]),
    "nll, ignore": (lambda nn: nn.NLLLoss(ignore_index=3, reduction="sum"), (3, 4), [0, 3, 1]),
    "cross_entropy": (lambda nn: nn.CrossEntropyLoss(), (3, 4), [0, 3, 1]),
    "cross_entropy, all options": (
        lambda nn: nn.CrossEntropyLoss(ignore_index=3, reduction="none", label_smoothing=0.1),
        (3, 4),
        [0, 3, 1],
    ),
}
ALL = MADE | LOSSES


def test_every_layer_is_here():
    from minigrad import nn

    modules = {n for n in nn.__all__ if isinstance(getattr(nn, n), type)}
    made = {type(make(nn)).__name__ for make, *_ in ALL.values()}
    assert modules - {"Module", "Parameter", "Sequential"} == made


@pytest.mark.parametrize("made", ALL)
def test_texts_and_attributes(agree, made):
    def look(torch):
        layer = ALL[made][0](torch.nn)
        plain = {k: v for k, v in vars(layer).items() if k[0] != "_"}
        return (
            repr(layer),
            plain.keys() - {"transposed", "output_padding"},
            list(layer.state_dict()),
        )

    agree(look)


@pytest.mark.parametrize("made", ALL)
def test_attributes_have_the_same_values(made):
    import torch

    from minigrad import nn

    ours, theirs = vars(ALL[made][0](nn)), vars(ALL[made][0](torch.nn))
    assert {k: v for k, v in ours.items() if k[0] != "_"}.items() <= theirs.items()


def run(torch, made, train):
    """Use a layer twice in one graph, on two inputs; return all there is to see."""
    make, shape, *target = ALL[made]
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    layer = make(torch.nn).double().train(train)
    inputs = [torch.tensor(rng.standard_normal(shape)).requires_grad_() for _ in range(2)]
    outputs = [layer(x, *[torch.tensor(t) for t in target]) for x in inputs]
    outputs = [y[0] if isinstance(y, tuple) else y for y in outputs]
    upstream = [torch.tensor(rng.standard_normal(tuple(y.shape))) for y in outputs]
    sum((y * g).sum() for y, g in zip(outputs, upstream, strict=True)).backward()
    leaves = [*inputs, *layer.parameters()]
    return outputs, [leaf.grad for leaf in leaves], layer.state_dict()


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("made", ALL)
def test_used_twice_it_computes_what_pytorchs_layer_does(agree, made, train):
    agree(lambda torch: run(torch, made, train), rtol=1e-9, atol=1e-11)


UNSUPPORTED = {
    "inplace": lambda nn: nn.Dropout(inplace=True),
    "size_average": lambda nn: nn.NLLLoss(size_average=True),
    "reduce": lambda nn: nn.NLLLoss(reduce=False),
    "assign": lambda nn: nn.ReLU().load_state_dict({}, assign=True),
}


@pytest.mark.parametrize("option", UNSUPPORTED)
def test_what_is_not_supported_says_so(option):
    from minigrad import nn

    with pytest.raises(NotImplementedError, match=option):
        UNSUPPORTED[option](nn)


WRONG = {
    "strided same": (
        lambda nn, torch: nn.Conv2d(1, 1, 3, stride=2, padding="same"),
        ValueError,
        "padding='same' is not supported for strided convolutions",
    ),
    "no such padding": (
        lambda nn, torch: nn.Conv2d(1, 1, 3, padding="full"),
        ValueError,
        "Invalid padding string 'full', should be one of",
    ),
    "no groups": (
        lambda nn, torch: nn.Conv2d(2, 2, 3, groups=0),
        ValueError,
        "groups must be a positive integer",
    ),
    "inputs in groups": (
        lambda nn, torch: nn.Conv2d(3, 2, 3, groups=2),
        ValueError,
        "in_channels must be divisible by groups",
    ),
    "outputs in groups": (
        lambda nn, torch: nn.Conv2d(2, 3, 3, groups=2),
        ValueError,
        "out_channels must be divisible by groups",
    ),
    "no such padding_mode": (
        lambda nn, torch: nn.Conv2d(2, 2, 3, padding_mode="mirror"),
        ValueError,
        "padding_mode must be one of .*, but got padding_mode='mirror'",
    ),
    "a mirror too small": (
        lambda nn, torch: nn.Conv2d(1, 1, 3, padding=3, padding_mode="reflect")(
            torch.zeros(1, 1, 3, 3)
        ),
        RuntimeError,
        r"got: padding \(3, 3\) at dimension [23] of input \[1, 1, 3, 3\]",
    ),
    "negative size": (
        lambda nn, torch: nn.Linear(-1, 2),
        RuntimeError,
        r"Trying to create tensor with negative dimension -1: \[2, -1\]",
    ),
    "integer weights": (
        lambda nn, torch: nn.Linear(1, 2, dtype=torch.int64),
        RuntimeError,
        "nly Tensors of floating point",
    ),
    "no tuple": (
        lambda nn, torch: nn.Unflatten(1, 5),
        TypeError,
        "unflattened_size must be a tuple of ints, but found type int",
    ),
    "reduction": (
        lambda nn, torch: nn.NLLLoss(reduction="avg")(torch.zeros(1, 2), torch.tensor([0])),
        ValueError,
        "avg is not a valid value for reduction",
    ),
    "no such axis": (
        lambda nn, torch: nn.LogSoftmax(dim=3)(torch.zeros(1, 2)),
        IndexError,
        r"Dimension out of range \(expected to be in range of \[-2, 1\], but got 3\)",
    ),
    "features": (
        lambda nn, torch: nn.Linear(3, 2)(torch.zeros(4, 5)),
        RuntimeError,
        r"mat1 and mat2 shapes cannot be multiplied \(4x5 and 3x2\)",
    ),
    "channels": (
        lambda nn, torch: nn.Conv2d(2, 4, 3)(torch.zeros(1, 3, 5, 5)),
        RuntimeError,
        r"weight of size \[4, 2, 3, 3\], expected input\[1, 3, 5, 5\] to have 2 channels",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_mistakes(torch, wrong):
    layer, error, message = WRONG[wrong]
    with pytest.raises(error, match=message):
        layer(torch.nn, torch)
