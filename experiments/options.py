"""Reading the command line: every refusal is one line that says what to type instead."""

import argparse
import math
from collections.abc import Callable
from typing import NoReturn

from experiments.errors import UsageError


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises UsageError instead of printing its usage and exiting."""

    def __init__(self, **kwargs) -> None:
        super().__init__(allow_abbrev=False, **kwargs)

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


def positive(zero: bool = False) -> Callable[[str], float]:
    """Return a type for argparse: a finite number above 0, or 0 itself if `zero`."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < 0 or (value == 0 and not zero):
            least = "of at least 0" if zero else "above 0"
            raise argparse.ArgumentTypeError(f"expected a finite number {least}, not {text!r}")
        return value

    return parse
