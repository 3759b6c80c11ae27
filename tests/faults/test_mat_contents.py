"""Faults 5 to 10 and 14 to 17: a file of the format that holds something else."""

import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest

from experiments.cli import main
from experiments.svhn.dataset import SVHN

from ..svhn_files import (
    COMPRESSED,
    HEADER,
    INT8,
    INT32,
    INT32_CLASS,
    MATRIX,
    UINT8_CLASS,
    UINT32,
    digits,
    element,
    mat,
    matrix,
    packed,
    write_mat,
    x_matrix,
    y_matrix,
)

ROOT = Path(__file__).parents[2]
IMAGES, LABELS = digits(12)
X, Y = x_matrix(IMAGES), y_matrix(LABELS)
PIXELS = IMAGES.tobytes()
FLAGS = element(UINT32, struct.pack("<II", UINT8_CLASS, 0))


@pytest.fixture
def no_memory(bad_train):
    """What a file declares is not reserved."""

    def check(content, *says):
        tracemalloc.start()
        try:
            bad_train(content, *says)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < (8 << 20) + 3 * len(content)

    return check


@pytest.mark.fault(5)
def test_5_a_flipped_bit_of_an_own_file(folder, capsys):
    """Nothing can know of it: the run says "subset", and names the md5 of the file it read."""
    train = write_mat(folder / "train_32x32.mat", IMAGES, LABELS, compressed=False)
    content = bytearray(train.read_bytes())
    content[5000] ^= 1
    train.write_bytes(content)
    assert main(["data", "check", str(folder)]) == 0
    assert "a subset, no checksum known (md5 " in capsys.readouterr().out
    data = SVHN(folder, "train", subset=True)
    assert not data.source.official
    assert (data.data[:] != IMAGES).sum() == 1


@pytest.mark.fault(6)
@pytest.mark.parametrize("pack", [packed, bytes])
@pytest.mark.parametrize("mat_type", [0, 1, 8, 9, 14, 15, 200, 65_535])
def test_6_data_of_another_type(mat_type, pack, bad_train):
    """Types 8 and 200 crash SciPy, and the interpreter with it."""
    x = matrix("X", (32, 32, 3, 12), PIXELS, mat_type=mat_type)
    bad_train(mat(pack(x), pack(Y)), f"type {mat_type}", "X")


@pytest.mark.fault(6)
@pytest.mark.parametrize("mat_type", [0, 8, 200])
def test_6_labels_of_another_type(mat_type, bad_train):
    bad_train(mat(X, matrix("y", (12, 1), bytes(range(12)), mat_type=mat_type)), "y (12, 1)")


@pytest.mark.fault(7)
@pytest.mark.parametrize("shape", [(32, 32, -3, -12), (32, 32, 3, -12), (-32, -32, 3, 12)])
def test_7_negative_dimensions(shape, bad_train):
    """SciPy takes -1 for "as many as there are"."""
    bad_train(mat(packed(matrix("X", shape, PIXELS)), packed(Y)), "X uint8", str(shape))
    bad_train(mat(X, y_matrix(LABELS, (-12, -1))), "y uint8 (-12, -1)")


@pytest.mark.fault(8)
@pytest.mark.parametrize(
    "shape", [(2**31 - 1,) * 4, (65_536, 65_536, 65_536, 65_536), (32, 32, 3, 2**31 - 1)]
)
def test_8_dimensions_whose_product_overflows(shape, no_memory):
    no_memory(mat(packed(matrix("X", shape, PIXELS)), packed(Y)))
    no_memory(mat(Y, matrix("X", shape, PIXELS)))


@pytest.mark.fault(9)
def test_9_many_images_declared_and_few_there(no_memory):
    n = 900_000
    little = PIXELS[:3072]
    shape = (32, 32, 3, n)
    # Only the dimensions say so; the data's tag, too; the variable's tag, too; the packed bytes.
    lies = [
        matrix("X", shape, little),
        matrix("X", shape, little, size=n * 3072),
        matrix("X", shape, little, size=n * 3072, declared=n * 3072 + 64),
    ]
    for lie in lies:
        no_memory(mat(lie, Y))
        no_memory(mat(packed(lie), packed(Y)))
    no_memory(mat(struct.pack("<II", COMPRESSED, 2**32 - 1) + packed(X)[8:]), "truncated")
    no_memory(mat(matrix("X", (32, 32, 3, 2_000_000), little)), "2,000,000 images")


