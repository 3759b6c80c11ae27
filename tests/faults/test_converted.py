"""Faults 19 to 23: what is written beside the data, and what happens to the data meanwhile."""

import errno
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from experiments import atomic
from experiments.cli import main
from experiments.errors import DataError
from experiments.svhn import mat_file, store
from experiments.svhn.dataset import SVHN, Images

from ..svhn_files import digits, write_mat

ROOT = Path(__file__).parents[2]


def converted(folder):
    """The converted images."""
    return next(path for path in folder.glob("*train*.npy") if "labels" not in path.name)


@pytest.mark.fault(19)
def test_19_a_file_replaced_while_it_is_in_use(folder):
    """The run goes on with what it has checked, and can say so in the end."""
    data = SVHN(folder, "train", subset=True)
    before = data.data[:]
    assert not data.source.changed()
    write_mat(folder / "train_32x32.mat", *digits(12, seed=5))
    assert data.source.changed()
    new = SVHN(folder, "train", subset=True)  # another process converts the new one meanwhile
    assert new.source.md5 != data.source.md5
    np.testing.assert_array_equal(data.data[:], before)
    np.testing.assert_array_equal(new.data[:], digits(12, seed=5)[0])
    (folder / "train_32x32.mat").unlink()
    assert new.source.changed()


@pytest.mark.fault(19)
def test_19_a_file_replaced_while_it_is_converted(folder, refused, monkeypatch):
    real = mat_file.read
    train = folder / "train_32x32.mat"

    def read(*args):
        labels = real(*args)
        os.utime(train, ns=(1, 1))
        return labels

    monkeypatch.setattr(mat_file, "read", read)
    refused("data", "convert", folder, "--subset", says="was changed while it was read")
    assert not list(folder.rglob("*.npy"))


