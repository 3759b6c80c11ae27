"""Reading the command line: every refusal is one line that says what to type instead."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from experiments.errors import UsageError

CHECKPOINT_SECONDS = 30.0  # between two checkpoints


class Formatter(argparse.ArgumentDefaultsHelpFormatter):
    """A help that gives the defaults, of options that have one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return super()._get_help_string(action) if action.default else action.help


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises UsageError instead of printing its usage and exiting."""

    def __init__(self, **kwargs) -> None:
        super().__init__(allow_abbrev=False, formatter_class=Formatter, **kwargs)

    def parse_known_args(self, args=None, namespace=None):
        """Refuse unknown options here, so that the command's own parser names its own help."""
        namespace, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return namespace, unknown

    def error(self, message: str) -> NoReturn:
        """Refuse what was typed."""
        raise UsageError(f"{message}; see {self.prog} --help")


def integer(low: int, high: int = 10**9) -> Callable[[str], int]:
    """Return a type for argparse: an integer from `low` to `high`."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"expected an integer from {low} to {high}, not {text!r}"
            )
        return value

    return parse


def positive(or_zero: bool = False, high: float = 1e30) -> Callable[[str], float]:
    """Return a type for argparse: a number above 0, or also 0, and small enough for float32."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (0 < value <= high or (or_zero and value == 0)):  # a NaN is neither
            low = "of at least 0" if or_zero else "above 0"
            raise argparse.ArgumentTypeError(
                f"expected a number {low} and at most {high:g}, not {text!r}"
            )
        return value

    return parse


def checkpoint_option(parser: argparse.ArgumentParser) -> None:
    """Add the option of the commands that train."""
    parser.add_argument(
        "--checkpoint-seconds",
        type=positive(or_zero=True),
        default=CHECKPOINT_SECONDS,
        metavar="X",
        help="keep a checkpoint, to go on from, every X seconds; 0: after every step",
    )


def run_options(parser: argparse.ArgumentParser) -> None:
    """Add what names a run, and where it goes on."""
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="its folder, as runs/digits/torch-mlp-seed0")
    add("--data", type=Path, metavar="DIR", help="the data's folder (default: the run's)")
    add(
        "--device",
        choices=("auto", "cpu", "cuda", "mps"),
        help="PyTorch's (default: the run's, on which its numbers are the same to the last digit)",
    )
