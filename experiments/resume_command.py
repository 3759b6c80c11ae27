"""`minigrad resume`: a run that was ended goes on."""

import argparse

from experiments.options import checkpoint_option, run_options

NAME = "resume"
HELP = "go on with a run that was interrupted or killed, from its last checkpoint, to the same end"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    run_options(parser)
    checkpoint_option(parser)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from experiments.resume import resume

    resume(options)
