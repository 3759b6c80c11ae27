"""What `minigrad data` does with the SVHN files in a folder."""

import argparse
import io
import os

import numpy as np

from experiments import atomic
from experiments.console import say
from experiments.errors import DataError, UsageError
from experiments.shell import quoted
from experiments.svhn import mat_file
from experiments.svhn.dataset import SVHN
from experiments.svhn.official import FILES
from experiments.svhn.source import identify

GRID = 5, 12  # rows and columns of digits shown


def check(options: argparse.Namespace) -> None:
    """Read every file there is, from the first byte to the last, and say what it is."""
    splits = _splits(options)
    wrong, there = [], []
    for split in splits:
        name = FILES[split].name
        if not os.path.lexists(options.data / name):
            say(f"{name}: missing")
            continue
        try:
            source = identify(options.data, split, subset=True)
            with open(os.devnull, "wb") as nowhere:
                labels = mat_file.read(source.path, nowhere)
        except (DataError, OSError) as error:
            say(f"{name}: broken")
            wrong.append(str(error))
            continue
        there.append(source)
        kind = "official" if source.official else f"a subset, no checksum known (md5 {source.md5})"
        say(f"{name}: {kind}, {_contents(labels)}")
    if wrong:
        raise DataError("; ".join(wrong))
    if not there:
        identify(options.data, splits[0])  # says what is missing
    subset = "" if all(source.official for source in there) else " --subset"
    say(f"next: minigrad data convert {quoted(options.data)}{subset}")


def convert(options: argparse.Namespace) -> None:
    """Make the arrays that training reads, of every file there is."""
    splits = _splits(options)
    found = [split for split in splits if os.path.lexists(options.data / FILES[split].name)]
    for split in found or splits[:1]:  # if there is none, SVHN says what is missing
        data = SVHN(options.data, split, subset=options.subset)
        say(f"{data.source.file}: {_contents(data.labels)} in {data.data.path}")
    subset = " --subset" * options.subset
    say(f"next: minigrad svhn --data {quoted(options.data)}{subset}")


def show(options: argparse.Namespace) -> None:
    """Draw digits from all over the file, with their labels."""
    if options.out.suffix not in (".png", ".pdf"):
        raise UsageError(f"--out {options.out}: name a file that ends in .png or .pdf")
    _splits(options)
    data = SVHN(options.data, options.split or "train", subset=options.subset)
    rows, columns = GRID
    indices = np.linspace(0, len(data) - 1, min(rows * columns, len(data))).astype(int)
    of = f"a subset of {data.source.file}" if not data.source.official else data.source.file

    from matplotlib.figure import Figure

    figure = Figure(figsize=(columns, 1.25 * rows + 0.5), layout="constrained")
    figure.suptitle(f"{len(indices)} of {len(data):,} digits in {of}", parse_math=False)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, image, label in zip(grid, data.data[indices], data.labels[indices], strict=False):
        axes.imshow(image.transpose(1, 2, 0))
        axes.set_title(label)
    content = io.BytesIO()
    figure.savefig(content, format=options.out.suffix[1:], dpi=100)
    atomic.write(options.out, content.getvalue())
    say(f"{of}: {_contents(data.labels)}")
    say(f"drawn in {options.out}")


def _splits(options: argparse.Namespace) -> list[str]:
    """Return the splits that are asked for, fetched if that is asked for, too."""
    if options.mirror and not options.download:
        raise UsageError("--mirror says where --download fetches from: add --download")
    if options.download:
        from experiments.svhn.download import fetch

        for split in [options.split] if options.split else ["train", "test"]:
            fetch(options.data, split, options.mirror)
    return [options.split] if options.split else list(FILES)


def _contents(labels: np.ndarray) -> str:
    """Return the number of images, and how many of each digit."""
    counts = enumerate(np.bincount(labels, minlength=10))
    histogram = " ".join(f"{digit}:{count:,}" for digit, count in counts)
    return f"{len(labels):,} images ({histogram})"
