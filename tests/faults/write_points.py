"""The moments at which a process that writes files can be killed, or its disk can fail."""

import os
from contextlib import contextmanager
from pathlib import Path
from unittest import mock


class Halved:
    """A file whose every write is two: in between, the file is half written."""

    def __init__(self, file, point):
        self.file, self.point = file, point

    def write(self, content):
        half = len(content) // 2
        self.file.write(content[:half])
        self.file.flush()  # what a process has not handed over is lost with it
        self.point("write")
        return half + self.file.write(content[half:])

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        self.file.__enter__()
        return self

    def __exit__(self, *error):
        return self.file.__exit__(*error)


@contextmanager
def each_write_point(point):
    """Within it, call `point(what)` before and after whatever changes the disk, and in between.

    That is to open a new file, to write to it, to fsync, to rename and to remove; after each of
    them it is called with "after".
    """

    def around(what, function):
        def called(*args, **kwargs):
            point(what)
            result = function(*args, **kwargs)
            point("after")
            return result

        return called

    def opened(path, mode="r", *args, **kwargs):
        if mode != "xb":
            return usual_open(path, mode, *args, **kwargs)
        return Halved(around("open", usual_open)(path, mode, *args, **kwargs), point)

    usual_open = Path.open
    with (
        mock.patch.object(Path, "open", opened),
        mock.patch.object(Path, "replace", around("rename", Path.replace)),
        mock.patch.object(Path, "unlink", around("remove", Path.unlink)),
        mock.patch.object(os, "fsync", around("fsync", os.fsync)),
    ):
        yield
