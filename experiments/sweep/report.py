"""What came out of a sweep: the trials by rank, the winner, and how to train it anew."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from experiments.console import note, say
from experiments.errors import CheckpointError
from experiments.finished_run import read_json
from experiments.markdown import code, escaped
from experiments.report import percent, table
from experiments.run_folder import RunFolder
from experiments.shell import quoted
from experiments.sweep import figures, trials
from experiments.sweep.importance import importances
from experiments.sweep.space import Space

STATES = {
    TrialState.COMPLETE: "finished",
    TrialState.PRUNED: "ended early",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}


def write(study: optuna.Study, space: Space, folder: Path, command: str) -> None:
    """Print the table; write it, the trials as data, and the pictures into the study's folder."""
    found = ranked(study.get_trials(deepcopy=False))
    names = list(space.searched)
    shares = importances(study, names)
    remarks = found[0].user_attrs.get("remarks", ()) if found else ()
    ranks = table(*ranking(found, names))
    rest = [*weights(shares), *(f"The runs: {remark}." for remark in remarks)]
    say("\n" + "\n".join([ranks, "", *winner(found, str), *rest]))

    files = RunFolder.at(folder)
    files.write_csv("trials.csv", *as_csv(found, names))
    pictures = {}
    title = "\n".join([study.study_name, *remarks])
    if complete := [trial for trial in found if trial.state == TrialState.COMPLETE]:
        pictures["history"] = figures.history(found, title)
        pictures["what-mattered"] = figures.slices(complete, space, shares, title)
    for name, figure in pictures.items():
        files.write_figure(name, figure)
    shown = [ranks, *winner(found, code), *map(escaped, rest)]
    shown += [f"![{picture}]({picture}.png)" for picture in pictures]
    files.write("sweep.md", markdown(study.study_name, command, shown))
    note(f"report: {folder / 'sweep.md'}")


def ranked(found: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials, the best first; those ended early after all finished ones."""
    order = list(STATES)

    def key(trial: FrozenTrial) -> tuple[int, float, int]:
        return order.index(trial.state), lowest(trial), trial.number

    drawn = [t for t in found if t.params or t.state != TrialState.FAIL]  # others were not needed
    return sorted(drawn, key=key)


def lowest(trial: FrozenTrial) -> float:
    """Return a trial's lowest validation nll, so far if it was ended early."""
    return min(trial.intermediate_values.values(), default=math.inf)


def ranking(
    found: Sequence[FrozenTrial], names: Sequence[str]
) -> tuple[list[str], list[list[Any]]]:
    """Return header and rows of the table."""
    again = trials.repeated(found)
    rows = []
    for trial in found:
        drawn = [trial.params.get(name, "") for name in names]
        values = [f"{v:.4g}" if isinstance(v, float) else v for v in drawn]
        state = STATES[trial.state]
        if trial.number in again:
            state = f"interrupted: see {again[trial.number]}"
        nll = f"{lowest(trial):.4f}" if trial.intermediate_values else ""
        error = trial.user_attrs.get("val_ce")
        epochs = max(trial.intermediate_values, default="")
        rows.append([trial.number, *values, nll, percent(error) if error else "", epochs, state])
    return ["trial", *names, "val nll", "val error", "epochs", "state"], rows


def winner(found: Sequence[FrozenTrial], typed: Callable[[str], str]) -> list[str]:
    """Return what there is to say of the best trial; its test is that of its own run.

    `typed` returns a command, or a path, as it is shown.
    """
    best = found[0] if found and found[0].state == TrialState.COMPLETE else None
    if best is None:
        return ["No trial came to its end."]
    host, run = best.user_attrs[trials.PLACE][0], Path(best.user_attrs["run"])
    lines = [
        f"The best is trial {best.number}, by its validation nll of {best.value}; the test set "
        "had no say in it.",
    ]
    try:
        result = read_json(run / "result.json")
        lines.append(
            f"Its run's test: nll={result['test_nll']}, ce={result['test_ce']}; "
            f"again with: {typed(f'minigrad test {quoted(run)}')}"
        )
    except (CheckpointError, KeyError):
        lines.append(f"Its run is on {typed(host)}, in {typed(str(run))}.")
    return [*lines, f"To train it anew: {typed(best.user_attrs['command'])}"]


def weights(shares: dict[str, float]) -> list[str]:
    """Return a line on what mattered."""
    if not shares:
        return []
    each = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items())
    return [f"What mattered, as shares of the variance of the validation nll (fANOVA): {each}"]


def as_csv(found: Sequence[FrozenTrial], names: Sequence[str]) -> tuple[list[str], list[list[Any]]]:
    """Return header and rows of trials.csv: everything of every trial, by number."""
    header = ["trial", "state", *names, "val_nll", "val_ce", "best_epoch", "epochs", "seconds"]
    rows = []
    for trial in sorted(found, key=lambda trial: trial.number):
        about, seen = trial.user_attrs, trial.intermediate_values
        host, folder = about.get(trials.PLACE, (None, None))
        rows.append(
            [
                trial.number,
                trial.state.name,
                *(trial.params.get(name) for name in names),
                lowest(trial) if seen else None,
                about.get("val_ce"),
                about.get("best_epoch"),
                max(seen, default=None),
                trial.duration.total_seconds() if trial.duration else None,
                host,
                about.get("run", folder),
                about.get(trials.REASON),
            ]
        )
    return [*header, "host", "folder", "reason"], rows


def markdown(name: str, command: str, shown: Sequence[str]) -> str:
    """Return sweep.md; its figures are the files beside it."""
    title = f"# The sweep {escaped(name)}"
    return "\n\n".join([title, f"Made by {code(command)}.", *shown]) + "\n"
