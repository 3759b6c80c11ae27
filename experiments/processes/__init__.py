"""One training in several processes: `torchrun --nproc-per-node K -m experiments svhn ...`.

Each process takes its share of the rows of every batch, and the result is one process's up to
rounding. To be read in this order: `launch` (what torchrun says), `alone` (the interface, and what
it is for one process), `together` (for several), `loss`, `batch_norm` and `dropout` (what of a
training step looks at more than its own rows). Imported without PyTorch; `together` brings it.
"""

from experiments.processes.alone import Alone
from experiments.processes.current import current, entered
from experiments.processes.launch import Launch, launch

__all__ = ["Alone", "Launch", "current", "entered", "launch"]
