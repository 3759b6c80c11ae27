"""save and load: arrays and plain containers, never code.

A file is a zip archive: ``structure.json`` says how dictionaries, lists, numbers and texts are
nested, and each tensor is one ``.npy`` array, so that NumPy alone can read it too:
``numpy.load(path)["0.weight"]``. Nothing in it is ever executed. (PyTorch's own files are Python
pickles, which are programs; they are refused.)
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from minigrad.device import device as Device
from minigrad.functions import from_numpy
from minigrad.tensor import Tensor

_STRUCTURE = "structure.json"
_FORMAT = "minigrad-1"


def save(obj: object, f: str | os.PathLike[str] | IO[bytes]) -> None:
    """Write tensors, and dictionaries and lists of tensors, numbers and texts, to a file.

    ``f`` is a path or an open binary file. A path is replaced only when all is written. Raises
    TypeError for a module or any other object: save its ``state_dict()``.

    >>> import io, minigrad
    >>> file = io.BytesIO()
    >>> save({"weight": minigrad.tensor([1.0, 2.0]), "epoch": 3}, file)
    >>> _ = file.seek(0)
    >>> load(file)
    {'weight': tensor([1., 2.]), 'epoch': 3}
    """
    arrays: dict[str, Any] = {}
    structure = {"format": _FORMAT, "root": _describe(obj, "", arrays)}
    if not isinstance(f, str | os.PathLike):
        _write(structure, arrays, f)
        return
    path = Path(f)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            _write(structure, arrays, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load(
    f: str | os.PathLike[str] | IO[bytes],
    map_location: Any = None,
    pickle_module: None = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
) -> Any:
    """Read what ``save`` wrote.

    Raises ValueError for any other file, a damaged one included, and FileNotFoundError for none.
    The arguments are PyTorch's; those that ask for code to be run, or for a device, are refused.
    """
    if pickle_module is not None or weights_only is False or mmap:
        raise NotImplementedError(
            "minigrad.load reads arrays alone: it has no pickle_module, weights_only=False or mmap"
        )
    if map_location is not None:
        Device(map_location)
    name = os.fspath(f) if isinstance(f, str | os.PathLike) else "the file"
    try:
        with zipfile.ZipFile(f) as archive:
            structure = json.loads(archive.read(_STRUCTURE))
            if structure["format"] != _FORMAT:
                raise ValueError(f"format {structure['format']!r}")
            return _rebuild(structure["root"], archive)
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(
            f"{name} is no file of minigrad.save ({type(error).__name__}: {error}). Only arrays "
            "are loaded, never pickled objects: save model.state_dict() and load that."
        ) from None


def _describe(obj: Any, path: str, arrays: dict[str, Any]) -> Any:
    """Return the structure as JSON, and put the arrays aside under their own names."""
    if isinstance(obj, Tensor):
        key = path or "tensor"
        while key in arrays:  # {"a/b": x, "a": {"b": y}}: the structure knows which is which
            key += "'"
        arrays[key] = obj._array
        return {"tensor": key}
    if isinstance(obj, Mapping):
        for key in obj:
            if not isinstance(key, str | int):
                raise TypeError(f"a key must be a text or an integer, not {key!r} (at {path!r})")
        join = f"{path}/" if path else ""
        items = [[key, _describe(value, f"{join}{key}", arrays)] for key, value in obj.items()]
        return {"dict": items, "ordered": isinstance(obj, OrderedDict)}
    if isinstance(obj, list | tuple):
        join = f"{path}/" if path else ""
        items = [_describe(value, f"{join}{k}", arrays) for k, value in enumerate(obj)]
        return {"tuple" if isinstance(obj, tuple) else "list": items}
    if obj is None or isinstance(obj, bool | int | float | str):
        return {"value": obj}
    where = f" at {path!r}" if path else ""
    raise TypeError(
        f"cannot save {type(obj).__name__}{where}: only tensors, numbers, texts, and dictionaries "
        "and lists of them. Of a module, save model.state_dict()."
    )


def _rebuild(node: dict[str, Any], archive: zipfile.ZipFile) -> Any:
    if "tensor" in node:
        raw = archive.read(f"{node['tensor']}.npy")  # checks the CRC-32
        return from_numpy(np.lib.format.read_array(io.BytesIO(raw), allow_pickle=False))
    if "dict" in node:
        kind: type[dict[Any, Any]] = OrderedDict if node["ordered"] else dict
        return kind((key, _rebuild(value, archive)) for key, value in node["dict"])
    if "tuple" in node:
        return tuple(_rebuild(value, archive) for value in node["tuple"])
    if "list" in node:
        return [_rebuild(value, archive) for value in node["list"]]
    return node["value"]


def _write(structure: dict[str, Any], arrays: dict[str, Any], file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_STRUCTURE, json.dumps(structure))
        for name, array in arrays.items():
            raw = io.BytesIO()
            np.lib.format.write_array(raw, np.array(array, order="C"), allow_pickle=False)
            archive.writestr(f"{name}.npy", raw.getvalue())
