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
    add("--model", choices=("mlp", "cnn", "both", "svhn"), default="both",
        help="the network: on Digits, or, with --profile and --memory, the one for house numbers")
    add("--repeat", type=integer(1), default=15, metavar="N", help="how often each is timed")
    add("--json", type=Path, metavar="FILE", help="write every time measured into this file too")
    add("--svhn", action="store_true",
        help="instead: a training step of `minigrad svhn` beside the published notebook's loop")
    add("--data", type=Path, metavar="DIR",
        help="with --svhn: the folder of the .mat files (default: random images)")
    add("--profile", action="store_true",
        help="instead: where the time of a training step goes, by operation")
    add("--memory", action="store_true",
        help="instead: what each layer saves for backward, beside PyTorch")
    add("--chart", type=Path, metavar="FILE",
        help="with --profile or --memory: draw it too, as FILE.png and FILE.svg")
    # fmt: on


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    if options.data and not options.svhn:
        raise UsageError("--data is for the bench of SVHN: add --svhn")
    if options.profile or options.memory:
        from experiments.profiling.command import report as bench
    elif options.chart:
        raise UsageError("--chart draws a profile: add --profile or --memory")
    elif options.model == "svhn":
        raise UsageError("--model svhn is for --profile and --memory; without them, type --svhn")
    elif options.svhn:
        from experiments.svhn_bench import bench
    else:
        from experiments.bench import bench
    bench(options)