@pytest.fixture(scope="module")
def bomb():
    """Files of 256 MB of zeros packed into 1 MB: declared, and behind a variable that is right."""
    packers = zlib.compressobj(1), zlib.compressobj(1)
    heads = struct.pack("<II", MATRIX, 256 << 20), X
    streams = [packer.compress(head) for packer, head in zip(packers, heads, strict=True)]
    for i, packer in enumerate(packers):
        streams[i] += b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    return [mat(struct.pack("<II", COMPRESSED, len(stream)) + stream) for stream in streams]


@pytest.mark.fault(10)
def test_10_a_bomb(bomb, bad_train):
    bad_train(bomb[0], "no photographs")
    bad_train(bomb[1], "more packed bytes")


@pytest.mark.fault(10)
@pytest.mark.parametrize("which", [0, 1])
def test_10_a_bomb_takes_no_memory(which, bomb, folder):
    """By the process's own peak of resident memory."""
    path = folder / "train_32x32.mat"
    path.write_bytes(bomb[which])
    code = """if True:
        import io, pathlib, re, sys
        from experiments.errors import DataError
        from experiments.svhn.mat_file import read

        def peak():  # MB
            status = pathlib.Path("/proc/self/status").read_text()
            return int(re.search(r"VmHWM:\\s*(\\d+)", status)[1]) / 1024

        before = peak()
        try:
            read(pathlib.Path(sys.argv[1]), io.BytesIO())
        except DataError:
            print(peak() - before)
    """
    done = subprocess.run(
        [sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 50


@pytest.mark.fault(14)
@pytest.mark.parametrize(
    ("x", "says"),
    [
        (matrix("X", (32, 32, 3, 12), PIXELS * 8, 6, 9), "X double (32, 32, 3, 12)"),
        (matrix("X", (32, 32, 3, 12), PIXELS, 6), "X double"),  # stored in bytes, still double
        (matrix("X", (32, 32, 3, 12), PIXELS * 2, 11, 4), "X uint16"),
        (matrix("X", (32, 32, 3, 12), PIXELS, 8, 1), "X int8"),
        (matrix("X", (12, 32, 32, 3), PIXELS), "X uint8 (12, 32, 32, 3)"),
        (matrix("X", (12, 3, 32, 32), PIXELS), "X uint8 (12, 3, 32, 32)"),
        (matrix("X", (32, 32, 1, 36), PIXELS), "X uint8 (32, 32, 1, 36)"),
        (matrix("X", (32, 32, 36), PIXELS), "X uint8 (32, 32, 36)"),
        (matrix("X", (32, 32, 3), PIXELS[:3072]), "X uint8 (32, 32, 3)"),
        (matrix("X", (32, 32, 3, 0), b""), "X uint8 (32, 32, 3, 0)"),
        (matrix("X", (32, 32, 3, 12, 1), PIXELS), "20 bytes of type 5 as the dimensions"),
        (matrix("X", (32, 32, 3, 12), PIXELS, flags=0x800), "complex"),
        (matrix("X", (32, 32, 3, 12), PIXELS, flags=0x200), "logical"),
        (matrix("x", (32, 32, 3, 12), PIXELS), "a variable 'x'"),
        (matrix("__class__", (32, 32, 3, 12), PIXELS), "a variable '__class__'"),
        (matrix("X" * 64, (32, 32, 3, 12), PIXELS), "64 bytes of type 1 as the name"),
        (matrix("X", (32, 32, 3, 12), PIXELS + b"\0"), "36,865 bytes"),
        (matrix("X", (32, 32, 3, 11), PIXELS), "X (32, 32, 3, 11)"),
        (element(MATRIX, X[8:] + bytes(8)), "8 bytes too many"),
        (element(MATRIX, FLAGS + element(INT32, b"abc") + element(INT8, b"X")), "3 bytes of dim"),
        (element(MATRIX, FLAGS), "truncated"),
        (element(MATRIX, b""), "truncated"),
        (element(INT8, b"nothing at all"), "element of type 1"),
        (struct.pack("<HH", MATRIX, 8) + X, "8 bytes in a place for 4"),
    ],
)
def test_14_another_x(x, says, bad_train):
    bad_train(mat(x, Y), says, "X uint8 (32, 32, 3, N)")
    bad_train(mat(packed(x), packed(Y)), says, "X uint8 (32, 32, 3, N)")


@pytest.mark.fault(14)
def test_14_packed_twice(bad_train):
    bad_train(mat(packed(packed(X)), packed(Y)), "element of type 15")


@pytest.mark.fault(15)
@pytest.mark.parametrize("n", [1, 11, 13])
def test_15_another_number_of_labels(n, bad_train):
    y = matrix("y", (n, 1), bytes([1] * n))
    bad_train(mat(X, y), "12 images", f"{n} labels")
    bad_train(mat(y, X), "12 images", f"{n} labels")


@pytest.mark.fault(15)
@pytest.mark.parametrize("shape", [(3, 4), (12, 1, 1), (1, 1, 12), (12, 2), (12,), (0, 1)])
def test_15_labels_of_another_shape(shape, bad_train):
    bad_train(mat(X, y_matrix(LABELS, shape)), f"y uint8 {shape}")


@pytest.mark.fault(15)
@pytest.mark.parametrize("shape", [(12, 1), (1, 12)])
def test_15_a_row_of_labels_is_as_good_as_a_column(shape, folder):
    """A MATLAB file has no arrays of one dimension: SciPy writes (N,) as one of these."""
    (folder / "train_32x32.mat").write_bytes(mat(X, y_matrix(LABELS, shape)))
    np.testing.assert_array_equal(SVHN(folder, "train", subset=True).labels, LABELS)


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("labels", "dtype", "classes", "says"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10], "u1", (9, 2), "0: 1"),
        ([1] * 10 + [11, 11], "u1", (9, 2), "11: 2"),
        ([1] * 10 + [255, 255], "u1", (9, 2), "255: 2"),
        ([1] * 10 + [-1, -100], "<i4", (INT32_CLASS, 5), "-100: 1"),
        ([1] * 10 + [2**40, 1], "<i8", (14, 12), f"{2**40}: 1"),
    ],
)
def test_16_other_labels(labels, dtype, classes, says, bad_train):
    """With 0 and 10 in one file, either might be the digit zero. Zeros alone are digits zero."""
    y = matrix("y", (12, 1), np.array(labels, dtype).tobytes(), *classes)
    bad_train(mat(X, y), says, "labels")


@pytest.mark.fault(16)
def test_16_labels_that_are_no_integers(bad_train):
    y = matrix("y", (12, 1), np.ones(12).tobytes(), 6, 9)
    bad_train(mat(X, y), "y double (12, 1)")


@pytest.mark.fault(16)
def test_16_many_other_labels_are_one_line(bad_train):
    images = np.zeros((300, 3, 32, 32), np.uint8)
    y = matrix("y", (300, 1), np.arange(300, dtype="<i4").tobytes(), INT32_CLASS, INT32)
    bad_train(mat(x_matrix(images), y), "11: 1")


@pytest.mark.fault(17)
@pytest.mark.parametrize("variables", [(X, X, Y), (X, Y, X), (X, Y, Y)])
def test_17_a_variable_twice(variables, bad_train):
    """SciPy takes the last."""
    bad_train(mat(*variables), "twice")
    bad_train(mat(*[packed(one) for one in variables]), "twice")


@pytest.mark.fault(14)
def test_a_variable_missing(bad_train):
    bad_train(mat(X), "holds X and no more")
    bad_train(mat(packed(Y)), "holds y and no more")
    bad_train(HEADER, "holds no variable and no more")
