"""What of `minigrad svhn` several processes cannot do."""

import argparse

from experiments.errors import UsageError
from experiments.processes import Alone
from experiments.svhn.recipe import recipe


def check(options: argparse.Namespace, processes: Alone) -> None:
    """Raise UsageError for what the processes cannot share."""
    if processes.number == 1:
        return
    for name, why in (("ablation", "use --jobs N"), ("compile", "leave one of them out")):
        if getattr(options, name):
            raise UsageError(f"--{name} is for one process, not for torchrun: {why}")
    models = ("published", "improved") if options.model == "both" else (options.model,)
    smallest = min(options.batch_size or recipe(model).batch_size for model in models)
    if processes.number > smallest:
        raise UsageError(
            f"{processes.number} processes cannot share batches of {smallest}: "
            f"use --nproc-per-node {smallest}, or a larger --batch-size"
        )
