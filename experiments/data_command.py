"""`minigrad data`: look at the SVHN files in a folder, convert them, show some of the digits."""

import argparse
from pathlib import Path

NAME = "data"
HELP = "check, convert or show the SVHN files in a folder"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add = parser.add_argument
    # fmt: off
    add("action", choices=("check", "convert", "show"),
        help="check: read every file there is; convert: make the arrays that training reads; "
        "show: draw digits with their labels")
    add("data", type=Path, metavar="DIR", help="the folder of the .mat files")
    add("--subset", action="store_true",
        help="convert and show files that hold only a part of SVHN, too")
    add("--download", action="store_true",
        help="first fetch the official files that are missing (but extra, of 1.3 GB, only if "
        "--split names it)")
    add("--mirror", metavar="URL", help="fetch them from here")
    add("--split", choices=("train", "extra", "test"), help="this file alone")
    add("--out", type=Path, default=Path("svhn.png"), metavar="FILE",
        help="what show writes, .png or .pdf")
    # fmt: on


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from experiments import data

    getattr(data, options.action)(options)
