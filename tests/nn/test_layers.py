"""The layers as modules: their arguments, defaults and texts. Their numbers: tests/functions."""

import inspect

import pytest

LAYERS = ["Conv2d", "Flatten", "Linear", "LogSoftmax", "MaxPool2d", "NLLLoss", "ReLU", "Unflatten"]


@pytest.mark.parametrize("name", LAYERS)
def test_arguments_and_defaults(agree, name):
    def signature(torch):
        parameters = inspect.signature(getattr(torch.nn, name)).parameters.values()
        return [(p.name, p.kind, p.default) for p in parameters]

    agree(signature)


def test_every_layer_is_here():
    from minigrad import nn

    modules = {n for n in nn.__all__ if inspect.isclass(getattr(nn, n))}
    assert modules - {"Module", "Parameter", "Sequential"} == set(LAYERS)


MADE = {
    "linear": lambda nn: nn.Linear(3, 4),
    "linear, no bias": lambda nn: nn.Linear(3, 4, False),
    "conv": lambda nn: nn.Conv2d(1, 16, 3),
    "conv, all options": lambda nn: nn.Conv2d(3, 4, (3, 2), (2, 1), (1, 0), (1, 2), bias=False),
    "conv, same": lambda nn: nn.Conv2d(1, 16, kernel_size=3, padding="same"),
    "conv, valid": lambda nn: nn.Conv2d(1, 16, kernel_size=3, padding="valid"),
    "pool": lambda nn: nn.MaxPool2d(2),
    "pool, stride": lambda nn: nn.MaxPool2d((2, 3), stride=1),
    "relu": lambda nn: nn.ReLU(),
    "log_softmax": lambda nn: nn.LogSoftmax(dim=1),
    "log_softmax, no dim": lambda nn: nn.LogSoftmax(),
    "loss": lambda nn: nn.NLLLoss(reduction="none"),
    "flatten": lambda nn: nn.Flatten(),
    "flatten, dims": lambda nn: nn.Flatten(0, 2),
    "unflatten": lambda nn: nn.Unflatten(1, (1, 8, 8)),
    "unflatten, list": lambda nn: nn.Unflatten(dim=1, unflattened_size=[1, 8, 8]),
}


@pytest.mark.parametrize("made", MADE)
def test_texts_and_attributes(agree, made):
    def look(torch):
        layer = MADE[made](torch.nn)
        plain = {k: v for k, v in vars(layer).items() if k[0] != "_"}
        return (
            repr(layer),
            plain.keys() - {"transposed", "output_padding"},
            list(layer.state_dict()),
        )

    agree(look)


@pytest.mark.parametrize("made", MADE)
def test_attributes_have_the_same_values(made):
    import torch

    from minigrad import nn

    ours, theirs = vars(MADE[made](nn)), vars(MADE[made](torch.nn))
    assert {k: v for k, v in ours.items() if k[0] != "_"}.items() <= theirs.items()


UNSUPPORTED = {
    "groups": lambda nn: nn.Conv2d(2, 2, 3, groups=2),
    "padding_mode": lambda nn: nn.Conv2d(2, 2, 3, padding_mode="reflect"),
    "inplace": lambda nn: nn.ReLU(inplace=True),
    "padding": lambda nn: nn.MaxPool2d(2, padding=1),
    "dilation": lambda nn: nn.MaxPool2d(2, dilation=2),
    "return_indices": lambda nn: nn.MaxPool2d(2, return_indices=True),
    "ceil_mode": lambda nn: nn.MaxPool2d(2, ceil_mode=True),
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
