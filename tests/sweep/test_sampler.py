"""What a trial draws is a function of the seed and its number."""

import optuna
import pytest

from experiments.sweep.sampler import KINDS, SeededSampler


def draws(kind, seed, numbers, study=None):
    """Draw for trials of these numbers, in this order, by one sampler."""
    sampler = SeededSampler(kind, seed)
    study = study or optuna.create_study(sampler=sampler)
    study.sampler = sampler
    for _ in range(max(numbers) + 1 - len(study.trials)):
        study.ask()
    found = {}
    for number in numbers:
        trial = optuna.Trial(study, study.trials[number]._trial_id)
        found[number] = [trial.suggest_float(name, 0, 1) for name in ("a", "b")]
        found[number].append(trial.suggest_categorical("c", (1, 2, 3)))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_in_any_order_and_by_any_process(kind):
    together = draws(kind, 7, [0, 1, 2, 3])
    assert draws(kind, 7, [3, 1]) == {number: together[number] for number in (3, 1)}
    assert draws(kind, 8, [0]) != draws(kind, 7, [0])


@pytest.mark.parametrize("kind", KINDS)
def test_trials_differ_and_so_do_the_values_of_one(kind):
    found = [tuple(values[:2]) for values in draws(kind, 0, range(10)).values()]
    assert len(set(found)) == 10
    assert all(a != b for a, b in found)


def test_tpe_learns():
    late = {}
    for kind in KINDS:
        study = optuna.create_study(sampler=SeededSampler(kind, 0))
        study.optimize(lambda trial: (trial.suggest_float("x", 0, 1) - 0.3) ** 2, n_trials=30)
        late[kind] = sum(trial.value for trial in study.trials[15:])
    assert late["tpe"] < late["random"] / 2
