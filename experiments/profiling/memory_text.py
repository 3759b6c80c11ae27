"""What the layers save for backward as a table, minigrad beside PyTorch, with how to read it."""

from experiments.profiling.memory import Memory
from experiments.report import table

HEADER = ["layer", "minigrad", "PyTorch", "saves too, but shares with others"]
READING = """\
How to read it: forward saves for backward what a derivative needs. The bytes are those that a
layer is the first to save; what it shares with the batch, a parameter or an earlier layer is there
anyway. Nothing can be let go before the walk has come back to its layer: so memory grows until the
loss and shrinks after it, and a network with twice the layers, or a batch twice as large, takes
twice as much."""


def text(model: str, batch_size: int, ours: Memory, theirs: Memory) -> str:
    """Return what is printed of a network."""
    rows = [
        [layer, kilobytes(ours.counted(layer)), kilobytes(theirs.counted(layer)),
         ", ".join(ours.shared(layer))]
        for layer in ours.layers
        if ours.counted(layer) or theirs.counted(layer) or ours.shared(layer)
    ]  # fmt: skip
    rows.append(["all layers", kilobytes(ours.total), kilobytes(theirs.total), ""])
    lines = [
        f"{model}: saved for backward in a training step of {batch_size} images",
        "",
        table(HEADER, rows),
        "",
        f"At its highest the step takes {size(ours.peak)} in minigrad: saved arrays, gradients "
        "and all else.",
    ]
    lines += late("minigrad", ours) + late("PyTorch", theirs)
    return "\n".join(lines)


def late(framework: str, memory: Memory) -> list[str]:
    """Return a line about what is held longer than the walk needs it."""
    kept = [save for key, save in memory.first.items() if key not in memory.freed]
    if not kept:
        return []
    layers = ", ".join(dict.fromkeys(save.layer for save in kept))
    held = size(sum(save.nbytes for save in kept))
    return [f"{framework} holds {held} until the loss itself is gone: {layers}."]


def kilobytes(count: int) -> str:
    """Return bytes for a column of the table, all in one unit; nothing for none.

    >>> kilobytes(51_718_148), kilobytes(4), kilobytes(0)
    ('51,718.1 kB', '0.0 kB', '')
    """
    return f"{count / 1000:,.1f} kB" if count else ""


def size(count: int) -> str:
    """Return bytes for reading.

    >>> size(51_718_148), size(952_836)
    ('51.7 MB', '952.8 kB')
    """
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1000:,.1f} kB"
