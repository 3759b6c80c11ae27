"""Schedules of the learning rate: PyTorch's, in any sequence of epochs and measures."""

import copy
import math
import warnings

import pytest
from hypothesis import example, given
from hypothesis import strategies as st


def make_optimizer(torch, rates=(0.1,), **options):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in rates]
    return torch.optim.SGD(groups, **options)


def rates_of(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


RATES = st.lists(st.sampled_from([1.0, 0.1, 3e-4, 1e-7]), min_size=1, max_size=3)


# ---------------------------------------------------------------- StepLR


@given(RATES, st.integers(1, 5), st.sampled_from([0.1, 0.5, 0.0, 1.5]), st.integers(0, 20))
def test_step_lr(agree, rates, step_size, gamma, epochs):
    def follow(torch):
        optimizer = make_optimizer(torch, rates)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)
        seen = []
        for _ in range(epochs):
            optimizer.step()
            scheduler.step()
            seen.append((scheduler.get_last_lr(), rates_of(optimizer), scheduler.last_epoch))
        groups = optimizer.state_dict()["param_groups"]
        return seen, scheduler.state_dict(), groups, list(groups[0])

    agree(follow)


def test_a_rate_changed_from_outside_is_what_is_multiplied(agree):
    def follow(torch):
        optimizer = make_optimizer(torch, (0.4, 0.2))
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
        for epoch in range(5):
            optimizer.step()
            scheduler.step()
            if epoch == 2:
                optimizer.param_groups[1]["lr"] = 7.0
        return rates_of(optimizer), scheduler.base_lrs

    agree(follow)


def test_a_later_schedule_knows_the_first_rate(agree):
    def follow(torch):
        optimizer = make_optimizer(torch, (0.4, 0.2))
        for _ in range(2):
            scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
            optimizer.step()
            scheduler.step()
        return scheduler.base_lrs, optimizer.param_groups[0]["initial_lr"], rates_of(optimizer)

    agree(follow)


def test_step_lr_goes_on_from_an_epoch(agree):
    def follow(torch):
        optimizer = make_optimizer(torch)
        for group in optimizer.param_groups:
            group["initial_lr"] = 0.8
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3, last_epoch=4)
        seen = [scheduler.last_epoch, scheduler.get_last_lr(), scheduler.base_lrs]
        optimizer.step()
        scheduler.step()
        return [*seen, scheduler.get_last_lr()]

    agree(follow)


def test_going_on_needs_the_first_rate(torch):
    with pytest.raises(KeyError, match=r"'initial_lr' is not specified in param_groups\[0\]"):
        torch.optim.lr_scheduler.StepLR(make_optimizer(torch), 3, last_epoch=4)


def test_a_jump_to_an_epoch_is_deprecated(torch):
    optimizer = make_optimizer(torch, (1.0, 0.5))
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
    optimizer.step()
    with pytest.warns(UserWarning, match="The epoch parameter in `scheduler.step"):
        scheduler.step(5)
    assert (rates_of(optimizer), scheduler.last_epoch) == ([0.25, 0.125], 5)


# ---------------------------------------------------------------- the base class


def a_schedule_of_ones_own(torch):
    class Falling(torch.optim.lr_scheduler.LRScheduler):
        def get_lr(self):
            return [lr / (1 + self.last_epoch) for lr in self.base_lrs]

    return Falling


def test_a_schedule_of_ones_own(agree):
    def follow(torch):
        optimizer = make_optimizer(torch, (1.0, 0.5))
        scheduler = a_schedule_of_ones_own(torch)(optimizer)
        for _ in range(3):
            optimizer.step()
            scheduler.step()
        with pytest.warns(UserWarning, match="The epoch parameter"):
            scheduler.step(9)
        return rates_of(optimizer), scheduler.state_dict()

    agree(follow)


def test_the_base_class_knows_no_rates(torch):
    with pytest.raises(NotImplementedError):
        torch.optim.lr_scheduler.LRScheduler(make_optimizer(torch))
    with pytest.raises(NotImplementedError):
        torch.optim.lr_scheduler.ReduceLROnPlateau(make_optimizer(torch)).get_lr()


def test_what_is_no_optimizer(same_error):
    same_error(lambda torch: torch.optim.lr_scheduler.StepLR(3, 1))
    same_error(lambda torch: torch.optim.lr_scheduler.ReduceLROnPlateau([1]))


