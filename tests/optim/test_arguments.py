"""What optimizers take, refuse and print."""

import inspect
import warnings

import pytest

NAMES = ["Adamax", "SGD"]


def parameter(torch):
    return torch.ones(2, requires_grad=True)


@pytest.mark.parametrize("name", NAMES)
def test_arguments_and_defaults(agree, name):
    def signature(torch):
        parameters = inspect.signature(getattr(torch.optim, name)).parameters.values()
        return [(p.name, p.kind, p.default) for p in parameters]

    agree(signature)


@pytest.mark.parametrize("name", NAMES)
def test_text_and_defaults(agree, name):
    def look(torch):
        groups = [{"params": [parameter(torch)], "lr": 0.5}, {"params": [parameter(torch)]}]
        optimizer = getattr(torch.optim, name)(groups)
        return repr(optimizer), optimizer.defaults, len(optimizer.param_groups)

    agree(look)


MISTAKES = {
    "lr": ("SGD", {"lr": -1}),
    "lr of Adamax": ("Adamax", {"lr": -1}),
    "momentum": ("SGD", {"momentum": -0.5}),
    "decay": ("SGD", {"weight_decay": -1}),
    "decay of Adamax": ("Adamax", {"weight_decay": -1}),
    "nesterov": ("SGD", {"nesterov": True}),
    "nesterov, dampened": ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    "eps": ("Adamax", {"eps": -1}),
    "beta 0": ("Adamax", {"betas": (1.0, 0.9)}),
    "beta 1": ("Adamax", {"betas": (0.9, -0.1)}),
    "NaN": ("Adamax", {"lr": float("nan")}),
    "no such option": ("SGD", {"learning_rate": 1}),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(same_error, mistake):
    name, options = MISTAKES[mistake]
    same_error(lambda torch: getattr(torch.optim, name)([parameter(torch)], **options))


WRONG = {
    "nothing": lambda torch: [],
    "a tensor": lambda torch: parameter(torch),
    "a number": lambda torch: [3],
    "no leaf": lambda torch: [parameter(torch) * 2],
    "in two groups": lambda torch: [{"params": [p]} for p in [parameter(torch)] * 2],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_parameters(same_error, wrong):
    same_error(lambda torch: torch.optim.SGD(WRONG[wrong](torch)))


def test_a_parameter_twice_is_warned_of(torch):
    p = parameter(torch)
    with pytest.warns(UserWarning, match="optimizer contains a parameter group with duplicate"):
        torch.optim.SGD([p, p])


def test_a_group_that_is_none(same_error):
    same_error(lambda torch: torch.optim.SGD([parameter(torch)]).add_param_group([1]))


def test_named_parameters(agree):
    def names(torch):
        with warnings.catch_warnings():
            model = torch.nn.Linear(2, 2)
            optimizer = torch.optim.SGD(model.parameters())
            return [len(g["params"]) for g in optimizer.param_groups]

    agree(names)


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("Adamax", "foreach"),
        ("Adamax", "differentiable"),
        ("Adamax", "capturable"),
        ("SGD", "foreach"),
        ("SGD", "differentiable"),
        ("SGD", "fused"),
    ],
)
def test_what_is_not_supported_says_so(name, option):
    import minigrad

    with pytest.raises(NotImplementedError, match=option):
        getattr(minigrad.optim, name)([parameter(minigrad)], **{option: True})
