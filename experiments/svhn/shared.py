"""What of `minigrad svhn`, and of a run that goes on, several processes cannot do."""

from typing import Any

from experiments.errors import UsageError
from experiments.processes import Alone
from experiments.svhn.recipe import recipe


def check(asked: Any, processes: Alone) -> None:
    """Raise UsageError for what the processes cannot share, of the options or a run's settings."""
    if processes.number == 1:
        return
    for name, why in (("ablation", "use --jobs N"), ("compile", "leave one of them out")):
        if getattr(asked, name, False):
            raise UsageError(f"--{name} is for one process, not for torchrun: {why}")
    models = ("published", "improved") if asked.model == "both" else (asked.model,)
    smallest = min(asked.batch_size or recipe(model).batch_size for model in models)
    if processes.number > smallest:
        raise UsageError(
            f"{processes.number} processes cannot share batches of {smallest}: "
            f"use --nproc-per-node {smallest}, or a larger --batch-size"
        )
