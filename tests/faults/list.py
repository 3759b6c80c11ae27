"""The 68 faults that a run, a file or a command has to survive, in a few words.

A test says which it is about by `@pytest.mark.fault(number)`; `python -m tests.faults` prints them.
"""

FAULTS = {
    # Data files
    1: "a data file is missing",
    2: "a file cut behind its header, which SciPy takes for a good one",
    3: "an official file cut at 1 %, 50 %, one byte before the end",
    4: "a bit flipped in a packed file",
    5: "a bit flipped in a file of one's own that is not packed",
    6: "data types 8 and 200, which crash SciPy",
    7: "a negative dimension",
    8: "dimensions whose product overflows",
    9: "millions of images declared, few there",
    10: "1 MB that unpacks to 256 MB",
    11: "a file of version 7.3 (HDF5)",
    12: "a web page saved as .mat",
    13: "an empty file, zeros, noise, a directory, a pipe, a loop of links",
    14: "X of another type or shape, or of no images",
    15: "another number of labels, labels in a row",
    16: "labels 0 and 10 in one file, 11, 255, -100",
    17: "a variable twice",
    18: "train and test under each other's name",
    19: "a data file replaced during the run",
    20: "an extra file is there and not asked for",
    21: "the data's folder is read-only",
    22: "converted arrays cut, or of another file",
    23: "two processes convert the same file",
    24: "a download cut and taken up again; no network",
    25: "a server that sends too much, too little, 404, file://, nothing",
    26: "scikit-learn missing, its digits damaged",
    # Options and environment
    27: "--lr 0, -1, nan, 1e400, abc",
    28: "--batch-size 0, -1, 1000000000",
    29: "--val-fraction 0, 0.05, 1, 1.2",
    30: "--patience -1, --epochs 0",
    31: "a search space with unknown keys, wrong types, keys twice, code",
    32: "--device cuda where there is none, cuda:7, gpu",
    33: "--out cannot be written, is a file, is on a full disk",
    34: "paths with a space, ü, a newline, $, 255 bytes",
    35: "no HOME, no display, LANG=C, stdout closed or a closed pipe",
    36: "python -O",
    37: "OMP_NUM_THREADS=0, abc",
    38: "a second run of the same name",
    39: "two processes in one run's folder",
    40: "the system's clock is set back",
    41: "10,000 runs are there already",
    # Checkpoints
    42: "killed at each of the points at which something is written",
    43: "killed at ten random moments",
    44: "SIGTERM, SIGINT, SIGHUP",
    45: "resumed twice, resumed when finished",
    46: "last.ckpt cut at 20 lengths; both checkpoints bad",
    47: "400 random bit flips of last.ckpt",
    48: "a hostile pickle with a valid checksum",
    49: "a checkpoint of another model, configuration or seed",
    50: "a checkpoint with weights that are NaN",
    51: "saved on a GPU, opened on the CPU",
    52: "a newer version of the format; all older ones",
    53: "a full disk, a limit on file size",
    54: "EIO, EINTR, a short write at the n-th call",
    55: "half-written files of a killed process",
    56: "a checkpoint after every step, every epoch, never",
    57: "a whole model pickled as the original did",
    58: "best.safetensors with a huge header, overlapping offsets, another dtype",
    59: "resumed with another version of PyTorch",
    # Training
    60: "a loss that is NaN: in epoch 0, in step k, in validation alone",
    61: "a gradient that is infinite",
    62: "a last batch of one image with batch norm",
    63: "the same seed twice, PYTHONHASHSEED, a print and a summary more",
    64: "two processes beside one",
    65: "one of several processes is killed",
    66: "a training loop on a GPU, and tensors left behind on the CPU",
    67: "all of SVHN in little memory",
    68: "the system, or a GPU, is out of memory",
}

# Where what is tested is not what the list asks for, and why.
DECIDED_OTHERWISE = {
    62: "nothing is said, for nothing had to be done: the last batch norm sees 4 by 4 places of "
    "each image, so that even one has a variance. A layer that sees one number alone raises "
    "PyTorch's error",
    67: "there is no --max-ram: images stay in their file and a batch alone is in memory, so that "
    "no number of images could break a limit, and there is nothing to ask before",
}
