"""What is timed of the SVHN network: a training step with 256 images, and its memory."""

import ctypes
from pathlib import Path

from experiments.backend import Backend
from experiments.benchmarks.row import Key
from experiments.benchmarks.side import Work
from experiments.benchmarks.stopwatch import stopwatch
from pt_reference import networks

BATCH = 256
STEP = Key("svhn", "SVHN training step")
MEMORY = Key("memory", "memory of an SVHN training step")


class Step:
    """A training step on random images; PyTorch's may be channels-last."""

    def __init__(self, framework: str, channels_last: bool = False) -> None:
        backend = Backend(framework)
        self.model = backend.classifier(networks.svhn, seed=0)
        self.x = backend.framework.rand(BATCH, 3, 32, 32)
        self.y = backend.framework.arange(BATCH) % 10
        if channels_last:
            layout = backend.framework.channels_last
            self.model, self.x = (
                self.model.to(memory_format=layout),
                self.x.to(memory_format=layout),
            )
        self.optimizer = backend.adamax(self.model, 1e-3, 1e-5)

    def __call__(self) -> float:
        """Train; return the loss."""
        loss = self.model(self.x, self.y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


def step(framework: str, channels_last: bool = False) -> dict[Key, Work]:
    """Return a training step."""
    return {STEP: Work(stopwatch(Step(framework, channels_last)))}


def memory(framework: str, channels_last: bool = False) -> dict[Key, Work]:
    """Return how many more bytes this process holds at the most in three steps than before.

    A process can be asked once. RuntimeError where it cannot be told.
    """
    train = Step(framework, channels_last)
    try:
        ctypes.CDLL(None).malloc_trim(0)  # what is free already must not seem to cost nothing
        Path("/proc/self/clear_refs").write_text("5")  # the peak is from now on
    except (OSError, AttributeError, TypeError) as error:
        raise RuntimeError("the memory of a step can be told on Linux alone") from error
    before = kilobytes("VmRSS")
    for _ in range(3):
        train()
    most = 1024.0 * (kilobytes("VmHWM") - before)
    return {MEMORY: Work(lambda: most, calls=1)}


def kilobytes(name: str) -> int:
    """Return what Linux says of this process: VmRSS is what it holds, VmHWM the most it held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])
