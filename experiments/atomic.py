"""Files that are there whole, or not at all."""

import os
from pathlib import Path

from experiments.errors import UsageError


def write(path: Path, content: str) -> None:
    """Write a file under another name, then rename it. A device is written to directly."""
    try:
        if path.exists() and not path.is_file():
            path.write_text(content, encoding="utf-8")
            return
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); name another") from error
