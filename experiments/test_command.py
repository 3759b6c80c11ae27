"""`minigrad test`: the best weights of a run, evaluated once more."""

import argparse

from experiments.options import run_options

NAME = "test"
HELP = "evaluate the best weights of a finished run once more, on its test data"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    run_options(parser)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from experiments.retest import retest

    retest(options)
