"""What the charts of `minigrad bench` share: colours for the colour-blind too, and the files."""

import io
import os
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments import atomic
from experiments.errors import UsageError

FORWARD, BACKWARD, AROUND, INK = "#1f5fa8", "#e08a1e", "#8a8a8a", "#222222"
WIDTH = 5.2  # inches: letters of 9 points are as large as a page's on a telephone


def files(path: Path) -> list[Path]:
    """Return what is written for `--chart path`.

    >>> [str(file) for file in files(Path("where.png"))]
    ['where.png', 'where.svg']
    """
    stem = path.with_suffix("") if path.suffix in (".png", ".svg") else path
    return [stem.with_name(stem.name + suffix) for suffix in (".png", ".svg")]


def check_writable(path: Path) -> None:
    """Raise UsageError unless both files can be written; asked before anything is measured."""
    if not path.name or path.is_dir():
        raise UsageError(f"--chart {path}: is a folder; name a file, as {path / 'chart'}")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(f"--chart {path}: no file can be made in {path.parent}; name another")


def write(path: Path, figure: Figure) -> list[Path]:
    """Write a figure twice, as PNG and as SVG, under the name of `path`; return both names."""
    for file in files(path):
        content = io.BytesIO()
        metadata = {"Date": None} if file.suffix == ".svg" else {}  # the same figure, the same file
        figure.savefig(content, format=file.suffix[1:], dpi=200, metadata=metadata)
        atomic.write(file, content.getvalue())
    return files(path)


def bare(axes: Axes) -> None:
    """Take away all of the frame but the labels on the left."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelsize=9, labelcolor=INK)
