"""The strict reader: equal to scipy's where a file is good, a DataError wherever it is not."""

import io
import struct
import tracemalloc

import numpy as np
import pytest
import scipy.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.errors import DataError
from experiments.svhn import mat_elements, mat_file

from ..svhn_files import COMPRESSED, digits, mat, packed, write_mat, x_matrix, y_matrix


def read(path):
    out = io.BytesIO()
    labels = mat_file.read(path, out)
    return np.frombuffer(out.getvalue(), np.uint8).reshape(-1, 3, 32, 32), labels


@pytest.fixture(params=[True, False], ids=["packed", "plain"])
def compressed(request):
    return request.param


@pytest.mark.parametrize("order", ["Xy", "yX"])
@pytest.mark.parametrize("n", [1, 3, 4, 5, 128, 300])
def test_what_was_written_is_read(n, order, compressed, tmp_path):
    images, labels = digits(n, seed=n)
    path = write_mat(tmp_path / "a.mat", images, labels, compressed, order)
    got_images, got_labels = read(path)
    np.testing.assert_array_equal(got_images, images)
    np.testing.assert_array_equal(got_labels, labels)
    assert got_labels.dtype == np.int64


@pytest.mark.parametrize("oned_as", ["row", "column"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64"])
def test_scipy_writes_and_reads_the_same(oned_as, dtype, compressed, tmp_path):
    images, labels = digits(130, seed=1)
    x = images.transpose(2, 3, 1, 0)
    y = np.where(labels == 0, 10, labels).astype(dtype)
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"X": x, "y": y}, do_compression=compressed, oned_as=oned_as)
    got_images, got_labels = read(path)
    np.testing.assert_array_equal(got_images, images)
    np.testing.assert_array_equal(got_labels, labels)

    ours = write_mat(tmp_path / "b.mat", images, labels, compressed)
    theirs = scipy.io.loadmat(ours)
    np.testing.assert_array_equal(theirs["X"], x)
    np.testing.assert_array_equal(theirs["y"].ravel(), y)


def test_no_memory_for_many_images(compressed, tmp_path):
    images = np.zeros((5000, 3, 32, 32), np.uint8)
    path = write_mat(tmp_path / "a.mat", images, np.ones(5000, int), compressed)

    class Nowhere(io.RawIOBase):
        def write(self, data):
            return len(data)

    tracemalloc.start()
    try:
        mat_file.read(path, Nowhere())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20  # of 15 MB


def test_cut_at_any_length(compressed, tmp_path):
    path = write_mat(tmp_path / "a.mat", *digits(2), compressed)
    whole = path.read_bytes()
    # Where something begins or ends every length, within the pixels only some.
    lengths = {*range(400), *range(400, len(whole), 37), *range(len(whole) - 200, len(whole))}
    for length in lengths:
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"a\.mat .* is expected"):
            read(path)


@pytest.mark.parametrize("more", [b"\0", b"\0" * 8, b"x" * 8, b"x" * 100])
def test_anything_behind_the_end(more, compressed, tmp_path):
    path = write_mat(tmp_path / "a.mat", *digits(2), compressed)
    path.write_bytes(path.read_bytes() + more)
    with pytest.raises(DataError):
        read(path)


def test_a_cut_file_is_refused_before_an_image_is_written(compressed, tmp_path):
    path = write_mat(tmp_path / "a.mat", *digits(300), compressed, "yX")
    path.write_bytes(path.read_bytes()[:-1])
    out = io.BytesIO()
    with pytest.raises(DataError, match="truncated"):
        mat_file.read(path, out)
    assert out.getvalue() == b""


def test_a_variable_hidden_behind_packed_bytes(tmp_path, monkeypatch):
    """Also where the packed bytes end with the piece that is looked at."""
    images, labels = digits(2)
    x, y = packed(x_matrix(images)), packed(y_matrix(labels))
    path = tmp_path / "a.mat"
    path.write_bytes(mat(struct.pack("<II", COMPRESSED, len(x) - 8 + len(y)) + x[8:] + y))
    for piece in (1 << 16, len(x) - 8):
        monkeypatch.setattr(mat_elements, "PIECE", piece)
        with pytest.raises(DataError, match="behind packed ones"):
            read(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), whole=st.booleans())
def test_a_flipped_bit(place, bit, whole, compressed, tmp_path):
    """A DataError, or data; of a packed file the same data, for zlib has a checksum."""
    images, labels = digits(3)
    path = write_mat(tmp_path / "a.mat", images, labels, compressed)
    content = bytearray(path.read_bytes())
    # Half of the flips fall among the pixels, half among the tags before and behind them.
    at = int(place * len(content))
    if not whole and not compressed:
        at = int(place * 480) if place < 0.5 else len(content) - 1 - int((1 - place) * 200)
    content[at] ^= 1 << bit
    path.write_bytes(content)
    try:
        got_images, got_labels = read(path)
    except DataError:
        return
    assert got_images.shape == images.shape
    if compressed:
        np.testing.assert_array_equal(got_images, images)
        np.testing.assert_array_equal(got_labels, labels)
    else:
        assert (got_images != images).sum() + (got_labels != labels).sum() <= 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), place=st.integers(0, 80))
def test_any_bytes_in_the_variables(body, place, compressed, tmp_path):
    """Whatever replaces a piece of the tags, packed with a right checksum or not packed at all."""
    images, labels = digits(1)
    x, y = x_matrix(images), y_matrix(labels)
    x = x[:place] + body + x[place + len(body) :]
    path = tmp_path / "a.mat"
    path.write_bytes(mat(packed(x), packed(y)) if compressed else mat(x, y))
    try:
        got_images, _ = read(path)
    except DataError:
        return
    assert got_images.shape == images.shape


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400), header=st.booleans())
def test_any_bytes_at_all(content, header, tmp_path):
    path = tmp_path / "a.mat"
    path.write_bytes(mat(content) if header else content)
    with pytest.raises(DataError):
        read(path)
