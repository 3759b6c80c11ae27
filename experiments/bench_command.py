"""`minigrad bench`: minigrad beside PyTorch, as ratios."""

import argparse
from pathlib import Path

from experiments.options import integer

NAME = "bench"
HELP = "time minigrad beside PyTorch, in turns and on one thread each, and print the ratios"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add = parser.add_argument
    # fmt: off
    add("--model", choices=("mlp", "cnn", "both"), default="both", help="the network on Digits")
    add("--repeat", type=integer(1), default=15, metavar="N", help="how often each is timed")
    add("--json", type=Path, metavar="FILE", help="write every time measured into this file too")
    # fmt: on


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from experiments.bench import bench

    bench(options)
