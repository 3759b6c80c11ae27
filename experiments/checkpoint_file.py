"""A checkpoint as a file: data alone, whole or refused.

The file is a magic line, the version of the format, the payload's length, the SHA-256 of all the
rest, and the payload: what `minigrad.save` writes, JSON and arrays in a zip archive. There is no
code in it that could be run, and no bit of it that could change unnoticed: `torch.load` checks no
checksum, and loads most files in which a bit has flipped.
"""

import hashlib
import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import minigrad
from experiments import atomic
from experiments.errors import CheckpointError, NewerFormatError

MAGIC = b"minigrad checkpoint\n"
VERSION = 1
BEGINNING = struct.Struct(f"<{len(MAGIC)}sIQ")  # the magic line, version, length of the payload
DIGEST = hashlib.sha256().digest_size


def write(path: Path, content: dict[str, Any], before: Callable[[], None] | None = None) -> None:
    """Write a checkpoint: what is made of dicts, lists, tuples, numbers, texts and arrays.

    Raises StorageError, with what was there untouched, if the disk is full.
    """
    file = io.BytesIO()
    minigrad.save(_with(minigrad.from_numpy, content), file)
    payload = file.getvalue()
    beginning = BEGINNING.pack(MAGIC, VERSION, len(payload))
    atomic.write(path, beginning + _digest(beginning, payload) + payload, before)


def read(path: Path) -> dict[str, Any]:
    """Read a checkpoint; raise CheckpointError for what is not, to the bit, what was written."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror}") from error
    if not raw.startswith(MAGIC):
        raise CheckpointError(f"{path} is no checkpoint of minigrad{_what_it_is(raw)}")
    start = BEGINNING.size + DIGEST
    beginning, digest, payload = raw[: BEGINNING.size], raw[BEGINNING.size : start], raw[start:]
    if len(raw) < start:
        raise CheckpointError(f"{path} is cut: it has {len(raw)} bytes")
    _, version, length = BEGINNING.unpack(beginning)
    if len(payload) < length:
        raise CheckpointError(f"{path} is cut: it has {len(raw)} bytes of {start + length}")
    if _digest(beginning, payload) != digest:
        raise CheckpointError(f"{path} was changed: its SHA-256 is not the one it was written with")
    if version > VERSION:
        raise NewerFormatError(
            f"{path} has format {version}, newer than this minigrad's {VERSION}: "
            "type pip install --upgrade minigrad-teaching"
        )
    try:
        content = _with(lambda tensor: tensor.numpy(), minigrad.load(io.BytesIO(payload)))
    except ValueError as error:
        raise CheckpointError(f"{path} holds something else than a checkpoint: {error}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} holds something else than a checkpoint")
    return content


def _digest(beginning: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(beginning + payload).digest()


def _with(change: Callable[[Any], Any], node: Any) -> Any:
    """Return plain containers with their arrays, or tensors, changed."""
    if isinstance(node, dict):
        return {key: _with(change, value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return type(node)(_with(change, value) for value in node)
    return change(node) if hasattr(node, "dtype") else node


def _what_it_is(raw: bytes) -> str:
    """Say what a file may be that is no checkpoint."""
    if raw.startswith((b"PK", b"\x80")):  # a zip archive, as of torch.save, or a bare pickle
        return (
            ": it looks like a file of torch.save or pickle, which may hold programs and is not "
            "opened. In the notebook that made it, save model.state_dict() as safetensors"
        )
    return ""
