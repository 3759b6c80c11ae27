"""What torchrun says of the processes that it has started."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from experiments.errors import UsageError

COMMANDS = ("svhn", "resume")
# Other launchers set some of these as well; all of them together are torchrun's.
VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True)
class Launch:
    """Which process it is: its number among all, and among those of its machine."""

    rank: int = 0
    number: int = 1
    local_rank: int = 0
    local_number: int = 1

    def check(self, command: str) -> None:
        """Refuse a command that is for one process."""
        if self.number > 1 and command not in COMMANDS:
            raise UsageError(
                f"{command} is for one process: type minigrad {command}, without torchrun "
                f"(several are for {' and '.join(COMMANDS)})"
            )


def launch(environment: Mapping[str, str] = os.environ) -> Launch:
    """Return what torchrun says; one process if it has not started this one.

    >>> slurm = {"WORLD_SIZE": "4", "RANK": "3"}
    >>> launch(slurm)
    Launch(rank=0, number=1, local_rank=0, local_number=1)
    >>> torchrun = slurm | {"LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}
    >>> launch(torchrun | {"MASTER_ADDR": "localhost", "MASTER_PORT": "29500"})
    Launch(rank=3, number=4, local_rank=1, local_number=2)
    """
    if any(name not in environment for name in VARIABLES):
        return Launch()
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    return Launch(*(int(environment[name]) for name in names))
