"""state_dict: PyTorch's structure, and a run that continues as if it had never stopped."""

import copy

import numpy as np
import pytest

CASES = [
    ("Adamax", {"weight_decay": 0.01}),
    ("Adam", {"weight_decay": 0.01}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {"amsgrad": True, "weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {}),
]


def shape_of(state):
    """The structure alone: keys in order, types, and the dtype and shape of tensors."""
    if isinstance(state, dict):
        return {key: shape_of(value) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return [shape_of(value) for value in state]
    if hasattr(state, "detach"):
        return str(state.dtype), tuple(state.shape), state.requires_grad
    return state


def carried_to(torch, state):
    """The state of one framework as the other's."""
    if isinstance(state, dict):
        return {key: carried_to(torch, value) for key, value in state.items()}
    return torch.tensor(np.array(state.numpy())) if hasattr(state, "numpy") else state


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_structure(agree, run, name, options, dtype):
    def structure(torch):
        one = run(torch, name, options, dtype)
        fresh = shape_of(one.optimizer.state_dict())
        one.follow(0, 2)
        return fresh, shape_of(one.optimizer.state_dict())

    agree(structure)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_a_run_continues_exactly(torch, run, name, options):
    whole, first, second = (run(torch, name, options) for _ in range(3))
    expected = [p.tolist() for p in whole.follow(0, 20)]
    first.follow(0, 9)
    second.optimizer.load_state_dict(copy.deepcopy(first.optimizer.state_dict()))
    with torch.no_grad():
        for p, q in zip(second.params, first.params, strict=True):
            p.copy_(q)
    first.follow(9, 15)  # what was loaded is a copy: this changes nothing in the other
    assert [p.tolist() for p in second.follow(9, 20)] == expected


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("there", ["torch", "minigrad"])
def test_the_state_travels_between_frameworks(run, name, options, there):
    import torch

    import minigrad

    source, target = (torch, minigrad) if there == "minigrad" else (minigrad, torch)
    one, other, whole = run(source, name, options), run(target, name, options), None
    one.follow(0, 12)
    state = carried_to(target, one.optimizer.state_dict())
    other.params = [
        target.tensor(p.detach().numpy().copy(), requires_grad=True) for p in one.params
    ]
    other.optimizer = getattr(target.optim, name)(other.params)
    other.optimizer.load_state_dict(state)
    whole, continued = one.follow(12, 30), other.follow(12, 30)
    for p, q in zip(whole, continued, strict=True):
        np.testing.assert_allclose(q.detach().numpy(), p.detach().numpy(), rtol=1e-12, atol=1e-14)
    groups = other.optimizer.state_dict()["param_groups"]
    assert groups == one.optimizer.state_dict()["param_groups"]


def test_loaded_state_takes_the_type_of_its_parameter(torch, run):
    one, other = run(torch, "Adamax", {}, "float64"), run(torch, "Adamax", {}, "float32")
    one.follow(0, 1)
    other.optimizer.load_state_dict(one.optimizer.state_dict())
    kinds = {key: str(v.dtype) for key, v in other.optimizer.state[other.params[0]].items()}
    floats = {"exp_avg": "torch.float32", "exp_inf": "torch.float32"}
    assert kinds == {"step": "torch.float32", **floats}


def test_a_state_of_nothing_yet(agree, run):
    """PyTorch has written None for a momentum that has not begun."""

    def begin(torch):
        one = run(torch, "SGD", {"momentum": 0.9})
        saved = one.optimizer.state_dict()
        saved["state"] = {0: {"momentum_buffer": None}, 3: {"momentum_buffer": None}}
        one.optimizer.load_state_dict(saved)
        loaded = [dict(one.optimizer.state[p]) for p in one.params[::3]]
        one.follow(0, 3)
        return loaded, one.params, one.optimizer.state_dict()["state"]

    agree(begin, rtol=1e-14)


def test_adamw_stays_adamw_with_the_settings_of_adam(agree, run):
    """In PyTorch too the decay of AdamW is decoupled, whatever was loaded."""

    def settings(torch):
        one, other = run(torch, "Adam", {"weight_decay": 0.1}), run(torch, "AdamW", {})
        other.optimizer.load_state_dict(one.optimizer.state_dict())
        (group,) = other.optimizer.state_dict()["param_groups"]
        return group, other.follow(0, 5)

    agree(settings, rtol=1e-12)


MISFITS = {
    "groups": lambda s: s["param_groups"].append(s["param_groups"][0]),
    "sizes": lambda s: s["param_groups"][0]["params"].pop(),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_misfits(same_error, run, misfit):
    def load(torch):
        one = run(torch, "SGD", {})
        state = copy.deepcopy(one.optimizer.state_dict())
        MISFITS[misfit](state)
        one.optimizer.load_state_dict(state)

    same_error(load)
