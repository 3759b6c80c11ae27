"""`minigrad check`: a student's layers beside PyTorch's."""

import argparse
from pathlib import Path

from experiments.options import integer
from pt_reference.check.contract import LAYERS

NAME = "check"
HELP = "hold hand-written layers against PyTorch and finite differences, and name the mistake"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add, names = parser.add_argument, list(LAYERS)
    # fmt: off
    add("files", nargs="*", type=Path, metavar="FILE.py",
        help="a file with layers; several give the table of a class")
    add("--layer", dest="layers", nargs="+", action="extend", choices=names, metavar="NAME",
        help=f"check these alone, of {', '.join(names)}; if left out, all")
    add("--seed", type=integer(0), default=0, metavar="S", help="of the numbers that are tried")
    add("--hints", choices=("axis", "cause", "line"), default="cause",
        help="say where it disagrees, what it looks like, or that and what to change")
    add("--show-expected", action="store_true", help="show PyTorch's values too")
    add("--json", type=Path, metavar="FILE", help="write all that was found, for programs")
    add("--html", type=Path, metavar="FILE", help="write a page, with the arrays as heat maps")
    add("--junit", type=Path, metavar="FILE", help="write JUnit's XML, a test a part of a layer")
    add("--gradescope", type=Path, metavar="FILE",
        help="write Gradescope's results.json, ten points a layer")
    add("--template", choices=names, metavar="LAYER",
        help="print a file to fill in, and check nothing")
    # fmt: on


def execute(options: argparse.Namespace) -> int:
    """Run the command; return 1 if something is wrong, 2 if a file could not be checked."""
    from experiments.check import check

    return check(options)
