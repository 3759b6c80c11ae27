"""Thirty steps and more of each optimizer with any options: PyTorch's numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

RATES = st.sampled_from([0.0, 1e-3, 0.1, 1.5])
DECAY = st.sampled_from([0, 1e-5, 0.1])
SCALES = st.sampled_from([1e-8, 1e-4, 1.0, 1e6])
ALL_OF_ADAM = {
    # Not 1.5: steps larger than the parameters, of a decay that follows them, are chaotic.
    "lr": st.sampled_from([0.0, 1e-3, 0.1]),
    # The second not near 0: steps would be divided by the last gradient alone, and where that is a
    # difference of two like numbers, its rounding would become a step. EACH has such.
    "betas": st.tuples(st.sampled_from([0.0, 0.5, 0.9, 0.999]), st.sampled_from([0.9, 0.999])),
    "eps": st.sampled_from([1e-8, 1e-3, 0.1]),
    "weight_decay": DECAY,
    "maximize": st.booleans(),
    "foreach": st.just(False),
}
ADAMAX = st.fixed_dictionaries({}, optional=ALL_OF_ADAM)
ADAMW = st.fixed_dictionaries({}, optional=ALL_OF_ADAM | {"amsgrad": st.booleans()})
ADAM = st.fixed_dictionaries(
    {},
    optional=ALL_OF_ADAM | {"amsgrad": st.booleans(), "decoupled_weight_decay": st.booleans()},
)
SGD = st.fixed_dictionaries(
    {},
    optional={
        "lr": RATES,
        "momentum": st.sampled_from([0, 0.5, 0.9]),
        "dampening": st.sampled_from([0, 0.3]),
        "weight_decay": DECAY,
        "maximize": st.booleans(),
    },
) | st.fixed_dictionaries({"nesterov": st.just(True), "momentum": st.sampled_from([0.1, 0.9])})
OPTIONS = {"Adam": ADAM, "AdamW": ADAMW, "Adamax": ADAMAX, "SGD": SGD}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-11), ("float32", 1e-5)])
@given(st.data(), SCALES, st.integers(0, 9))
def test_any_options(agree, run, name, dtype, rtol, data, scale, seed):
    options = data.draw(OPTIONS[name])
    if dtype == "float32" and name != "SGD":
        # A step is of one size however small the gradient: where decay alone is the gradient, the
        # rounding of a parameter comes back multiplied. In float64 that is little enough.
        options = {k: v for k, v in options.items() if k != "weight_decay"}

    largest = max(1.0, 100 * scale)  # of the gradients

    def train(torch):
        one = run(torch, name, options, dtype=dtype, scale=scale, seed=seed)
        kept = [v for p in one.follow(0, 35) for v in one.optimizer.state[p].values()]
        # State is as large as the gradients, and has their rounding where they cancel.
        return one.params, [None if v is None else v / largest for v in kept]

    # A parameter of 1 that crosses 0 keeps the rounding of 1: hence the absolute tolerance.
    agree(train, rtol=rtol, atol=rtol * (largest if name == "SGD" else 1.0))


EACH = [
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 0.1}),
    ("Adamax", {"betas": (0.3, 0.0), "weight_decay": 0.1, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 0.1, "amsgrad": True}),
    ("Adam", {"betas": (0.3, 0.0), "weight_decay": 0.1, "maximize": True}),
    ("Adam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.3, "maximize": True}),
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1, "maximize": True}),
]


@pytest.mark.parametrize("options", EACH, ids=str)
@pytest.mark.parametrize("scale", [1.0, 1e-8])
def test_each_option(agree, run, options, scale):
    """In float64, to the last digits; gradients of 1e-8 show where eps stands."""
    agree(lambda torch: run(torch, *options, scale=scale).follow(0, 35), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_groups_have_settings_of_their_own(agree, run, name, dtype):
    def train(torch):
        one = run(torch, name, {}, dtype)
        groups = [
            {"params": one.params[:2], "lr": 0.1},
            {"params": one.params[2:3], "weight_decay": 0.1, "maximize": True},
        ]
        one.optimizer = getattr(torch.optim, name)(groups, lr=0.01)
        one.optimizer.add_param_group({"params": one.params[3], "lr": 0.5})
        settings = [[g[k] for k in g if k != "params"] for g in one.optimizer.param_groups]
        keys = [list(g) for g in one.optimizer.param_groups]
        one.follow(0, 10)
        one.optimizer.param_groups[0]["lr"] = 0.0  # as a schedule would
        return settings, keys, one.follow(10, 35)

    agree(train, rtol=1e-12 if dtype == "float64" else 1e-5)


def test_the_epsilon_of_adamax_is_inside_the_maximum(torch):
    """u = max(beta2 u, |g| + eps): with g = eps the first step is half of lr."""
    p = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    p.grad = torch.tensor([1e-8, 0.1], dtype=torch.float64)
    torch.optim.Adamax([p], lr=0.5).step()
    np.testing.assert_allclose(p.detach().numpy(), [0.75, 0.5], rtol=1e-6)


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_the_epsilon_of_adam_is_outside_the_root(torch, name):
    """p <- p - lr m' / (sqrt(v') + eps): with g = eps the first step is half of lr."""
    p = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    p.grad = torch.tensor([1e-8, 0.1], dtype=torch.float64)
    getattr(torch.optim, name)([p], lr=0.5, weight_decay=0).step()
    np.testing.assert_allclose(p.detach().numpy(), [0.75, 0.5], rtol=1e-6)


def test_amsgrad_remembers_the_largest(torch):
    """After one large gradient, the steps of small ones stay small."""
    moved = []
    for amsgrad in (False, True):
        p = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.Adam([p], lr=1.0, betas=(0.0, 0.5), amsgrad=amsgrad)
        for g in (100.0, *[1.0] * 30):
            before, p.grad = p.item(), torch.tensor([g], dtype=torch.float64)
            optimizer.step()
        moved.append(before - p.item())
        largest = optimizer.state[p].get("max_exp_avg_sq")
    np.testing.assert_allclose(moved, [1.0, 1 / np.sqrt(0.5 * 100**2)], rtol=1e-4)
    assert largest.item() == 5000.0


def test_adamw_decays_where_there_is_no_slope(torch):
    """p <- (1 - lr weight_decay) p: in proportion to the weight, and out of the means."""
    p = torch.tensor([1.0, -4.0], dtype=torch.float64, requires_grad=True)
    p.grad = torch.zeros(2, dtype=torch.float64)
    optimizer = torch.optim.AdamW([p], lr=0.1, weight_decay=0.5)
    optimizer.step()
    np.testing.assert_allclose(p.detach().numpy(), [0.95, -3.8], rtol=1e-15)
    assert optimizer.state[p]["exp_avg"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("name", ["Adam", "AdamW", "Adamax"])
def test_the_state_has_the_type_of_the_parameter(torch, run, name):
    one = run(torch, name, {}, "float32")
    one.follow(0, 2)
    for p in one.params:
        assert p.dtype == torch.float32
        state = one.optimizer.state[p]
        assert {str(v.dtype) for v in state.values()} == {"torch.float32"}


@pytest.mark.parametrize("name", ["Adam", "AdamW", "Adamax"])
def test_each_parameter_counts_its_own_steps(torch, run, name):
    """The third has no gradient at steps 1, 5 and 9, and the others have no part in its count."""
    one = run(torch, name, {})
    one.follow(0, 10)
    counts = [one.optimizer.state[p]["step"].item() for p in one.params]
    assert counts == [10.0, 10.0, 7.0, 10.0]


def test_a_zero_gradient_without_epsilon_is_nan(torch):
    p = torch.zeros(1, requires_grad=True)
    p.grad = torch.zeros(1)
    torch.optim.Adamax([p], eps=0.0).step()
    assert np.isnan(p.item())


@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.1}, {"maximize": True}])
@pytest.mark.parametrize("name", OPTIONS)
def test_the_gradient_is_not_changed(torch, run, name, options):
    one = run(torch, name, options | ({"momentum": 0.9} if name == "SGD" else {}))
    one.follow(0, 3)
    before = [None if p.grad is None else p.grad.tolist() for p in one.params]
    state = [p.grad for p in one.params]
    one.optimizer.step()
    assert [None if p.grad is None else p.grad.tolist() for p in one.params] == before
    assert all(p.grad is g for p, g in zip(one.params, state, strict=True))


def test_momentum_is_no_alias_of_the_first_gradient(torch):
    p = torch.zeros(2, requires_grad=True)
    p.grad = torch.ones(2)
    optimizer = torch.optim.SGD([p], lr=1.0, momentum=0.5)
    optimizer.step()
    p.grad.zero_()
    optimizer.step()
    assert p.tolist() == [-1.5, -1.5]


def test_without_gradients_nothing_moves_and_no_state_is_made(torch, run):
    one = run(torch, "Adamax", {})
    before = [p.tolist() for p in one.params]
    one.optimizer.step()
    assert [p.tolist() for p in one.params] == before
    assert len(one.optimizer.state) == 0


def test_a_step_counts_as_a_change(torch):
    p = torch.ones(1, requires_grad=True)
    p.grad = torch.ones(1)
    torch.optim.SGD([p], lr=1.0).step()
    assert p._version == 1
    assert p.requires_grad
    assert p.is_leaf


def test_the_closure_runs_with_gradients_on(torch):
    p = torch.tensor([3.0], requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with torch.no_grad():
        loss = optimizer.step(closure)
    assert (loss.item(), p.item()) == (9.0, 0.0)
    assert optimizer.step() is None


def test_zero_grad(torch):
    p = torch.ones(2, requires_grad=True)
    p.grad = torch.ones(2)
    optimizer = torch.optim.SGD([p])
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert p.grad is None
