"""load_state_dict: what it takes, what it refuses, and that a refusal changes nothing."""

import pytest


def make(torch):
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1, bias=False))
    net.register_buffer("mean", torch.zeros(2))
    return net


def good(torch):
    return {name: tensor * 2 + 1 for name, tensor in make(torch).state_dict().items()}


def test_it_copies(torch):
    net, state = make(torch), good(torch)
    weight = net[0].weight
    assert repr(net.load_state_dict(state)) == "<All keys matched successfully>"
    assert net[0].weight is weight
    assert weight.tolist() == state["0.weight"].tolist()
    assert weight.requires_grad
    state["0.weight"].zero_()
    assert weight.tolist() != state["0.weight"].tolist()


def test_it_casts_to_the_dtype_of_the_model(torch):
    net = make(torch)
    net.load_state_dict({name: tensor.double() for name, tensor in good(torch).items()})
    assert net[0].weight.dtype == torch.float32
    assert net[0].weight.tolist() == good(torch)["0.weight"].tolist()


DAMAGE = {
    "missing": lambda torch, state: state.pop("0.bias"),
    "unexpected": lambda torch, state: state.update(foo=torch.ones(1)),
    "shape": lambda torch, state: state.update({"1.weight": torch.ones(3, 1)}),
    "all three": lambda torch, state: (
        state.pop("0.bias"),
        state.update({"1.weight": torch.ones(4), "a": torch.ones(1), "b.c": torch.ones(1)}),
    ),
    "number": lambda torch, state: state.update({"1.weight": 5}),
    "everything missing": lambda torch, state: state.clear(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_named(same_error, damage):
    def load(torch):
        state = good(torch)
        DAMAGE[damage](torch, state)
        make(torch).load_state_dict(state)

    same_error(load)


@pytest.mark.parametrize("strict", [True, False])
def test_an_error_changes_nothing(strict):
    """PyTorch copies what fits before it complains; minigrad promises more."""
    import minigrad

    net, state = make(minigrad), good(minigrad)
    before = {name: tensor.tolist() for name, tensor in net.state_dict().items()}
    state["1.weight"] = minigrad.ones(7)
    with pytest.raises(RuntimeError, match=r"size mismatch for 1\.weight"):
        net.load_state_dict(state, strict=strict)
    assert {name: tensor.tolist() for name, tensor in net.state_dict().items()} == before


def test_not_strict_takes_what_there_is(agree):
    def load(torch):
        net, state = make(torch), good(torch)
        state.pop("0.bias")
        state["foo"] = torch.ones(1)
        result = net.load_state_dict(state, strict=False)
        return result.missing_keys, result.unexpected_keys, repr(result), net.state_dict()

    agree(load)


def test_not_a_dictionary(same_error):
    same_error(lambda torch: make(torch).load_state_dict([1, 2]))
