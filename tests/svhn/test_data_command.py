"""`minigrad data`, where nothing is wrong; what is wrong is in tests/faults."""

import pytest

from experiments.cli import main

from ..svhn_files import digits, write_mat


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    write_mat(folder / "train_32x32.mat", *digits(14, seed=1))
    write_mat(folder / "test_32x32.mat", *digits(11, seed=2))
    return folder


def run(*argv):
    return main(["data", *map(str, argv)])


def test_check_reads_and_writes_nothing(folder, capsys):
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert run("check", folder) == 0
    out, err = capsys.readouterr()
    train, extra, test, following = out.splitlines()
    histogram = "(0:2 1:2 2:2 3:2 4:1 5:1 6:1 7:1 8:1 9:1)"
    assert train.startswith("train_32x32.mat: a subset, no checksum known (md5 ")
    assert train.endswith(f"), 14 images {histogram}")
    assert extra == "extra_32x32.mat: missing"
    assert test.startswith("test_32x32.mat: a subset")
    assert following == f"next: minigrad data convert {folder} --subset"
    assert err == ""
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_one_split_alone(folder, capsys):
    assert run("check", folder, "--split", "test") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run("convert", folder, "--split", "test", "--subset") == 0
    assert {path.name[:5] for path in (folder / "converted").glob("*.npy")} == {"test_"}


def test_convert_what_there_is(folder, capsys):
    assert run("convert", folder, "--subset") == 0
    out, err = capsys.readouterr()
    train, test, following = out.splitlines()
    assert train.startswith("train_32x32.mat: 14 images (0:2")
    assert str(folder / "converted") in train
    assert test.startswith("test_32x32.mat: 11 images")
    assert following == f"next: minigrad svhn --data {folder} --subset"
    assert err == ""


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_show(suffix, magic, folder, tmp_path, capsys):
    picture = tmp_path / f"$x{suffix}"  # a $ would begin mathematics in a title
    assert run("show", folder, "--subset", "--split", "test", "--out", picture) == 0
    assert picture.read_bytes().startswith(magic)
    assert capsys.readouterr().out.splitlines() == [
        "a subset of test_32x32.mat: 11 images (0:2 1:1 2:1 3:1 4:1 5:1 6:1 7:1 8:1 9:1)",
        f"drawn in {picture}",
    ]


@pytest.mark.parametrize("out", ["a.jpg", "a", "nowhere/a.png"])
def test_show_where_it_cannot_be(out, folder, tmp_path, capsys):
    assert run("show", folder, "--subset", "--out", tmp_path / out) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "argv", [[], ["check"], ["nonsense", "."], ["check", ".", "--split", "val"]]
)
def test_bad_usage(argv, capsys):
    assert run(*argv) == 2
    assert capsys.readouterr().err.count("\n") == 1
