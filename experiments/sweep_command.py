"""`minigrad sweep`: many runs whose hyperparameters are drawn, and which of them were the best."""

import argparse
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from experiments import digits_command, svhn_command
from experiments.options import Parser, integer
from experiments.sweep.space import KINDS

NAME = "sweep"
HELP = (
    "search hyperparameters: many runs, the poor ones ended early, in as many processes as wanted"
)
EXPERIMENTS = {"digits": digits_command, "svhn": svhn_command}
# A trial is one run, and the sweep has its own processes and folder.
ONE_RUN = ("seed", "seeds", "ablation", "jobs", "out")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options, those of the experiment among them."""
    experiments = parser.add_subparsers(dest="experiment", metavar="EXPERIMENT", required=True)
    for name, command in EXPERIMENTS.items():
        what = f"search hyperparameters of {name}"
        sub = experiments.add_parser(name, help=what, description=what)
        _add_own(sub, name)
        _add_some(command, sub, lambda option: option not in (*KINDS, *ONE_RUN))
        if name == "digits":
            sub.set_defaults(backend="torch")
        sub.add_argument("--debug", action="store_true", help="show the traceback of an error")


def searchable(experiment: str) -> dict[str, argparse.Action]:
    """Return the options of an experiment's command that a space may name."""
    found = _add_some(EXPERIMENTS[experiment], Parser(), lambda option: option in KINDS)
    return {action.dest: action for action in found}


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from experiments.sweep.command import sweep

    sweep(options)


def _add_own(parser: argparse.ArgumentParser, experiment: str) -> None:
    add = parser.add_argument
    # fmt: off
    add("--space", type=Path, required=True, metavar="FILE",
        help='TOML, a line for each option: model = "cnn" fixes it, batch_size = {choices = '
        "[32, 64]} and lr = {low = 1e-4, high = 1e-2, log = true} let it be drawn; "
        f"options: {', '.join(searchable(experiment))}")
    add("--trials", type=integer(1), default=20, metavar="N",
        help="end when the study has so many finished trials, of all processes and machines")
    add("--jobs", type=integer(1, 64), default=1, metavar="N",
        help="how many trials at a time here")
    add("--sampler", choices=("tpe", "random"), default="tpe",
        help="tpe draws where earlier trials were good, random anywhere")
    add("--pruner", choices=("median", "none"), default="median",
        help="median ends a trial whose best validation nll so far is above the median of the "
        "other trials' at that epoch")
    add("--seed", type=integer(0, 2**32 - 1), default=0, metavar="S",
        help="of each trial's network and of the draws: the same seed draws the same")
    add("--study", metavar="NAME", help="its name (default: the experiment's and the space's)")
    add("--storage", metavar="URL",
        help="a database of Optuna's, to share the study with other machines (default: SQLite in "
        "DIR/sweep/NAME/study.db, for processes of one machine)")
    add("--out", type=Path, default=Path("runs"), metavar="DIR",
        help="runs and results go into DIR/sweep/NAME")
    # fmt: on


def _add_some(
    command: Any, parser: argparse.ArgumentParser, wanted: Callable[[str], bool]
) -> list[argparse.Action]:
    """Add some of an experiment's options to a parser; a trial takes one of a list, not 'both'."""
    added = []

    def add(option: str, **kwargs: Any) -> None:
        if wanted(option.removeprefix("--").replace("-", "_")):
            if "both" in kwargs.get("choices", ()):
                kwargs["choices"] = tuple(c for c in kwargs["choices"] if c != "both")
            added.append(parser.add_argument(option, **kwargs))

    command.add_options(SimpleNamespace(add_argument=add))
    return added
