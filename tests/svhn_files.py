"""Small files in SVHN's own format, right ones and, byte by byte, wrong ones."""

import hashlib
import struct
import zlib

import numpy as np

from experiments.svhn.official import FILES, OfficialFile

HEADER = b"MATLAB 5.0 MAT-file, made for a test".ljust(124, b" ") + b"\x00\x01IM"
UINT8_CLASS, INT32_CLASS = 9, 12
INT8, UINT8, INT32, UINT32, MATRIX, COMPRESSED = 1, 2, 5, 6, 14, 15


def digits(n, seed=0):
    """Random images, uint8 (n, 3, 32, 32), and labels 0 to 9, each of which there is if n > 9."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (n, 3, 32, 32), np.uint8)
    return images, rng.permutation(np.arange(n) % 10)


def write_mat(path, images, labels, compressed=True, order="Xy"):
    """Write a file of the format: images uint8 (N, 3, 32, 32), labels (N,), 0 as 10."""
    variables = {"X": x_matrix(images), "y": y_matrix(labels)}
    chosen = [variables[name] for name in order]
    path.write_bytes(mat(*[packed(one) if compressed else one for one in chosen]))
    return path


def make_official(monkeypatch, path, split):
    """Let a small file be, for this test, the official one of a split."""
    content = path.read_bytes()
    md5 = hashlib.md5(content).hexdigest()
    official = OfficialFile(FILES[split].name, len(content), md5, 1)
    monkeypatch.setitem(FILES, split, official)
    return official


def mat(*elements, header=HEADER):
    """A file of these elements."""
    return header + b"".join(elements)


def x_matrix(images):
    """The variable X. MATLAB's first index is the fastest: (32, 32, 3, N) is (N, C, W, H)."""
    return matrix("X", (32, 32, 3, len(images)), images.swapaxes(2, 3).tobytes())


def y_matrix(labels, shape=None, dtype="u1", mat_class=UINT8_CLASS, mat_type=UINT8):
    """The variable y."""
    labels = np.where(np.asarray(labels) == 0, 10, labels).astype(dtype)
    return matrix("y", shape or (len(labels), 1), labels.tobytes(), mat_class, mat_type)


def matrix(
    name, shape, data, mat_class=UINT8_CLASS, mat_type=UINT8, flags=0, size=None, declared=None
):
    """A variable. `size` and `declared` are what it says of the data's and of its own bytes."""
    body = (
        element(UINT32, struct.pack("<II", mat_class | flags, 0))
        + element(INT32, struct.pack(f"<{len(shape)}i", *shape))
        + element(INT8, name.encode())
        + element(mat_type, data, size)
    )
    return element(MATRIX, body, declared)


def element(kind, data, size=None):
    """An element; 1 to 4 bytes stand within its tag."""
    if size is None and 0 < len(data) <= 4:
        return struct.pack("<HH", kind, len(data)) + data.ljust(4, b"\0")
    return (
        struct.pack("<II", kind, len(data) if size is None else size)
        + data
        + b"\0" * (-len(data) % 8)
    )


def packed(content, level=6):
    """An element packed by zlib; it is not padded."""
    content = zlib.compress(content, level)
    return struct.pack("<II", COMPRESSED, len(content)) + content
