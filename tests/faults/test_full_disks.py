"""A disk that is full, or fails, at any moment: nothing good is lost (faults 53, 54)."""

import errno
import os
import resource
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from experiments import atomic, checkpoint_file
from experiments.backend import NAMES
from experiments.checkpoint import Checkpoints
from experiments.errors import StorageError
from tests.faults.small_runs import outcome, resume, start, status_of
from tests.faults.write_points import each_write_point


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return {name: outcome(start(name, tmp_path_factory.mktemp(name))) for name in NAMES}


def is_sound(folder):
    """Whether every checkpoint there is is whole, and no file is left half written."""
    for path in folder.glob("*.ckpt"):
        checkpoint_file.read(path)
    return not [p.name for p in folder.iterdir() if p.name.endswith(".tmp")]


@pytest.mark.fault(54)
@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize(
    "every", [19, pytest.param(1, marks=pytest.mark.long)], ids=["some", "all"]
)
def test_a_disk_that_fails_at_the_nth_moment(backend, every, tmp_path, whole, capsys):
    """The n-th operation fails, for n = 1, 2, 3, ... until none does; then there is room again.

    Of a write that is interrupted or short, Python itself writes the rest.
    """
    fails = ("open", "write", "fsync", "rename")
    failed = 0
    for n in count(1, every):
        numbers = count(1)
        code = (errno.ENOSPC, errno.EIO, errno.EDQUOT)[n % 3]

        def point(what, n=n, numbers=numbers, code=code):
            if what in fails and next(numbers) >= n:  # from now on, for a full disk stays full
                raise OSError(code, os.strerror(code))

        with each_write_point(point):
            status = status_of(lambda n=n: start(backend, tmp_path / str(n)))
        if status == 0:
            break
        assert status == 4
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        assert f"could not be written ({os.strerror(code)})" in err
        assert "make room on the disk" in err
        folder = tmp_path / str(n) / f"{backend}-mlp-seed3"
        assert is_sound(folder)
        failed += 1
        if list(folder.glob("*.ckpt")):
            assert resume(folder) == 0
            assert outcome(folder) == whole[backend]
            capsys.readouterr()
    assert failed > 75 / every


@contextmanager
def largest_file(size):
    """Let no file grow beyond a size, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.fault(53)
@pytest.mark.parametrize("backend", NAMES)
def test_a_real_limit_met_in_the_midst_of_training(backend, tmp_path, whole, capsys, monkeypatch):
    folder = tmp_path / f"{backend}-mlp-seed3"
    usual = Checkpoints.__call__
    before = {}

    def third_step(checkpoints, state):
        if (state.epoch, state.step) == (1, 3):
            before.update({p.name: p.read_bytes() for p in folder.glob("*.ckpt")})
            with largest_file(100_000):  # bytes; a checkpoint has 400,000
                usual(checkpoints, state)
        usual(checkpoints, state)

    monkeypatch.setattr(Checkpoints, "__call__", third_step)
    assert status_of(lambda: start(backend, tmp_path)) == 4
    err = capsys.readouterr().err
    assert "last.ckpt could not be written (File too large)" in err
    assert {p.name: p.read_bytes() for p in folder.glob("*.ckpt")} == before
    assert len(before) == 2
    assert is_sound(folder)
    monkeypatch.undo()
    assert resume(folder) == 0
    assert outcome(folder) == whole[backend]


@pytest.mark.fault(53)
def test_a_device_that_is_full():
    with pytest.raises(StorageError, match="No space left on device"):
        atomic.write(Path("/dev/full"), b"content")