def caught(torch, do):
    optimizer = make_optimizer(torch)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        do(torch, optimizer)
    return found


def schedule_first(torch, optimizer):
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    scheduler.step()
    scheduler.step()  # warned of once
    optimizer.step()


def steps_before_the_scheduler_do_not_count(torch, optimizer):
    optimizer.step()
    torch.optim.lr_scheduler.StepLR(optimizer, 1).step()


def right_order(torch, optimizer):
    first, second = (torch.optim.lr_scheduler.StepLR(optimizer, 1) for _ in range(2))
    optimizer.step()
    first.step()
    second.step()


def overridden(torch, optimizer):
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    optimizer.step = lambda: None
    optimizer.step()
    scheduler.step()


def asked_for_get_lr(torch, optimizer):
    torch.optim.lr_scheduler.StepLR(optimizer, 1).get_lr()


def plateau_first(torch, optimizer):
    torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer).step(1.0)


@pytest.mark.parametrize(
    ("do", "count"),
    [
        (schedule_first, 1),
        (steps_before_the_scheduler_do_not_count, 1),
        (right_order, 0),
        (overridden, 1),
        (asked_for_get_lr, 1),
        (plateau_first, 0),
    ],
)
def test_warnings(agree, do, count):
    agree(lambda torch: [(str(w.message), w.category) for w in caught(torch, do)])
    import minigrad

    assert [w.filename for w in caught(minigrad, do)] == [__file__] * count


def test_an_optimizer_that_is_watched_still_does_its_work(torch):
    p = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=1.0)
    torch.optim.lr_scheduler.StepLR(optimizer, 1)
    p.grad = torch.ones(1)
    assert optimizer.step(lambda: 5) == 5
    assert p.item() == 0.0
    assert optimizer.step.__name__ == "step"


# ---------------------------------------------------------------- ReduceLROnPlateau

METRICS = st.lists(
    st.sampled_from([-1.0, -0.5, 0.0, 0.5, 0.5 - 5e-5, 0.5 + 1e-3, 1.0, 1.0001, 2.0, math.nan])
    | st.floats(-2, 2)
    | st.sampled_from([math.inf, -math.inf]),
    max_size=30,
)
PLATEAU = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["min", "max"]),
        "factor": st.sampled_from([0.1, 0.5, 0.0, 0.999999]),
        "patience": st.integers(0, 4),
        "threshold": st.sampled_from([1e-4, 0.0, 0.1, 1.0]),
        "threshold_mode": st.sampled_from(["rel", "abs"]),
        "cooldown": st.integers(0, 3),
        "min_lr": st.sampled_from([0, 1e-3, 0.05, "list"]),
        "eps": st.sampled_from([1e-8, 0.0, 1e-2]),
    },
)


def plateau(torch, rates, options):
    if options.get("min_lr") == "list":
        options = options | {"min_lr": [0.0, 1e-3, 0.05][: len(rates)]}
    optimizer = make_optimizer(torch, rates)
    return optimizer, torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)


@given(RATES, PLATEAU, METRICS)
@example([0.1], {"patience": 2}, [1.0] * 9)  # falls after the third bad epoch, not the second
@example([0.1], {"patience": 0, "cooldown": 2}, [1.0] * 9)  # bad epochs in cooldown do not count
@example([0.1], {"patience": 0, "threshold": 0.1}, [1.0, 0.95, 0.89])  # of the best, not the last
@example([0.1], {"patience": 0, "threshold_mode": "abs", "threshold": 0.1}, [5.0, 4.95, 4.8])
@example([0.1], {"patience": 0, "mode": "max", "threshold": 0.1}, [-1.0, -1.05, -0.8])
@example([0.1], {"patience": 0, "min_lr": 0.05}, [1.0] * 4)
@example([2e-2, 0.1], {"patience": 0, "eps": 0.05}, [1.0] * 4)
def test_reduce_on_plateau(agree, rates, options, metrics):
    def follow(torch):
        optimizer, scheduler = plateau(torch, rates, options)
        seen = []
        for metric in metrics:
            optimizer.step()
            scheduler.step(metric)
            seen.append((rates_of(optimizer), scheduler.get_last_lr(), scheduler.num_bad_epochs))
            seen.append((scheduler.best, scheduler.in_cooldown, scheduler.cooldown_counter))
        state = scheduler.state_dict()
        return seen, {k: v for k, v in state.items() if v is not None}, list(state)

    agree(follow)


