"""`minigrad bench`: minigrad beside PyTorch, or ours beside the published loop, as ratios."""

import argparse
from pathlib import Path

from experiments.errors import UsageError
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
    add("--svhn", action="store_true",
        help="instead: a training step of `minigrad svhn` beside the published notebook's loop")
    add("--data", type=Path, metavar="DIR",
        help="with --svhn: the folder of the .mat files (default: random images)")
    # fmt: on


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    if options.data and not options.svhn:
        raise UsageError("--data is for the bench of SVHN: add --svhn")
    if options.svhn:
        from experiments.svhn_bench import bench
    else:
        from experiments.bench import bench
    bench(options)
