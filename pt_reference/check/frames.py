"""How the checker and the process of the student's file talk: a JSON header, and arrays.

A frame is its length, the header's length, the header, and the bytes of the arrays one after the
other. No pickles: what comes from a student's file is data, and never runs here.
"""

import json
import math
import struct
from typing import Any, BinaryIO

import numpy as np

_LENGTHS = struct.Struct("<QI")
LENGTHS_SIZE = _LENGTHS.size
CONNECTION_LOST = 71  # the status with which the process ends where its file has closed it
MOST_BYTES = 1 << 28  # of one answer

Arrays = dict[str, np.ndarray]


class BadFrame(Exception):  # noqa: N818  it is what it says
    """What arrived is not a frame, or not the one that was asked for."""


def pack(header: dict[str, Any], arrays: Arrays) -> bytes:
    """Return a header and arrays of numbers as a frame."""
    listed = [[name, a.dtype.str, list(a.shape)] for name, a in arrays.items()]
    head = json.dumps({**header, "arrays": listed}).encode()
    parts = [head, *(a.tobytes() for a in arrays.values())]
    return _LENGTHS.pack(sum(map(len, parts)), len(head)) + b"".join(parts)


def write(stream: BinaryIO, header: dict[str, Any], arrays: Arrays) -> None:
    """Send a frame."""
    stream.write(pack(header, arrays))
    stream.flush()


def parse_lengths(data: bytes) -> tuple[int, int]:
    """Return how long a frame and its header are, from the frame's first bytes."""
    total, head = _LENGTHS.unpack(data)
    if not head <= total <= MOST_BYTES:
        raise BadFrame("an answer of impossible length")
    return total, head


def parse(body: bytes, head: int) -> tuple[dict[str, Any], Arrays]:
    """Return the header and the arrays of a frame."""
    try:
        header = json.loads(body[:head])
        arrays, start = {}, head
        for name, dtype, shape in header.pop("arrays"):
            kind = np.dtype(dtype)
            if kind.kind not in "fiub" or any(n < 0 for n in shape):
                raise BadFrame(f"an array of {dtype}")
            count = math.prod(shape)
            arrays[name] = np.frombuffer(body, kind, count, start).reshape(shape).copy()
            start += count * kind.itemsize
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as e:
        raise BadFrame(f"an answer that is none ({type(e).__name__})") from e
    return header, arrays


def read(stream: BinaryIO) -> tuple[dict[str, Any], Arrays] | None:
    """Wait for a frame; None at the end of the stream."""
    first = stream.read(LENGTHS_SIZE)
    if len(first) < LENGTHS_SIZE:
        return None
    total, head = parse_lengths(first)
    return parse(stream.read(total), head)
