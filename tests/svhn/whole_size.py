"""The published protocol at SVHN's whole size, in a process of its own; prints its peaks in MB.

`python whole_size.py FOLDER walk|start`: the files are made in the folder, and take no space in it.
"""

import json
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np

SIZES = {"train": 73_257, "extra": 531_131, "test": 26_032}
STEPS = 4


def peak():
    """Return the most memory that this process has had at a time, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM"))


def sparse(folder, name, count):
    """Return a data set of black images in a converted file that is all hole."""
    from experiments.svhn.dataset import Images
    from experiments.svhn.store import NPY_HEADER

    path = folder / f"{name}.npy"
    with path.open("wb") as file:
        file.truncate(NPY_HEADER + count * 3 * 32 * 32)
    return SimpleNamespace(data=Images(path, count), labels=np.arange(count) % 10)


def main(folder, walk):
    import torch

    from experiments.backend import Backend
    from experiments.evaluation import evaluation
    from experiments.svhn.protocol import split
    from experiments.svhn_experiment import beginning
    from experiments.training import train_epoch
    from tests.svhn.made_up import SETTINGS

    torch.set_num_threads(1)
    peaks = {"imports": peak()}
    files = {name: sparse(folder, name, count) for name, count in SIZES.items()}
    settings = replace(SETTINGS, model="published", protocol="published", batch_size=256)
    backend = Backend("torch")
    begun = beginning(settings, backend, split("published", files, settings.seed, 0.1))
    peaks["beginning"] = peak()

    begun.state.epoch = 1
    batches = begun.training_loader
    first = SimpleNamespace(epoch=lambda epoch, done: islice(batches.epoch(epoch, done), STEPS))
    train_epoch(begun.state, first, backend)
    evaluation(islice(begun.val_loader, STEPS), begun.state.model, backend, 1, print_freq=2)
    peaks["batches"] = peak()
    if walk:
        seen = sum(len(y) for _, y in batches.epoch(2))
        seen += sum(len(y) for _, y in begun.val_loader)
        peaks |= {"walk": peak(), "seen": seen}
    print(json.dumps(peaks))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] == "walk")
