"""What optimizers take, refuse and print."""

import inspect
import warnings

import pytest

NAMES = ["Adam", "AdamW", "Adamax", "SGD"]


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
    "momentum": ("SGD", {"momentum": -0.5}),
    "decay": ("SGD", {"weight_decay": -1}),
    "the first of two": ("SGD", {"weight_decay": -1, "momentum": -1}),
    "nesterov": ("SGD", {"nesterov": True}),
    "nesterov, dampened": ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    "no such option": ("SGD", {"learning_rate": 1}),
    "AdamW without a choice": ("AdamW", {"decoupled_weight_decay": False}),
}
for name in ("Adam", "AdamW", "Adamax"):
    MISTAKES |= {
        f"lr of {name}": (name, {"lr": -1}),
        f"NaN in {name}": (name, {"lr": float("nan")}),
        f"eps of {name}": (name, {"eps": -1}),
        f"beta 0 of {name}": (name, {"betas": (1.0, 0.9)}),
        f"beta 1 of {name}": (name, {"betas": (0.9, -0.1)}),
        f"decay of {name}": (name, {"weight_decay": -1}),
        f"decay and beta of {name}": (name, {"weight_decay": -1, "betas": (2.0, 0.9)}),
    }


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(same_error, mistake):
    name, options = MISTAKES[mistake]
    same_error(lambda torch: getattr(torch.optim, name)([parameter(torch)], **options))


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_the_betas_of_adam_are_floats(torch, name):
    with pytest.raises(ValueError, match="betas must be either both floats or both Tensors"):
        getattr(torch.optim, name)([parameter(torch)], betas=(0, 0.9))


def test_an_optimizer_of_ones_own_defines_its_step(torch):
    p = parameter(torch)
    p.grad = torch.ones(2)
    with pytest.raises(NotImplementedError):
        torch.optim.Optimizer([p], {}).step()


WRONG = {
    "nothing": lambda torch: [],
    "a tensor": lambda torch: parameter(torch),
    "a number": lambda torch: [3],
    "no leaf": lambda torch: [parameter(torch) * 2],
    "a set": lambda torch: [{"params": {parameter(torch)}}],
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


def test_parameters_of_a_model(agree):
    def names(torch):
        with warnings.catch_warnings():
            model = torch.nn.Linear(2, 2)
            optimizer = torch.optim.SGD(model.parameters())
            return [len(g["params"]) for g in optimizer.param_groups]

    agree(names)


LACKING = {
    "Adam": ["foreach", "differentiable", "capturable", "fused"],
    "AdamW": ["foreach", "differentiable", "capturable", "fused"],
    "Adamax": ["foreach", "differentiable", "capturable"],
    "SGD": ["foreach", "differentiable", "fused"],
}


@pytest.mark.parametrize(("name", "option"), [(n, o) for n in NAMES for o in LACKING[n]])
def test_what_is_not_supported_says_so(name, option):
    import minigrad

    make = getattr(minigrad.optim, name)
    with pytest.raises(NotImplementedError, match=f"minigrad's {name} has no {option}=True"):
        make([parameter(minigrad)], **{option: True})
    with pytest.raises(NotImplementedError, match=f"minigrad's {name} has no {option}=True"):
        make([{"params": [parameter(minigrad)], option: True}])
    make([parameter(minigrad)], **{option: False})


@pytest.mark.parametrize("name", NAMES)
def test_settings_are_numbers_and_no_tensors(name):
    """In PyTorch lr may be a tensor; nothing here may take one and then not step."""
    import minigrad

    make, p = getattr(minigrad.optim, name), parameter(minigrad)
    lr = minigrad.tensor(0.1)
    for groups, options in (([p], {"lr": lr}), ([{"params": [p], "lr": lr}], {})):
        with pytest.raises(NotImplementedError, match="lr as a number, not as a tensor"):
            make(groups, **options)
    optimizer = make([p], lr=0.1)
    optimizer.param_groups[0]["lr"] = lr
    p.grad = minigrad.ones(2)
    with pytest.raises(NotImplementedError, match="lr as a number, not as a tensor"):
        optimizer.step()


def test_parameters_have_no_names():
    import minigrad

    with pytest.raises(NotImplementedError, match=r"model.parameters\(\)"):
        minigrad.optim.SGD(minigrad.nn.Linear(2, 2).named_parameters())