OPENED = []
sys.addaudithook(lambda event, args: OPENED.append(str(args[0])) if event == "open" else None)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A short run beside an extra file; meanwhile the train file is replaced."""
    folder = tmp_path_factory.mktemp("svhn")
    for seed, split in enumerate(("train", "extra", "test")):
        write_mat(folder / f"{split}_32x32.mat", *digits(20, seed))
    md5 = hashlib.md5((folder / "train_32x32.mat").read_bytes()).hexdigest()
    real = Images.__getitem__

    def take(self, indices):
        write_mat(folder / "train_32x32.mat", *digits(20, seed=5))
        return real(self, indices)

    argv = ["svhn", "--data", folder, "--subset", "--epochs", 1, "--threads", 1]
    argv += ["--model", "published", "--out", folder / "runs"]
    err = io.StringIO()
    OPENED.clear()
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(io.StringIO()),
        redirect_stderr(err),
    ):
        patch.setattr(Images, "__getitem__", take)
        assert main([str(word) for word in argv]) == 0
    texts = [path.read_text() for path in (folder / "runs").rglob("config.json")]
    return SimpleNamespace(
        folder=folder,
        md5=md5,
        err=err.getvalue(),
        opened=[*OPENED],
        texts=texts,
    )


@pytest.mark.fault(19)
def test_19_a_file_replaced_during_a_run(run):
    """The results name the md5 of the file as it was, and the end of the run says what happened."""
    assert re.search(rf"was changed during the run.*{run.md5}", run.err)
    assert all(run.md5 in text for text in run.texts)
    assert run.texts


@pytest.mark.fault(20)
def test_20_extra_is_not_opened(run):
    assert str(run.folder / "train_32x32.mat") in run.opened
    assert str(run.folder / "extra_32x32.mat") not in run.opened
    assert all('"extra": "not used"' in text for text in run.texts)


@pytest.mark.fault(21)
@pytest.mark.parametrize("how", ["mode", "occupied", "disk"])
def test_21_a_folder_that_cannot_be_written(how, folder, tmp_path, capsys, monkeypatch):
    """Root may write anywhere: it leaves a folder alone that is marked as read-only."""
    if how == "mode":
        folder.chmod(0o555)
    elif how == "occupied":
        (folder / "converted").write_text("mine")
    else:
        real = Path.mkdir

        def mkdir(self, *args, **kwargs):
            if self == folder / "converted":
                raise OSError(errno.EROFS, "Read-only file system")
            real(self, *args, **kwargs)

        monkeypatch.setattr(Path, "mkdir", mkdir)
    before = sorted(folder.iterdir())
    images, labels = digits(12, seed=1)
    for _ in range(2):  # the second time it is only read
        data = SVHN(folder, "train", subset=True)
        np.testing.assert_array_equal(data.data[:], images)
        np.testing.assert_array_equal(data.labels, labels)
        assert data.data.path.is_relative_to(tmp_path / "cache")
    assert sorted(folder.iterdir()) == before
    err = capsys.readouterr().err
    assert err.count(f"{folder / 'converted'} cannot be written") == 1
    folder.chmod(0o755)


@pytest.mark.fault(21)
def test_21_nothing_can_be_written(folder, refused, tmp_path):
    (folder / "converted").write_text("mine")
    (tmp_path / "cache").write_text("mine")
    refused("data", "convert", folder, "--subset", says="XDG_CACHE_HOME", status=2)


@pytest.mark.fault(21)
def test_21_arrays_in_a_folder_that_cannot_be_written_are_read(folder, tmp_path):
    first = SVHN(folder, "train", subset=True)
    (folder / "converted").chmod(0o555)
    folder.chmod(0o555)
    try:
        assert SVHN(folder, "train", subset=True).data.path == first.data.path
    finally:
        folder.chmod(0o755)
        (folder / "converted").chmod(0o755)
    assert not (tmp_path / "cache").exists()


def cut(home):
    content = converted(home).read_bytes()
    converted(home).write_bytes(content[:-1])


def of_another_file(home):
    write_mat(home.parent / "train_32x32.mat", *digits(12, seed=9))


def another_content(home):
    content = converted(home).read_bytes()
    converted(home).write_bytes(bytes(len(content)))


def no_labels(home):
    next(home.glob("*.labels.npy")).unlink()


def a_note_on_nothing(home):
    note = json.loads((home / "train_32x32.json").read_text())
    (home / "train_32x32.json").write_text(json.dumps(note | {"arrays": {}}))
    for path in home.glob("*.npy"):
        path.unlink()


def strange_note(home):
    (home / "train_32x32.json").write_text('["no", {"note"')


def other_note(home):
    (home / "train_32x32.json").write_text("[1, 2]")


def killed(home):
    (home / "train_32x32.json").unlink()
    (home / ".1234.tmp").write_bytes(b"half an array")


@pytest.mark.fault(22)
@pytest.mark.parametrize(
    "damage",
    [
        *(cut, of_another_file, another_content, no_labels, a_note_on_nothing),
        *(strange_note, other_note, killed),
    ],
)
def test_22_arrays_that_are_not_as_they_were_written(damage, folder, capsys):
    """The second time they are right, made again with a remark; the third time they are read."""
    SVHN(folder, "train", subset=True)
    home = folder / "converted"
    damage(home)
    capsys.readouterr()
    seed = 9 if damage is of_another_file else 1
    for _ in range(2):
        data = SVHN(folder, "train", subset=True)
        np.testing.assert_array_equal(data.data[:], digits(12, seed)[0])
        np.testing.assert_array_equal(data.labels, digits(12, seed)[1])
    remarked = damage not in (strange_note, other_note, killed)  # those say nothing
    assert capsys.readouterr().err.count("converted again") == remarked
    assert not list(home.glob(".*.tmp"))


@pytest.mark.fault(22)
def test_22_arrays_cut_while_they_are_in_use(folder):
    data = SVHN(folder, "train", subset=True)
    cut(folder / "converted")
    with pytest.raises(DataError, match="changed while it was in use"):
        data.data[np.arange(3)]


@pytest.mark.fault(53)
def test_a_full_disk_leaves_nothing(folder, refused, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    refused("data", "convert", folder, "--subset", says="No space left on device")
    assert not list((folder / "converted").glob("*.npy"))


@pytest.mark.fault(22)
def test_the_md5_is_computed_once(folder, monkeypatch):
    SVHN(folder, "train", subset=True)

    def digest(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr("hashlib.file_digest", digest)
    SVHN(folder, "train", subset=True)


@pytest.mark.fault(23)
def test_23_two_processes_at_a_time(folder):
    """Both wait at the same door, then one converts and the other reads what it made."""
    code = """if True:
        import sys
        from experiments.svhn import store
        from experiments.svhn.dataset import SVHN

        real = store._convert

        def convert(*args):
            print("converted")
            real(*args)

        store._convert = convert
        print("ready", flush=True)
        sys.stdin.readline()
        data = SVHN(sys.argv[1], "train", subset=True)
        print(data.data[:].sum(), data.labels.sum())
    """
    images, labels = digits(3000, seed=3)
    write_mat(folder / "train_32x32.mat", images, labels)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, folder],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    outs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert [out.splitlines()[-1] for out in outs] == [f"{images.sum()} {labels.sum()}"] * 2
    assert "".join(outs).count("converted") == 1


@pytest.mark.fault(23)
def test_23_the_second_process_is_told_and_waits(folder, capsys, monkeypatch):
    """Held by hand: the converter finds the arrays there when it gets in."""
    store._writable(store._folders(folder))
    inside, waiting = threading.Event(), threading.Event()
    monkeypatch.setattr(store.console, "note", lambda line: waiting.set())

    def first():
        with atomic.alone(folder / "converted", ""):
            inside.set()
            assert waiting.wait(60)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(60)
    data = SVHN(folder, "train", subset=True)
    thread.join()
    assert waiting.is_set()
    np.testing.assert_array_equal(data.labels, digits(12, seed=1)[1])
