"""What is timed of the SVHN network: a training step with 256 images, and its memory."""

from functools import partial
from pathlib import Path

from experiments.backend import Backend
from experiments.benchmarks.row import Key
from experiments.benchmarks.side import Work
from experiments.benchmarks.stopwatch import stopwatch
from pt_reference import networks

BATCH = 256
STEP = Key("svhn", "SVHN training step")
MEMORY = Key("memory", "SVHN training step, memory")


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
    """Return how much more memory this process holds at the most after three steps than before.

    It can be asked for once: for a process, and then it knows.
    """
    train = Step(framework, channels_last)
    before = peak()
    for _ in range(3):
        train()
    return {MEMORY: Work(partial(float, peak() - before), calls=1)}


def peak() -> int:
    """Return the most bytes that this process has held so far."""
    try:  # Linux's ru_maxrss may be that of the process that started this one
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS: in bytes
