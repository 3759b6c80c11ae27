"""Files are whole or absent, folders are never written into twice."""

import pytest

from experiments.errors import StorageError, UsageError
from experiments.run_folder import RunFolder, check_writable


def test_siblings(tmp_path):
    parent = tmp_path / "runs" / "digits"
    first = RunFolder(parent, "torch-mlp-seed0")
    first.write("a.txt", "first")
    second = RunFolder(parent, "torch-mlp-seed0")
    second.write("a.txt", "second")
    RunFolder(parent, "torch-mlp-seed0")
    assert sorted(p.name for p in parent.iterdir()) == [
        "torch-mlp-seed0",
        "torch-mlp-seed0.2",
        "torch-mlp-seed0.3",
    ]
    assert (parent / "torch-mlp-seed0" / "a.txt").read_text() == "first"
    assert (parent / "torch-mlp-seed0.2" / "a.txt").read_text() == "second"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    folder = RunFolder(tmp_path, "run")
    folder.write("a.txt", "old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space"):
        folder.write("a.txt", "new")
    assert [p.name for p in folder.path.iterdir()] == ["a.txt"]
    assert (folder.path / "a.txt").read_text() == "old"


def test_csv_keeps_all_digits(tmp_path):
    folder = RunFolder(tmp_path, "run")
    folder.write_csv("h.csv", ["epoch", "train_nll"], [[0, None], [1, 0.1 + 0.2]])
    assert (folder.path / "h.csv").read_text() == "epoch,train_nll\n0,\n1,0.30000000000000004\n"


def test_check_writable_leaves_nothing(tmp_path):
    check_writable(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="--out"):
        check_writable(tmp_path / "file" / "x")
