"""`minigrad doctor`: one screen on the machine, to be pasted into a question."""

import argparse
from pathlib import Path

NAME = "doctor"
HELP = "describe the machine, the packages, the data and the runs, to be pasted into a question"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add = parser.add_argument
    # fmt: off
    add("--data", type=Path, metavar="DIR", help="look also at the SVHN files in this folder")
    add("--out", type=Path, default=Path("runs"), metavar="DIR", help="where the runs are")
    add("--json", action="store_true", help="print the same as JSON")
    # fmt: on


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from experiments.doctor.screen import doctor

    doctor(options)
