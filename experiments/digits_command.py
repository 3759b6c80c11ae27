"""`minigrad digits`: the assignment's MLP and CNN on Digits, in minigrad and in PyTorch."""

import argparse
from pathlib import Path

from experiments.options import checkpoint_option, integer, positive

NAME = "digits"
HELP = "train the assignment's MLP and CNN on Digits, in minigrad and in PyTorch, side by side"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add = parser.add_argument
    # fmt: off
    add("--backend", choices=("minigrad", "torch", "both"), default="both", help="the framework")
    add("--model", choices=("mlp", "cnn", "both"), default="both", help="the network")
    add("--seed", type=integer(0, 2**32 - 1), default=0, metavar="S", help="the first seed")
    add("--seeds", type=integer(1), default=1, metavar="N", help="how many: S, S+1, ..., S+N-1")
    add("--dtype", choices=("float32", "float64"), default="float32", help="of all arithmetic")
    add("--epochs", type=integer(1), default=1000, metavar="N", help="train at most so many")
    add("--patience", type=integer(0), default=20, metavar="N",
        help="stop when more than N epochs in a row have brought no better validation nll")
    add("--lr", type=positive(), default=1e-3, metavar="X", help="learning rate of Adamax")
    add("--weight-decay", type=positive(or_zero=True), default=1e-5, metavar="X", help="of Adamax")
    add("--batch-size", type=integer(1), default=64, metavar="N", help="of training")
    add("--device", choices=("auto", "cpu", "cuda", "mps"), default="cpu",
        help="PyTorch's; auto takes a GPU if there is one, but the data are tiny")
    checkpoint_option(parser)
    add("--out", type=Path, default=Path("runs"), metavar="DIR",
        help="results go into new folders in DIR/digits")
    # fmt: on


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    # Imported here, so that help and a wrong option are answered at once.
    from experiments.digits_experiment import experiment

    experiment(options)
