"""The picture of the results."""

from pathlib import Path

from experiments.benchmarks.row import Row


def write(path: Path, phases: dict[int, list[Row]]) -> None:
    """Draw the results into a PNG and an SVG."""
