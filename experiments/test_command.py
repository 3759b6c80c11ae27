"""`minigrad test`: the best weights of a run, evaluated once more."""

import argparse
from pathlib import Path

NAME = "test"
HELP = "evaluate the best weights of a finished run once more, on its test data"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="its folder, as runs/digits/torch-mlp-seed0")
    add("--data", type=Path, metavar="DIR", help="the data's folder (default: the run's)")
    add(
        "--device",
        choices=("auto", "cpu", "cuda", "mps"),
        help="PyTorch's (default: the run's, on which its numbers are the same to the last digit)",
    )


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from experiments.retest import retest

    retest(options)
