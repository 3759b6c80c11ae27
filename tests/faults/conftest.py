"""The faults of data files: what `minigrad data` says of them, and that nothing good is changed."""

import hashlib

import pytest

from experiments.cli import main

from ..svhn_files import digits, write_mat


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with good files, and a cache of its own beside it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)  # where runs/ is made
    folder = tmp_path / "svhn"
    folder.mkdir()
    write_mat(folder / "train_32x32.mat", *digits(12, seed=1))
    write_mat(folder / "test_32x32.mat", *digits(11, seed=2))
    return folder


@pytest.fixture
def refused(folder, capsys):
    """Run a command: exit status 4, one line that says certain things, every file as it was."""

    def check(*argv, says=(), status=4):
        before = contents(folder)
        assert main([str(word) for word in argv]) == status
        err = capsys.readouterr().err
        (line,) = [line for line in err.splitlines() if line.startswith("minigrad:")]
        assert err.endswith(line + "\n")
        assert "Traceback" not in err
        for text in [says] if isinstance(says, str) else says:
            assert text in line
        assert {path: contents(folder)[path] for path in before} == before
        assert not list(folder.rglob("*.tmp"))

    return check


@pytest.fixture
def bad_train(folder, refused):
    """Put bytes into the train file: neither `check` nor `convert` takes them for a subset."""

    def check(content, *says):
        (folder / "train_32x32.mat").write_bytes(content)
        refused("data", "check", folder, says=("train_32x32.mat", *says))
        refused("data", "convert", folder, "--subset", says=("train_32x32.mat", *says))
        assert not list(folder.rglob("*.npy"))

    return check


def contents(folder):
    """Every regular file of a folder, as an md5 of what it holds."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {path: hashlib.md5(path.read_bytes()).hexdigest() for path in files}