def test_a_measure_may_be_a_tensor(torch):
    optimizer, scheduler = plateau(torch, [1.0], {"patience": 0})
    for loss in (1.0, 2.0):
        scheduler.step(torch.tensor(loss))
    assert rates_of(optimizer) == [0.1]
    assert type(scheduler.best) is float


def test_a_group_that_came_later(agree):
    def follow(torch):
        optimizer, scheduler = plateau(torch, [1.0], {"patience": 0, "min_lr": 0.3})
        group = {"params": [torch.zeros(1, requires_grad=True)], "lr": 2.0}
        optimizer.add_param_group(group)
        for _ in range(3):
            scheduler.step(1.0)
        return rates_of(optimizer), scheduler.get_last_lr(), scheduler.min_lrs

    agree(follow)


def later_group_without_a_minimum(torch):
    optimizer, scheduler = plateau(torch, [1.0], {"patience": 0, "min_lr": [0.3]})
    optimizer.add_param_group({"params": [torch.zeros(1, requires_grad=True)]})
    for _ in range(2):
        scheduler.step(1.0)


MISTAKES = {
    "factor": lambda torch: plateau(torch, [1.0], {"factor": 1.0}),
    "mode": lambda torch: plateau(torch, [1.0], {"mode": "least"}),
    "threshold mode": lambda torch: plateau(torch, [1.0], {"threshold_mode": "relative"}),
    "min_lr": lambda torch: plateau(torch, [1.0], {"min_lr": [0.1, 0.1]}),
    "min_lr, a tuple": lambda torch: plateau(torch, [1.0], {"min_lr": (0.1, 0.1)}),
    "a later group": later_group_without_a_minimum,
    "no such option": lambda torch: plateau(torch, [1.0], {"verbose": True}),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(same_error, mistake):
    same_error(MISTAKES[mistake])


def test_an_epoch_for_a_plateau_is_deprecated(torch):
    _, scheduler = plateau(torch, [1.0], {})
    with pytest.warns(UserWarning, match="The epoch parameter in `scheduler.step"):
        scheduler.step(1.0, epoch=7)
    assert scheduler.last_epoch == 7


# ---------------------------------------------------------------- going on

SCHEDULERS = {
    "StepLR": lambda torch, optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 3, 0.5),
    "plateau": lambda torch, optimizer: torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, "max", 0.5, patience=1, cooldown=1, min_lr=[0.01, 0.02]
    ),
}


def epochs(kind, optimizer, scheduler, measures):
    for measure in measures:
        optimizer.step()
        scheduler.step(*([measure] if kind == "plateau" else []))
    return rates_of(optimizer), scheduler.get_last_lr()


@pytest.mark.parametrize("kind", SCHEDULERS)
@pytest.mark.parametrize(("here", "there"), [("minigrad", "torch"), ("torch", "minigrad")])
def test_the_state_travels_between_frameworks(kind, here, there):
    import torch

    import minigrad

    frameworks = {"minigrad": minigrad, "torch": torch}
    measures = [3.0, 1.0, 1.0, 1.0, 1.0, 4.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    one, other = (make_optimizer(frameworks[name], (0.8, 0.4)) for name in (here, there))
    scheduler = SCHEDULERS[kind](frameworks[here], one)
    epochs(kind, one, scheduler, measures[:5])
    state = copy.deepcopy(scheduler.state_dict())
    continued = SCHEDULERS[kind](frameworks[there], other)
    other.load_state_dict(one.state_dict())
    continued.load_state_dict(state)
    expected = epochs(kind, one, scheduler, measures[5:])
    assert epochs(kind, other, continued, measures[5:]) == expected
    assert continued.state_dict() == scheduler.state_dict()
    assert expected[0] != [0.8, 0.4]


def test_the_mode_that_is_loaded_must_exist(torch):
    _, scheduler = plateau(torch, [1.0], {})
    with pytest.raises(ValueError, match="mode least is unknown!"):
        scheduler.load_state_dict({**scheduler.state_dict(), "mode": "least"})
