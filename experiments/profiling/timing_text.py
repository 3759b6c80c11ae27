"""The timing of a step as a table, with how to read it."""

from experiments.profiling.timing import ADAMAX, LOADER, LOOP, MODULES, WALK, ZERO_GRAD, Timing
from experiments.report import table

# What lies around the operations, and what it does.
AROUND = {
    MODULES: "modules, recording",
    WALK: "the walk of the graph",
    ADAMAX: "Adamax.step",
    ZERO_GRAD: "zero_grad",
    LOADER: "loader",
    LOOP: "the loop",
}
HEADER = ["operation", "calls", "forward µs", "backward µs", "share"]
HEADER += ["GFLOP/s forward", "GFLOP/s backward"]


def text(timing: Timing, speed: float) -> str:
    """Return what is printed of a network; `speed` is that of a large product, in GFLOP/s."""
    t = timing
    return "\n".join(
        [
            f"{t.model}: a training step of {t.batch_size} images takes {t.plain:,.0f} µs, "
            f"and {t.whole:,.0f} µs while it is profiled.",
            "",
            table(HEADER, [*rows_of_operations(t), *rows_around(t), total(t)]),
            "",
            "The rows add up to the profiled step. They are means over the middle half of "
            f"{t.steps} such steps, which took turns with as many plain ones.",
            f"A product of matrices of 512 by 512 reaches {speed:.0f} GFLOP/s here: what a small "
            "product lacks of it is the price of starting one.",
        ]
    )


READING = """\
How to read it: an operation's time is that of its mathematics, its `forward` and `backward`.
"modules, recording" is what calling the layers takes beside that: finding their weights, checking
shapes, tying each result to the operation that made it. "the walk of the graph" is what
loss.backward() takes beside that: following the ties back, adding gradients up, storing them.
The share of these two is what small networks pay for being differentiated step by step; most of
what the profile itself costs lies there as well."""


def rows_of_operations(timing: Timing) -> list[list[str]]:
    """Return a row for each kind of operation, the most expensive first."""
    kinds = {o.name: [p for p in timing.operations if p.name == o.name] for o in timing.operations}
    sums = [
        (
            name,
            str(len(calls)),
            sum(o.forward for o in calls),
            sum(o.backward for o in calls),
            sum(o.flop for o in calls),
            sum(o.flop * o.products for o in calls),
        )
        for name, calls in kinds.items()
    ]
    return [
        [
            *(name, calls, f"{forward:.1f}", f"{backward:.1f}"),
            share(forward + backward, timing),
            *(gflop_per_second(flop, forward), gflop_per_second(backward_flop, backward)),
        ]
        for name, calls, forward, backward, flop, backward_flop in sorted(
            sums, key=lambda row: -row[2] - row[3]
        )
    ]


def rows_around(timing: Timing) -> list[list[str]]:
    """Return a row for each thing around the operations, in the column of where it happens."""
    rows = []
    for event, name in AROUND.items():
        time = timing.around[event]
        columns = ["", f"{time:.1f}"] if event == WALK else [f"{time:.1f}", ""]
        rows.append([name, "", *columns, share(time, timing), "", ""])
    return rows


def total(timing: Timing) -> list[str]:
    """Return the last row: the sum of all others."""
    backward = timing.around[WALK] + sum(o.backward for o in timing.operations)
    calls = str(len(timing.operations))
    times = f"{timing.whole - backward:.1f}", f"{backward:.1f}"
    return ["the whole step", calls, *times, share(timing.whole, timing), "", ""]


def share(time: float, timing: Timing) -> str:
    """Return a time as a share of the step."""
    return f"{100 * time / timing.whole:.1f} %"


def gflop_per_second(flop: int, microseconds: float) -> str:
    """Return the speed of products; nothing for what is none."""
    return f"{flop / microseconds / 1e3:.1f}" if flop else ""
