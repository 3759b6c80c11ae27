"""`minigrad explain`: a forward and a backward pass of a trained network, step by step."""

import argparse
from pathlib import Path

from experiments.options import integer

NAME = "explain"
HELP = "write the page on which a forward and a backward pass can be walked through by hand"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add = parser.add_argument
    # fmt: off
    add("--model", choices=("mlp", "cnn"),
        help="the network; if left out that of the run, or else the CNN")
    add("--run", type=Path, metavar="RUN",
        help="folder of a trained run of `minigrad digits`, as runs/digits/minigrad-cnn-seed0; "
        "if left out, the newest in runs/digits")
    add("--sample", type=integer(0, 446), metavar="N",
        help="which of the test images; if left out, the one with the greatest loss")
    add("--out", type=Path, metavar="FILE",
        help="where to; if left out, explain-MODEL.html or .py, or the terminal for the others")
    kinds = parser.add_mutually_exclusive_group()
    for kind, help in (
        ("text", "the tape in reverse: what each operation contributes to which gradient"),
        ("source", "a program of NumPy calls that computes every gradient, bit for bit"),
        ("mermaid", "the graph, in Mermaid's language"),
        ("svg", "the graph, as a picture"),
    ):
        kinds.add_argument(f"--{kind}", dest="kind", action="store_const", const=kind, help=help)
    # fmt: on


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from experiments.explain import explain

    explain(options)
