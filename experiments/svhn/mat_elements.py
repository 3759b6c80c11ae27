"""The bytes of a MATLAB 5 file: variables, one after the other, of which nothing is believed.

A file is a header of 128 bytes and elements: a tag with the type and the number of bytes, the
bytes, and padding up to a multiple of 8. A variable is an element that holds four: flags,
dimensions, name and data; or an element that holds this element packed by zlib. An element of 1
to 4 bytes may stand within its tag.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

INT8, INT32, UINT32, MATRIX, COMPRESSED = 1, 5, 6, 14, 15  # types of elements
# fmt: off
CLASSES = (
    "nothing", "cell", "struct", "object", "char", "sparse", "double", "single",
    "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
)
# fmt: on
FLAGS = {0x800: "complex", 0x400: "global", 0x200: "logical"}
HEADER, PIECE = 128, 1 << 16  # bytes of the header; packed bytes that are looked at together
SMALL, RATIO = 1 << 24, 100  # bytes that may come out of any file; what photographs never reach


class MalformedError(Exception):
    """The file is not what it has to be; whoever opened it knows its name."""


@dataclass(frozen=True)
class Variable:
    """A variable whose data have not been read: `size` bytes of a MAT type, next in `body`."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    mat_type: int
    size: int
    body: "Span"


def variables(read: Callable[[int], bytes], size: int) -> Iterator[Variable]:
    """Yield each variable of a file of `size` bytes, whose data are to be taken before the next.

    `read(n)` returns the next n bytes of the file.
    """
    wrong = refusal(read(HEADER))
    if wrong:
        raise MalformedError(wrong)
    file = Span(read, size - HEADER)
    while file.left:
        kind, size, _ = _tag(file)
        whole = file.inner(size)
        if kind != COMPRESSED:
            yield from _variable(kind, whole)
            continue
        unpacked = Unpacked(whole)
        kind, unpacked_size, _ = _tag(unpacked)
        if unpacked_size > max(SMALL, RATIO * size):
            raise MalformedError(
                f"declares {unpacked_size:,} bytes packed into {size:,}: no photographs"
            )
        yield from _variable(kind, Span(unpacked.take, unpacked_size))
        unpacked.end()


def refusal(head: bytes) -> str | None:
    """Return why a file with this header cannot be read, or None.

    >>> refusal(b"<!DOCTYPE html><html>")
    'is a web page, not data'
    """
    if not head:
        return "is empty"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "is a web page, not data"
    if head.startswith((b"\x89HDF", b"MATLAB 7.3")):
        return "is of version 7.3 (HDF5): save with -v7 in MATLAB, or by scipy.io.savemat"
    if not head.startswith(b"MATLAB 5.0"):
        return "is no MATLAB file"
    if len(head) < HEADER:
        return f"is truncated after {len(head)} bytes"
    if head[126:] == b"MI":
        return "is big-endian: save it again, on another machine"
    return None if head[124:] == b"\x00\x01IM" else "is of another version of MATLAB's files"


class Span:
    """The next `left` bytes of `read`: no more are given, and in the end none may be left."""

    def __init__(self, read: Callable[[int], bytes], left: int) -> None:
        self.read, self.left = read, left

    def take(self, n: int) -> bytes:
        """Return the next n bytes."""
        self.check(n)
        data = self.read(n)
        if len(data) < n:
            raise MalformedError("became shorter while it was read")
        self.left -= n
        return data

    def inner(self, n: int) -> "Span":
        """Return the next n bytes as a span of their own."""
        self.check(n)
        return Span(self.take, n)

    def end(self) -> None:
        """Refuse bytes that are left."""
        if self.left:
            raise MalformedError(f"has {self.left:,} bytes too many in a variable")

    def check(self, n: int) -> None:
        """Refuse to go on unless n bytes are left."""
        if n > self.left:
            raise MalformedError(
                f"is truncated: it declares {n:,} bytes where {self.left:,} are left"
            )


class Unpacked:
    """What a span packed by zlib holds, unpacked no further than it is asked for."""

    def __init__(self, packed: Span) -> None:
        self.packed, self.zlib = packed, zlib.decompressobj()

    def take(self, n: int) -> bytes:
        """Return the next n bytes."""
        data = bytearray()
        while len(data) < n:
            data += self._unpack(n - len(data))
            if self.zlib.eof and len(data) < n:
                raise MalformedError("holds fewer packed bytes than it declares")
        return bytes(data)

    def end(self) -> None:
        """Let zlib check its checksum, and refuse anything behind the last byte."""
        while not self.zlib.eof:
            if self._unpack(1):
                raise MalformedError("holds more packed bytes than it declares")
        if self.zlib.unused_data or self.packed.left:
            raise MalformedError("has bytes too many behind packed ones")

    def _unpack(self, most: int) -> bytes:
        """Return the next bytes, at most so many; none when there may be only the end left."""
        packed = self.zlib.unconsumed_tail or self.packed.take(min(PIECE, self.packed.left))
        try:
            data = self.zlib.decompress(packed, most)
        except zlib.error as error:
            raise MalformedError(f"is corrupt ({error})") from error
        if not (data or packed or self.zlib.eof):
            raise MalformedError("is truncated within packed bytes")
        return data


def _variable(kind: int, body: Span) -> Iterator[Variable]:
    """Yield the variable of an element, and check that all of it was used."""
    if kind != MATRIX:
        raise MalformedError(f"holds an element of type {kind} where a variable is expected")
    flags = int.from_bytes(_element(body, "flags", UINT32, 8)[:4], "little")
    dimensions = _element(body, "dimensions", INT32, 16)
    name = _element(body, "name", INT8, 63).decode("latin-1")
    if flags & sum(FLAGS):
        kinds = " and ".join(text for flag, text in FLAGS.items() if flags & flag)
        raise MalformedError(f"holds {name!r}, which is {kinds}")
    if len(dimensions) % 4:
        raise MalformedError(f"has {len(dimensions)} bytes of dimensions for {name!r}")
    shape = struct.unpack(f"<{len(dimensions) // 4}i", dimensions)
    number = flags & 0xFF
    dtype = CLASSES[number] if number < len(CLASSES) else f"class {number}"
    mat_type, size, padding = _tag(body)
    if size + padding > body.left:
        raise MalformedError(
            f"is truncated: {name!r} declares {size:,} bytes, {body.left:,} are left"
        )
    yield Variable(name, dtype, shape, mat_type, size, body)
    body.take(padding)
    body.end()


def _element(body: Span, what: str, kind: int, most: int) -> bytes:
    """Return the bytes of an element of a variable, of one type and not too many."""
    found, size, padding = _tag(body)
    if found != kind or size > most:
        raise MalformedError(f"has {size:,} bytes of type {found} as the {what} of a variable")
    data = body.take(size)
    body.take(padding)
    return data


def _tag(stream: Span | Unpacked) -> tuple[int, int, int]:
    """Return the type of an element, its number of bytes, and how many follow as padding."""
    (first,) = struct.unpack("<I", stream.take(4))
    if first >> 16:  # the bytes stand in the tag
        kind, size = first & 0xFFFF, first >> 16
        if size > 4:
            raise MalformedError(f"has {size} bytes in a place for 4")
        return kind, size, 4 - size
    (size,) = struct.unpack("<I", stream.take(4))
    return first, size, -size % 8
