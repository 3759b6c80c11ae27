"""What a profile has recorded: events, their sums, and the table, in PyTorch's words and layout."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from minigrad.refuse import refuse

_WIDTH = 12  # of a column of numbers


class Interval(NamedTuple):
    """When an event began and ended, in microseconds of a clock of its own."""

    start: float
    end: float

    def elapsed_us(self) -> float:
        """Return how long it was."""
        return self.end - self.start


class FunctionEvent:
    """One call of an operation, or one pass through a block that ``record_function`` names.

    ``sequence_nr`` is the same for an operation's forward and its backward; -1 for anything else.
    """

    count = 1

    def __init__(
        self,
        name: str,
        cpu_parent: FunctionEvent | None,
        sequence_nr: int,
        input_shapes: list[list[int]],
    ) -> None:
        self.name = self.key = name
        self.sequence_nr, self.input_shapes = sequence_nr, input_shapes
        self.cpu_parent, self.cpu_children = cpu_parent, list[FunctionEvent]()
        if cpu_parent is not None:
            cpu_parent.cpu_children.append(self)
        self.start_ns = self.end_ns = 0

    @property
    def time_range(self) -> Interval:
        """When it began and ended."""
        return Interval(self.start_ns / 1000, self.end_ns / 1000)

    @property
    def cpu_time_total(self) -> float:
        """Its time, with what it called, in microseconds."""
        return (self.end_ns - self.start_ns) / 1000

    cpu_time = cpu_time_total  # of one call

    @property
    def self_cpu_time_total(self) -> float:
        """Its time without the events within it, in microseconds."""
        return self.cpu_time_total - sum([c.cpu_time_total for c in self.cpu_children])

    def __repr__(self) -> str:
        return f"<FunctionEvent name={self.name} {_summary(self)}>"


class FunctionEventAvg:
    """The sums over the events of one name."""

    def __init__(self, key: str, input_shapes: list[list[int]]) -> None:
        self.key, self.input_shapes = key, input_shapes
        self.count = 0
        self.cpu_time_total = self.self_cpu_time_total = 0.0

    def add(self, other: FunctionEvent) -> None:
        """Take an event in."""
        self.count += other.count
        self.cpu_time_total += other.cpu_time_total
        self.self_cpu_time_total += other.self_cpu_time_total

    @property
    def cpu_time(self) -> float:
        """The mean time of a call, with what it called, in microseconds."""
        return self.cpu_time_total / self.count if self.count else 0.0

    def __repr__(self) -> str:
        return f"<FunctionEventAvg key={self.key} {_summary(self)}>"


class EventList(list[Any]):
    """Events, or their sums."""

    def key_averages(
        self,
        group_by_input_shapes: bool = False,
        group_by_stack_n: int = 0,
        group_by_overload_name: bool = False,
    ) -> EventList:
        """Return the sums over all events of one name, and of the same shapes if asked for."""
        refuse(
            "key_averages",
            group_by_stack_n=group_by_stack_n,
            group_by_overload_name=group_by_overload_name,
        )
        sums: dict[tuple[str, str], FunctionEventAvg] = {}
        for event in self:
            shapes = event.input_shapes if group_by_input_shapes else []
            key = (event.key, str(shapes))
            sums.setdefault(key, FunctionEventAvg(event.key, shapes)).add(event)
        return EventList(sums.values())

    def total_average(self) -> FunctionEventAvg:
        """Return the sum over all events."""
        total = FunctionEventAvg("Total", [])
        for event in self:
            total.add(event)
        return total

    @property
    def self_cpu_time_total(self) -> float:
        """The sum of the self times, which is all the time within events, in microseconds."""
        return float(sum([event.self_cpu_time_total for event in self]))

    def table(
        self,
        sort_by: str | None = None,
        row_limit: int = 100,
        max_src_column_width: int = 75,
        max_name_column_width: int = 55,
        max_shapes_column_width: int = 80,
        header: str | None = None,
        top_level_events_only: bool = False,
        time_unit: str | None = None,
    ) -> str:
        """Return a table, a row each.

        ``sort_by`` is ``"self_cpu_time_total"``, ``"cpu_time_total"``, ``"cpu_time"`` or
        ``"count"``: the largest first. No source lines are recorded, so ``max_src_column_width``
        has nothing to limit.
        """
        refuse("table", top_level_events_only=top_level_events_only, time_unit=time_unit)
        if not self:
            return ""
        rows = self if sort_by is None else sorted(self, key=lambda e: -getattr(e, sort_by))
        widths = [min(max(len(e.key) for e in self) + 4, max_name_column_width), *[_WIDTH] * 6]
        titles = ["Name", "Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg"]
        titles.append("# of Calls")
        has_shapes = any(e.input_shapes for e in self)
        if has_shapes:
            longest = max(len(str(e.input_shapes)) for e in self) + 4
            widths.append(min(longest, max_shapes_column_width))
            titles.append("Input Shapes")
        whole = self.self_cpu_time_total
        lines = [titles]
        for event in rows[:row_limit] if row_limit >= 0 else rows:
            name, limit = event.key, max_name_column_width - 3
            times = event.self_cpu_time_total, event.cpu_time_total
            shares = [f"{100 * time / whole:.2f}%" if whole else "NaN" for time in times]
            cells = [name if len(name) < limit else f"{name[:limit]}..."]
            cells += [shares[0], _time(times[0]), shares[1], _time(times[1]), _time(event.cpu_time)]
            cells.append(str(event.count))
            lines.append([*cells, str(event.input_shapes)[: widths[-1]]] if has_shapes else cells)
        rule = "  ".join("-" * width for width in widths)
        texts = ["  ".join(c.rjust(w) for c, w in zip(line, widths, strict=True)) for line in lines]
        top = [] if header is None else ["=" * len(rule), header]
        end = [rule, f"Self CPU time total: {_time(whole)}", ""]
        return "\n".join([*top, rule, texts[0], rule, *texts[1:], *end])

    def export_chrome_trace(self, path: str | PathLike[str]) -> None:
        """Write the events as a file for ``chrome://tracing``, or ui.perfetto.dev: a time line."""
        trace = [
            {"name": event.name, "ph": "X", "ts": event.time_range.start,
             "dur": event.time_range.elapsed_us(), "tid": 1, "pid": "CPU functions", "args": {}}
            for event in self
        ]  # fmt: skip
        Path(path).write_text(json.dumps(trace))


def _time(us: float) -> str:
    """Return microseconds for reading.

    >>> _time(1234.5)
    '1.234ms'
    """
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if us >= size:
            return f"{us / size:.3f}{unit}"
    return f"{us:.3f}us"


def _summary(event: FunctionEvent | FunctionEventAvg) -> str:
    return (
        f"self_cpu_time={_time(event.self_cpu_time_total)} cpu_time={_time(event.cpu_time)} "
        f"count={event.count}"
    )
