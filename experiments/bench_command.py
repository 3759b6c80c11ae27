"""`minigrad bench`: minigrad beside PyTorch, or ours beside the published loop, as ratios."""

import argparse
from pathlib import Path

from experiments.errors import UsageError
from experiments.options import integer

NAME = "bench"
HELP = "time minigrad beside PyTorch and other libraries, in turns, and print the ratios"
ROWS = ("epochs", "loader", "layers", "svhn", "adamax", "slopes", "memory", "import")
DEFAULT_ROWS = "epochs,loader,import"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add = parser.add_argument
    # fmt: off
    add("--rows", type=rows, default=DEFAULT_ROWS, metavar="NAME,...",
        help=f"what to time, of {', '.join(ROWS)}")
    add("--peers", action="store_true",
        help="time other libraries too, those of `pip install -e \".[peers]\"` that are there")
    add("--all", action="store_true", help="all rows and all libraries; some minutes")
    add("--repeat", type=integer(1), default=9, metavar="N", help="how often each is timed")
    add("--json", type=Path, metavar="FILE", help="write all that was measured into this file too")
    add("--chart", type=Path, metavar="FILE", help="draw it too, as FILE.png and FILE.svg")
    add("--readme", type=Path, metavar="FILE",
        help="put the tables between <!-- bench --> and <!-- /bench --> of this file")
    add("--svhn", action="store_true",
        help="instead: a training step of `minigrad svhn` beside the published notebook's loop")
    add("--data", type=Path, metavar="DIR",
        help="with --svhn: the folder of the .mat files (default: random images)")
    add("--profile", action="store_true",
        help="instead: where the time of a training step goes, by operation")
    add("--memory", action="store_true",
        help="instead: what each layer saves for backward, beside PyTorch")
    add("--model", choices=("mlp", "cnn", "both", "svhn"),
        help="with --profile or --memory: the network (default: both of Digits)")
    # fmt: on


def rows(text: str) -> tuple[str, ...]:
    """Parse the names of rows."""
    names = tuple(dict.fromkeys(text.split(",")))
    if unknown := [name for name in names if name not in ROWS]:
        raise argparse.ArgumentTypeError(
            f"there is no {unknown[0]!r}; expected one or more of {','.join(ROWS)}"
        )
    return names


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    if options.data and not options.svhn:
        raise UsageError("--data is for the bench of SVHN: add --svhn")
    if options.profile or options.memory:
        from experiments.profiling.command import report as bench
    elif options.model:
        raise UsageError("--model is for --profile and --memory: add one of them, or leave it out")
    elif options.svhn:
        from experiments.benchmarks.published_loop import bench
    else:
        from experiments.benchmarks.run import bench
    bench(options)
