"""SVHN means what torchvision's means, and never holds its images."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch
from torch.utils.data import DataLoader

from experiments.svhn.dataset import SVHN
from experiments.svhn.mat_file import read
from experiments.svhn.official import FILES

from ..svhn_files import digits, make_official, write_mat

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("MINIGRAD_SVHN", ROOT.parent / "shared" / "data" / "svhn_subset"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for seed, official in enumerate(FILES.values()):
        write_mat(tmp_path / official.name, *digits(20 + seed, seed))
    return tmp_path


@pytest.mark.parametrize("split", FILES)
def test_each_split_is_its_own_file(split, folder):
    seed = list(FILES).index(split)
    images, labels = digits(20 + seed, seed)
    data = SVHN(folder, split, subset=True)
    assert len(data) == len(data.data) == 20 + seed
    assert data.data.shape == (20 + seed, 3, 32, 32)
    assert data.data.dtype == np.uint8
    assert data.labels.dtype == np.int64
    np.testing.assert_array_equal(data.data[:], images)
    np.testing.assert_array_equal(data.labels, labels)
    assert (data.source.file, data.source.images) == (FILES[split].name, 20 + seed)


def test_no_other_split(folder):
    with pytest.raises(ValueError, match="train, extra, test, not 'val'"):
        SVHN(folder, "val")


def test_a_sample_as_torchvision_gives_it(folder):
    images, labels = digits(20, 0)
    data = SVHN(str(folder), "train", subset=True)
    image, label = data[7]
    assert (image.mode, image.size) == ("RGB", (32, 32))
    np.testing.assert_array_equal(np.asarray(image), images[7].transpose(1, 2, 0))  # rows are rows
    assert (type(label), label) == (int, labels[7])

    data = SVHN(folder, "train", np.asarray, lambda label: label + 100, subset=True)
    image, label = data[-1]
    assert (image.shape, label) == ((32, 32, 3), labels[-1] + 100)
    with pytest.raises(IndexError):
        data[20]


@pytest.mark.parametrize(
    "indices",
    [
        3,
        -1,
        slice(None),
        slice(2, 15, 3),
        [4, 0, 4],
        np.array([19, 0, 7]),
        np.arange(20) > 11,
        np.arange(0),
    ],
    ids=str,
)
def test_what_is_indexed_is_a_copy(indices, folder):
    images, _ = digits(20, 0)
    data = SVHN(folder, "train", subset=True).data
    taken = data[indices]
    np.testing.assert_array_equal(taken, images[indices])
    assert type(taken) is np.ndarray
    taken[...] = 0
    np.testing.assert_array_equal(data[:], images)


def test_a_loader_of_pytorch_takes_it(folder):
    data = SVHN(folder, "train", lambda image: np.asarray(image, np.float32), subset=True)
    data = pickle.loads(pickle.dumps(data.data)), DataLoader(data, batch_size=8)
    batches = list(data[1])
    assert [len(y) for _, y in batches] == [8, 8, 4]
    assert batches[0][0].dtype == torch.float32
    np.testing.assert_array_equal(data[0][:], digits(20, 0)[0])  # as a worker would get it


def test_the_official_file_is_official_with_subset_too(folder, monkeypatch):
    official = make_official(monkeypatch, folder / "train_32x32.mat", "train")
    for subset in (True, False):
        source = SVHN(folder, "train", subset=subset).source
        assert source.official
        assert (source.bytes, source.md5) == (official.bytes, official.md5)


MEASURE = """if True:
    import pathlib, re, sys
    import numpy as np
    from experiments.svhn.dataset import Images

    def peak():  # MB
        status = pathlib.Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\\s*(\\d+)", status)[1]) / 1024

    n = int(sys.argv[2])
    images = Images(pathlib.Path(sys.argv[1]), n)
    order = np.random.default_rng(0).permutation(n)
    images[order[:256]]
    before = peak()
    for start in range(0, n, 256):
        images[order[start : start + 256]]
    print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("n", [40_000, pytest.param(604_388, marks=pytest.mark.long)])
def test_an_epoch_takes_no_memory(n, tmp_path):
    """By the peak of the process's resident memory, over a sparse file of n images."""
    path = tmp_path / "images.npy"
    with path.open("wb") as file:
        file.truncate(128 + n * 3072)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, path, str(n)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < 60  # 123 MB, or 1857


@pytest.mark.skipif(not REAL.is_dir(), reason="the real subset is not here")
@pytest.mark.parametrize(("split", "n"), [("train", 4434), ("test", 6420)])
def test_the_real_subset(split, n, tmp_path):
    path = REAL / FILES[split].name
    with (tmp_path / "images").open("wb") as file:
        labels = read(path, file)
    images = np.fromfile(tmp_path / "images", np.uint8).reshape(n, 3, 32, 32)
    theirs = scipy.io.loadmat(path)
    np.testing.assert_array_equal(images, theirs["X"].transpose(3, 2, 0, 1))
    np.testing.assert_array_equal(labels, theirs["y"].ravel() % 10)
