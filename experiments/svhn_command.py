"""`minigrad svhn`: the assignment's network for house numbers, and a better one."""

import argparse
from pathlib import Path

from experiments.options import checkpoint_option, integer, positive

NAME = "svhn"
HELP = "train the assignment's network for house numbers, and a better one, in PyTorch"
COMPONENTS = (
    "normalise", "relu", "batch-norm", "depth", "dropout", "geometry", "colours", "schedule",
)  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options. Of many the default is the network's own."""
    add = parser.add_argument
    own = "(default: the network's own)"
    # fmt: off
    add("--data", type=Path, required=True, metavar="DIR", help="the folder of the .mat files")
    add("--subset", action="store_true", help="take files that hold only a part of SVHN")
    add("--download", action="store_true", help="fetch the official files that are missing")
    add("--mirror", metavar="URL", help="fetch them from here")
    add("--protocol", choices=("assignment", "published"), default="assignment",
        help="published: train and extra, as the published run; it breaks the assignment's rule")
    add("--val-fraction", type=positive(high=0.9), metavar="F",
        help="of the training file, the share that validates, at least 0.1 (default: 0.1)")
    add("--model", choices=("published", "improved", "both"), default="both", help="the network")
    add("--without", choices=COMPONENTS, metavar="COMPONENT",
        help=f"leave one out of the improved network: {', '.join(COMPONENTS)}")
    add("--ablation", action="store_true",
        help="the improved network whole and without each component; goes on where it was ended")
    add("--jobs", type=integer(1, 64), default=1, metavar="N",
        help="how many runs of the ablation at a time")
    add("--seed", type=integer(0, 2**32 - 1), default=0, metavar="S", help="the first seed")
    add("--seeds", type=integer(1), default=1, metavar="N", help="how many: S, S+1, ..., S+N-1")
    add("--epochs", type=integer(1), metavar="N", help=f"train at most so many {own}")
    add("--patience", type=integer(0), metavar="N",
        help=f"stop when more than N epochs in a row have brought no better validation nll {own}")
    add("--lr", type=positive(), metavar="X", help=f"learning rate of Adamax, the highest {own}")
    add("--weight-decay", type=positive(or_zero=True), metavar="X", help=f"of Adamax {own}")
    add("--batch-size", type=integer(1), metavar="N", help=f"of training {own}")
    add("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto",
        help="auto takes a GPU if there is one")
    add("--dtype", choices=("float32", "float64"), default="float32", help="of all arithmetic")
    add("--amp", action="store_true", help="train in bfloat16 where PyTorch thinks it safe")
    add("--compile", action="store_true", help="let PyTorch compile the training step")
    add("--threads", type=integer(1, 1024), metavar="N",
        help="of the CPU (default: one for each of its cores)")
    checkpoint_option(parser)
    add("--out", type=Path, default=Path("runs"), metavar="DIR",
        help="results go into new folders in DIR/svhn")
    # fmt: on


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    # Imported here, so that help and a wrong option are answered at once.
    if options.ablation:
        from experiments.ablation import ablation

        ablation(options)
    else:
        from experiments.svhn_experiment import experiment

        experiment(options)
