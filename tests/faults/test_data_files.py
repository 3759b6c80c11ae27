"""Faults 1 to 4, 11 to 13 and 18: a file that is not the one its name says."""

import os
import zlib

import numpy as np
import pytest

from experiments.cli import main
from experiments.svhn.official import FILES

from ..svhn_files import HEADER, digits, make_official, write_mat


@pytest.mark.fault(1)
@pytest.mark.parametrize("command", ["data check", "data convert", "data show", "svhn --data"])
def test_1_a_missing_file(command, refused, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    official = FILES["train"]
    says = (official.name, f"{official.bytes:,}", official.md5, str(empty), "--download")
    refused(*command.split(), empty, says=says)
    assert list(empty.iterdir()) == []


@pytest.mark.fault(1)
def test_1_a_missing_folder(refused, tmp_path):
    refused("data", "check", tmp_path / "nowhere", says="no folder")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.fault(1)
def test_1_a_folder_that_is_a_file(refused, folder):
    refused("data", "check", folder / "test_32x32.mat", says="test_32x32.mat")


@pytest.mark.fault(2)
def test_2_cut_behind_the_header(bad_train, folder, refused):
    """SciPy reads a header alone as a good file of no variables."""
    train = folder / "train_32x32.mat"
    head = train.read_bytes()[:128]
    bad_train(head, "truncated")
    refused("svhn", "--data", folder, "--subset", says="truncated")
    official = FILES["train"]
    refused("data", "convert", folder, says=("128 bytes", f"{official.bytes:,}", "--subset"))


@pytest.mark.fault(3)
@pytest.mark.parametrize("share", [0.01, 0.5, 1])
def test_3_a_cut_official_file(share, folder, refused, monkeypatch):
    train = folder / "train_32x32.mat"
    official = make_official(monkeypatch, train, "train")
    whole = train.read_bytes()
    train.write_bytes(whole[: min(int(share * len(whole)), len(whole) - 1)])
    says = (f"{train.stat().st_size:,} bytes", f"{official.bytes:,} bytes", official.md5)

    def unpack(*_):
        raise AssertionError("unpacked")

    monkeypatch.setattr(zlib, "decompressobj", unpack)
    refused("data", "convert", folder, says=says)


@pytest.mark.fault(4)
def test_4_a_flipped_bit_of_the_official_file(folder, refused, monkeypatch):
    train = folder / "train_32x32.mat"
    official = make_official(monkeypatch, train, "train")
    assert main(["data", "convert", str(folder), "--split", "train"]) == 0  # it is remembered
    content = bytearray(train.read_bytes())
    content[len(content) // 2] ^= 1
    train.write_bytes(content)
    for options in (["check"], ["convert"], ["convert", "--subset"]):  # a subset has another size
        refused("data", *options, folder, "--split", "train", says=("damaged", official.md5))


@pytest.mark.fault(4)
def test_4_a_flipped_bit_of_a_subset(bad_train, folder):
    content = bytearray((folder / "train_32x32.mat").read_bytes())
    content[len(content) // 2] ^= 1
    bad_train(content, "corrupt")


@pytest.mark.fault(11)
def test_11_version_7_3(bad_train):
    header = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM"
    bad_train(header.ljust(512, b"\0") + b"\x89HDF\r\n\x1a\n", "-v7")
    bad_train(b"\x89HDF\r\n\x1a\n" + b"\0" * 1000, "-v7")


@pytest.mark.fault(12)
@pytest.mark.parametrize(
    "page",
    [b"<!DOCTYPE html><html>Please log in</html>", b"\r\n <HTML><body>", b"\xef\xbb\xbf<html>"],
)
def test_12_a_web_page(page, bad_train):
    bad_train(page * 10, "is a web page")


@pytest.mark.fault(13)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\0" * 10_000, "is no MATLAB file"),
        (np.random.default_rng(0).bytes(10_000), "is no MATLAB file"),
        (b"PK\x03\x04" + b"\0" * 1000, "is no MATLAB file"),
        (HEADER[:100], "truncated after 100 bytes"),
        (HEADER[:124] + b"\x01\x00MI", "big-endian"),
    ],
    ids=["empty", "zeros", "random", "zip", "half a header", "big-endian"],
)
def test_13_other_contents(content, says, bad_train):
    bad_train(content, says)


@pytest.mark.fault(13)
@pytest.mark.parametrize("kind", ["directory", "pipe", "loop"])
def test_13_other_things_than_files(kind, folder, refused):
    """A pipe is not waited for: it is looked at before it is opened."""
    train = folder / "train_32x32.mat"
    train.unlink()
    if kind == "directory":
        train.mkdir()
    elif kind == "pipe":
        os.mkfifo(train)
    else:
        train.symlink_to(train)
    for argv in (
        ["data", "check"],
        ["data", "convert", "--subset"],
        ["svhn", "--subset", "--data"],
    ):
        refused(*argv, folder, says="train_32x32.mat")


@pytest.mark.fault(18)
def test_18_train_and_test_swapped(folder, refused, monkeypatch):
    """Of official files; those of a subset have nothing by which they could be known."""
    train, test = folder / "train_32x32.mat", folder / "test_32x32.mat"
    make_official(monkeypatch, train, "train")
    make_official(monkeypatch, test, "test")
    train.rename(folder / "x")
    test.rename(train)
    (folder / "x").rename(test)
    says = "is the official test_32x32.mat under another name"
    refused("data", "check", folder, says=(says, "is the official train_32x32.mat"))
    refused("data", "convert", folder, says=says)
    refused("data", "convert", folder, "--subset", says=says)


@pytest.mark.fault(1)
def test_an_official_file_needs_no_option(folder, capsys, monkeypatch):
    make_official(monkeypatch, folder / "train_32x32.mat", "train")
    make_official(monkeypatch, folder / "test_32x32.mat", "test")
    assert main(["data", "check", str(folder)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("train_32x32.mat: official, 12 images (0:2 1:2 2:1 ")
    assert out[1] == "extra_32x32.mat: missing"
    assert out[2].startswith("test_32x32.mat: official, 11 images (0:2 1:1 ")
    assert out[3] == f"next: minigrad data convert {folder}"
    assert main(["data", "convert", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"next: minigrad svhn --data {folder}"


@pytest.mark.fault(13)
def test_one_bad_file_does_not_hide_the_others(folder, capsys):
    write_mat(folder / "extra_32x32.mat", *digits(3))
    (folder / "train_32x32.mat").write_bytes(b"")
    assert main(["data", "check", str(folder)]) == 4
    out, err = capsys.readouterr()
    assert [line.split(",")[0] for line in out.splitlines()] == [
        "train_32x32.mat: broken",
        "extra_32x32.mat: a subset",
        "test_32x32.mat: a subset",
    ]
    assert err.count("\n") == 1
