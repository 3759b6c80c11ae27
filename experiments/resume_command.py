"""`minigrad resume`: a run that was ended goes on."""

import argparse
from pathlib import Path

from experiments.options import checkpoint_option

NAME = "resume"
HELP = "go on with a run that was interrupted or killed, from its last checkpoint, to the same end"


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
    checkpoint_option(parser)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from experiments.resume import resume

    resume(options)
