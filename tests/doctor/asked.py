"""What the parts of `minigrad doctor` are given."""

from argparse import Namespace
from pathlib import Path


def options(**asked):
    return Namespace(**{"data": None, "out": Path("runs"), "json": False} | asked)
