"""Where the time of a training step goes, by operation, forward and backward.

Profiled steps and steps without a profile take turns. Each part is a mean over the same steps, so
the parts add up to the whole; they are the steps in the middle, by their time, so that what the
machine did besides is left out.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.benchmarks.stopwatch import stopwatch
from experiments.profiling.step import Step
from minigrad.autograd.profiler import profile

# What lies around the operations of the network, under the name of its event.
MODULES, WALK, LOOP, LOADER = "forward", "backward", "step", "loader"
ADAMAX, ZERO_GRAD = "Optimizer.step#Adamax.step", "Optimizer.zero_grad#Adamax.zero_grad"
IMAGES_IN_TURN = 1000


@dataclass
class Operation:
    """A call of an operation in a step; times in microseconds, means over the steps.

    `output` is the shape of its result without the batch, () where it is not known. `flop` is what
    its product takes, counted as a multiplication and an addition for each weight it meets; it does
    so once forward, and in backward once for each gradient that is a product, `products` times.
    """

    name: str
    output: tuple[int, ...] = ()
    flop: int = 0
    products: int = 0
    forward: float = 0.0
    backward: float = 0.0
    within: dict[str, float] = field(default_factory=dict)  # of backward: what it called


@dataclass
class Timing:
    """What was measured of a network's step; times in microseconds.

    `plain` is the time of a step that is not profiled, `around` that of what lies around the
    operations. `whole` is the time of a profiled step, to which all parts add up.
    """

    model: str
    batch_size: int
    steps: int
    plain: float
    operations: list[Operation]
    around: dict[str, float]

    @property
    def whole(self) -> float:
        """The profiled step: the sum of its parts."""
        return sum(self.around.values()) + sum(o.forward + o.backward for o in self.operations)


def measure(step: Step, turns: int) -> Timing:
    """Let steps with and without a profile take turns, and return what took how long."""
    plain, profiled = [], []
    count = max(1, IMAGES_IN_TURN // step.batch_size)
    step()  # not timed: the first step is slower than all others
    for _ in range(turns):
        plain += [stopwatch(step)() for _ in range(count)]
        with profile(record_shapes=True) as prof:
            for _ in range(count):
                step()
        profiled += [event for event in prof.function_events if event.cpu_parent is None]
    return Timing(
        step.model,
        step.batch_size,
        len(profiled),
        1e6 * float(np.mean([plain[i] for i in middle_half(plain)])),
        *means([profiled[i] for i in middle_half([e.cpu_time_total for e in profiled])]),
    )


def middle_half(times: list[float]) -> list[int]:
    """Return the positions of the times between the quartiles.

    >>> middle_half([5.0, 1.0, 2.0, 9.0])
    [0, 2]
    """
    low, high = np.quantile(times, [0.25, 0.75])
    return [i for i, time in enumerate(times) if low <= time <= high] or [int(np.argsort(times)[0])]


def means(steps: list[Any]) -> tuple[list[Operation], dict[str, float]]:
    """Return the operations of a step, and what lies around them, as means over events "step"."""
    operations = network_of(steps[0])
    around: Counter[str] = Counter()
    for step in steps:
        around[LOOP] += step.self_cpu_time_total / len(steps)
        positions: dict[int, int] = {}  # from the number of a forward to its place in the network
        for block in step.cpu_children:
            if block.name not in (MODULES, WALK):
                around[block.name] += block.cpu_time_total / len(steps)
                continue
            around[block.name] += block.self_cpu_time_total / len(steps)
            for event in block.cpu_children:
                time = event.cpu_time_total / len(steps)
                if block.name == MODULES:
                    operation = operations[positions.setdefault(event.sequence_nr, len(positions))]
                    operation.forward += time
                elif event.sequence_nr in positions:
                    operation = operations[positions[event.sequence_nr]]
                    operation.backward += time
                    for called in event.cpu_children:
                        before = operation.within.get(called.name, 0.0)
                        operation.within[called.name] = before + called.cpu_time_total / len(steps)
                else:  # the walk's own, such as a sum that undoes a broadcast
                    around[WALK] += time
    return operations, dict(around)


def network_of(step: Any) -> list[Operation]:
    """Return the operations of an event "step" in their order, with what their shapes say."""
    blocks = {block.name: block.cpu_children for block in step.cpu_children}
    backward = {event.sequence_nr: event for event in blocks[WALK]}
    found: list[Operation] = []
    differentiated = False  # whether anything before has a gradient
    for event in blocks[MODULES]:
        operation = Operation(event.name)
        found.append(operation)
        if event.sequence_nr not in backward:
            continue
        output = backward[event.sequence_nr].input_shapes[0]
        operation.output = tuple(output[1:])
        if event.name in ("Linear", "Conv2d"):
            weight = event.input_shapes[1]
            operation.flop = 2 * int(np.prod(output)) * int(np.prod(weight[1:]))
            operation.products = 1 + differentiated  # that of the weight, and that of its input
        differentiated = True
    return found


def product_speed(size: int = 512, turns: int = 9) -> float:
    """Return the GFLOP/s of one large product of matrices: what the machine can do."""
    a = np.random.default_rng(0).random((size, size), np.float32)
    return 2e-9 * size**3 / min(stopwatch(lambda: a @ a)() for _ in range(turns))
