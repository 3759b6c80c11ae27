"""A file is there whole or not at all, whatever goes wrong meanwhile."""

import os

import pytest

from experiments import atomic
from experiments.errors import UsageError


@pytest.mark.parametrize("content", [b"\xff\x00", "ü\n"])
def test_bytes_and_text(content, tmp_path):
    path = tmp_path / "a"
    atomic.write(path, content)
    assert path.read_bytes() == (content if isinstance(content, bytes) else content.encode())
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_as_long_as_names_can_be(tmp_path):
    path = tmp_path / ("x" * 255)
    atomic.write(path, "whole")
    assert path.read_text() == "whole"


def test_it_may_be_read_by_whom_other_files_may(tmp_path):
    (tmp_path / "usual").write_text("")
    atomic.write(tmp_path / "ours", "")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("step", ["fsync", "rename", "interrupt", "bug"])
def test_what_was_there_stays_until_the_end(step, tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    if step == "rename":
        monkeypatch.setattr("pathlib.Path.replace", fail)

    def write():
        with atomic.replacing(path) as file:
            file.write(b"new")
            assert path.read_text() == "old"
            if step in ("interrupt", "bug"):
                raise {"interrupt": KeyboardInterrupt, "bug": ZeroDivisionError}[step]

    with pytest.raises((OSError, KeyboardInterrupt, ZeroDivisionError)):
        write()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    steps = []
    real_fsync, real_replace = os.fsync, type(tmp_path).replace
    monkeypatch.setattr(os, "fsync", lambda fd: (steps.append("fsync"), real_fsync(fd)))
    monkeypatch.setattr(
        "pathlib.Path.replace", lambda *a: (steps.append("replace"), real_replace(*a))
    )
    atomic.write(tmp_path / "a", "new")
    assert steps[:2] == ["fsync", "replace"]


def test_where_no_file_can_be(tmp_path):
    with pytest.raises(UsageError, match=r"nowhere.a cannot be written \(No such file"):
        atomic.write(tmp_path / "nowhere" / "a", "")
    with pytest.raises(UsageError, match="cannot be written"):
        atomic.write(tmp_path, "")


def test_alone(tmp_path):
    """A second one waits until the first is done; after that the folder is free again."""
    from filelock import FileLock, Timeout

    with atomic.alone(tmp_path, "busy"), pytest.raises(Timeout):
        FileLock(tmp_path / ".lock").acquire(timeout=0)
    with atomic.alone(tmp_path, "busy"):
        pass
