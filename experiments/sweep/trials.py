"""The trials of a study: how many are finished, which of them died, and how those come back."""

import platform
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import optuna
from filelock import Timeout
from optuna.exceptions import ExperimentalWarning, UpdateFinishedTrialError
from optuna.storages import RetryHeartbeatStaleTrialCallback, fail_stale_trials
from optuna.trial import FrozenTrial, TrialState

from experiments.lock import NAME, in_use, lock

HOST = platform.node()
RETRIES = 3  # what kills its process again and again is left alone
UNBORN = timedelta(minutes=2)  # a trial says where it runs within a moment

# Attributes of a trial in the book.
PLACE = "place"  # where it runs: [host, folder], whose lock it holds
GOES_ON = "goes on"  # the place of the trial that it repeats
REASON = "reason"  # why it failed
DEATHS = "deaths"  # how often its process ended without a word


def finished(trials: Sequence[FrozenTrial]) -> int:
    """Return how many trials came to an end of their own, or were ended early."""
    return sum(trial.state in (TrialState.COMPLETE, TrialState.PRUNED) for trial in trials)


def running(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that are running, by number."""
    return [trial for trial in trials if trial.state == TrialState.RUNNING]


def failed(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials whose training failed."""
    return [t for t in trials if t.state == TrialState.FAIL and REASON in t.user_attrs]


@contextmanager
def claimed(trial: optuna.Trial, parent: Path) -> Iterator[Path]:
    """Hold the lock of a trial's folder: a new one, or that of the trial that it repeats."""
    folder = parent / str(trial.number)
    host, before = trial.user_attrs.get(GOES_ON, (None, ""))
    if host == HOST and Path(before).is_dir():
        folder = Path(before)
    folder.mkdir(parents=True, exist_ok=True)
    held = lock(folder)
    try:
        held.acquire(timeout=0)
    except Timeout:  # it was taken for dead, and is not
        folder = parent / str(trial.number)
        folder.mkdir(parents=True, exist_ok=True)
        held = lock(folder)
        held.acquire()
    try:
        trial.set_user_attr(PLACE, [HOST, str(folder)])
        yield folder
    finally:
        held.release()


def revive(study: optuna.Study) -> None:
    """Put back the trials whose processes have ended.

    On this machine their locks tell at once; of other machines, a heartbeat that is overdue.
    Of this machine's processes, one at a time may do this, or a trial is put back twice.
    """
    for trial in running(study.get_trials(deepcopy=False)):
        if is_dead(trial):
            try:
                study.tell(trial.number, state=TrialState.FAIL)
            except (ValueError, UpdateFinishedTrialError):
                continue  # another machine has just done it
            put_back_dead(study, study.trials[trial.number])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        fail_stale_trials(study)


def is_dead(trial: FrozenTrial) -> bool:
    """Whether a trial's process ended without a word, as far as can be seen from here."""
    if PLACE not in trial.user_attrs:
        return trial.datetime_start is None or datetime.now() - trial.datetime_start > UNBORN
    host, folder = trial.user_attrs[PLACE]
    return host == HOST and (Path(folder) / NAME).exists() and not in_use(Path(folder))


def put_back(study: optuna.Study, trial: FrozenTrial) -> None:
    """Let a trial that was ended from outside be run again, with the same values."""
    about = trial.user_attrs
    before = about.get(PLACE) or about.get(GOES_ON)
    trial.user_attrs = {GOES_ON: before} if before else {}
    trial.user_attrs[DEATHS] = about.get(DEATHS, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        RetryHeartbeatStaleTrialCallback()(study, trial)


def put_back_dead(study: optuna.Study, trial: FrozenTrial) -> None:
    """Put a trial back whose process ended without a word, unless it does so again and again."""
    deaths = trial.user_attrs.get(DEATHS, 0) + 1
    if deaths <= RETRIES:
        trial.user_attrs[DEATHS] = deaths
        put_back(study, trial)


def repeated(trials: Sequence[FrozenTrial]) -> dict[int, int]:
    """Return, for each trial that was run again, the number of the trial that did so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        histories = [RetryHeartbeatStaleTrialCallback.retry_history(trial) for trial in trials]
    return {h[-1]: trial.number for trial, h in zip(trials, histories, strict=True) if h}
