"""Which of the hyperparameters mattered."""

from collections.abc import Sequence

import optuna
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import TrialState

ENOUGH = 4  # finished trials; of fewer nothing can be told apart


def importances(study: optuna.Study, names: Sequence[str]) -> dict[str, float]:
    """Return each option's share of the variance of the finished trials' values, largest first.

    It is fANOVA (Hutter et al., 2014): a random forest, from a fixed seed, is fitted to the values,
    and its variance taken apart. Empty where there is nothing to tell: too few trials or values.
    """
    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    varied = [
        name
        for name in names
        if all(name in trial.params for trial in done)
        and len({trial.params[name] for trial in done}) > 1
    ]
    if len(done) < ENOUGH or len({trial.value for trial in done}) < 2 or not varied:
        return {}
    return get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0), params=varied)
