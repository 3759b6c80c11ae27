"""A worker takes trials, one after the other, until the study has as many as were asked for."""

import contextlib
import math
import os
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import optuna
from filelock import FileLock
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from experiments import interruption
from experiments.console import note, say
from experiments.errors import ExperimentError, TrainingError
from experiments.run import Result
from experiments.sweep import trials
from experiments.sweep.runs import Runs
from experiments.sweep.space import Space
from experiments.training import Epoch

LOOK_AGAIN = 1.0  # seconds, while others do the last trials


class NotNeededError(Exception):
    """Another machine was faster to take the last trial."""


class Worker:
    """What takes trials from a study and does their runs in a folder."""

    def __init__(
        self, study: optuna.Study, space: Space, runs: Runs, options: Namespace, folder: Path
    ) -> None:
        self.study, self.space, self.runs = study, space, runs
        self.options, self.folder = options, folder.resolve()
        self.number: int | None = None  # of the trial at hand
        self.taking = FileLock(self.folder / ".taking.lock")

    def work(self) -> None:
        """Do trials until so many are finished, whoever did them.

        Raises
        ------
        TrainingError
            If as many trials have failed as were to be finished.
        """
        with interruption.gentle():
            self.go_on()

    def go_on(self) -> None:
        """Take trials; between any two of them a signal is heeded."""
        waiting = False
        while True:
            interruption.check()
            with self.taking:  # one process of this machine at a time, until it has a trial
                trials.revive(self.study)
                found = self.study.get_trials(deepcopy=False)
                done, busy = trials.finished(found), len(trials.running(found))
                total = self.options.trials
                if done >= total:
                    return
                if len(failed := trials.failed(found)) >= total:
                    raise TrainingError(
                        f"{len(failed)} trials have failed, the last one: "
                        f"{failed[-1].user_attrs[trials.REASON]}; "
                        "try a narrower range in the space"
                    )
                if done + busy < total:
                    self.one()
                    continue
            if not waiting:
                note(f"waiting for {busy} of {total} trials that others are at")
            waiting = True
            time.sleep(LOOK_AGAIN)

    def one(self) -> None:
        """Take a trial and do it; what is no fault of the trial's own puts it back."""
        self.number = None
        expected = (TrainingError, NotNeededError, UpdateFinishedTrialError)
        try:
            self.study.optimize(self.objective, 1, catch=expected, callbacks=[self.tell])
        except (KeyboardInterrupt, ExperimentError):  # a signal, or a full disk
            if self.number is not None:
                trials.put_back(self.study, self.study.trials[self.number])
            raise
        except ValueError as error:
            if not str(error).startswith("Cannot tell a"):
                raise
            note(f"trial {self.number} was taken for dead meanwhile, and put back")

    def objective(self, trial: optuna.Trial) -> float:
        """Do a trial's run and return its best validation nll; the test set has no say in it."""
        self.number = trial.number
        with trials.claimed(trial, self.folder / "trials") as folder:
            self.taking.release()
            self.check_needed()
            drawn = Namespace(**{**vars(self.options), **self.space.draw(trial)})
            try:
                with silence():
                    result = self.runs.do(drawn, folder, self.judge(trial))
            except TrainingError as error:
                trial.set_user_attr(trials.REASON, str(error))
                raise
            self.keep(trial, result)
            return result.history[result.best_epoch].val_nll

    def tell(self, _: optuna.Study, trial: FrozenTrial) -> None:
        """Print a line of a trial that the book has as finished."""
        if trial.state == TrialState.COMPLETE:
            what = f"val nll={trial.value}"
        elif trial.state == TrialState.PRUNED:
            what = "ended early"
        elif trials.REASON in trial.user_attrs:
            what = f"failed: {trial.user_attrs[trials.REASON]}"
        else:  # not needed
            return
        say(f"-> TRIAL {trial.number} {what}; {shown(trial.params)}")

    def judge(self, trial: optuna.Trial) -> Any:
        """Return what tells the study of each epoch, and ends the trial if it says so."""

        def each_epoch(row: Epoch) -> None:
            if row.epoch == 0 or not math.isfinite(row.val_nll):  # neither is ever the best
                return
            trial.report(row.val_nll, row.epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

        return each_epoch

    def keep(self, trial: optuna.Trial, result: Result) -> None:
        """Write into the book what the table says of a finished run."""
        best = result.history[result.best_epoch]
        trial.set_user_attr("best_epoch", best.epoch)
        trial.set_user_attr("val_ce", best.val_ce)
        trial.set_user_attr("run", str(result.folder))
        trial.set_user_attr("command", result.settings.command)
        trial.set_user_attr("remarks", result.settings.remarks)

    def check_needed(self) -> None:
        """Raise NotNeededError if another machine took the last trial at the same moment, first."""
        found = self.study.get_trials(deepcopy=False)
        before = sum(trial.number < self.number for trial in trials.running(found))
        if before >= self.options.trials - trials.finished(found):
            raise NotNeededError


def shown(params: dict[str, Any]) -> str:
    """Return what was drawn, for reading.

    >>> shown({"lr": 0.00123456, "batch_size": 64})
    'lr=0.001235, batch_size=64'
    """
    texts = {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in params.items()}
    return ", ".join(f"{name}={text}" for name, text in texts.items())


@contextlib.contextmanager
def silence() -> Any:
    """Keep the lines of single runs away from stdout; their folders have them all."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
