"""Early stopping, case by case, on scripted validation losses."""

import math

import pytest

from experiments.early_stopping import EarlyStopping


def follow(losses, max_patience):
    """Return the epoch after which training is over (None: not yet), and the best epoch."""
    stopping = EarlyStopping(max_patience)
    for epoch, nll in enumerate(losses, start=1):
        stopping.improved(nll)
        if stopping.over:
            return epoch, stopping.best_epoch
    return None, stopping.best_epoch


@pytest.mark.parametrize("max_patience", [0, 2, 20])
def test_ends_one_epoch_after_patience_is_used_up(max_patience):
    falling = [3.0, 2.0, 1.0]
    enough = falling + [1.5] * max_patience
    assert follow(enough, max_patience) == (None, 3)
    assert follow([*enough, 1.5], max_patience) == (3 + max_patience + 1, 3)


def test_first_epoch_may_stay_the_best():
    assert follow([1.0] + [2.0] * 30, max_patience=20) == (22, 1)


def test_a_tie_is_no_improvement():
    assert follow([1.0, 1.0, 1.0, 1.0], max_patience=2) == (4, 1)


def test_the_smallest_improvement_counts_and_resets_patience():
    below = math.nextafter(1.0, 0.0)
    assert follow([1.0, 2.0, 2.0, below, 2.0, 2.0], max_patience=2) == (None, 4)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_is_never_the_best(bad):
    assert follow([bad, 3.0, bad, 2.0, bad], max_patience=2) == (None, 4)
    assert follow([bad, bad, bad], max_patience=2) == (3, None)


def test_last_epoch_is_where_training_would_end_without_improvement():
    stopping = EarlyStopping(max_patience=2)
    ends = []
    for nll in [3.0, 4.0, 2.0, 5.0, 5.0, 5.0]:
        stopping.improved(nll)
        ends.append(stopping.last_epoch)
    assert ends == [4, 4, 6, 6, 6, 6]
    assert stopping.over
    assert stopping.epoch == 6
