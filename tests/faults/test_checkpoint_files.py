"""Damaged, hostile, foreign, old and new checkpoints (faults 46, 47, 48, 50, 52, 57)."""

import hashlib
import pickle
import random
from pathlib import Path

import numpy as np
import pytest
import torch

from experiments import checkpoint_file
from experiments.backend import NAMES
from experiments.checkpoint_file import BEGINNING, MAGIC, VERSION
from experiments.errors import CheckpointError, StorageError
from tests.faults.small_runs import copied, outcome, resume, start

LEGACY = Path(__file__).parent / "legacy"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs that were killed before their results were written, and what they would have given."""
    parent = tmp_path_factory.mktemp("runs")
    folders, outcomes = {}, {}
    for name in NAMES:
        folders[name] = start(name, parent)
        outcomes[name] = outcome(folders[name])
        (folders[name] / "result.json").unlink()
    return folders, outcomes


@pytest.fixture
def run(runs, tmp_path):
    return copied(runs[0]["minigrad"], tmp_path / "run")


def sealed(payload, version=VERSION):
    """A file with a right header and checksum, whatever it holds."""
    beginning = BEGINNING.pack(MAGIC, version, len(payload))
    return beginning + hashlib.sha256(beginning + payload).digest() + payload


def contents(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != ".lock"}


@pytest.mark.fault(47)
def test_400_flipped_bits_are_found(run):
    path = run / "last.ckpt"
    good = path.read_bytes()
    rng = random.Random(0)
    header = 8 * (BEGINNING.size + 32)
    bits = rng.sample(range(header), 100) + rng.sample(range(header, 8 * len(good)), 300)
    found = 0
    for bit in bits:
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bad)
        with pytest.raises(CheckpointError):
            checkpoint_file.read(path)
        found += 1
    assert found == 400
    path.write_bytes(good)
    assert checkpoint_file.read(path)["state"]["epoch"] == 3


@pytest.mark.fault(46)
@pytest.mark.parametrize("backend", NAMES)
def test_a_cut_checkpoint_is_replaced_by_the_one_before(backend, runs, tmp_path, capsys):
    folders, outcomes = runs
    length = (folders[backend] / "last.ckpt").stat().st_size
    cuts = [0, 1, len(MAGIC), BEGINNING.size, BEGINNING.size + 31, BEGINNING.size + 32]
    cuts += np.linspace(100, length - 1, 14).astype(int).tolist()
    assert len(cuts) == 20
    for cut in cuts:
        (tmp_path / "cut").write_bytes((folders[backend] / "last.ckpt").read_bytes()[:cut])
        with pytest.raises(CheckpointError):
            checkpoint_file.read(tmp_path / "cut")
    for cut in cuts[::6]:
        folder = copied(folders[backend], tmp_path / "run")
        whole = (folder / "last.ckpt").read_bytes()
        (folder / "last.ckpt").write_bytes(whole[:cut])
        assert resume(folder) == 0
        assert "going on from prev.ckpt, the checkpoint before" in capsys.readouterr().err
        assert outcome(folder) == outcomes[backend]


@pytest.mark.fault(46)
def test_a_damaged_checkpoint_never_takes_the_place_of_a_whole_one(run, monkeypatch):
    """Not even between the two renamings of the next checkpoint, where a kill leaves one file."""
    whole = (run / "prev.ckpt").read_bytes()
    (run / "last.ckpt").write_bytes((run / "last.ckpt").read_bytes()[:1000])
    seen = []

    def write(path, content, before):
        before()
        seen.append((run / "prev.ckpt").read_bytes() == whole)
        raise StorageError("no room")

    monkeypatch.setattr(checkpoint_file, "write", write)
    assert resume(run) == 4
    assert seen == [True]


@pytest.mark.fault(46)
def test_without_a_whole_checkpoint_nothing_is_begun_anew(run, capsys):
    for name in ("last.ckpt", "prev.ckpt"):
        (run / name).write_bytes((run / name).read_bytes()[:1000])
    before = contents(run)
    assert resume(run) == 4
    err = capsys.readouterr().err
    assert err.count("is cut: it has 1000 bytes of") == 2
    assert contents(run) == before


class Hostile:
    """Unpickled, it leaves a trace."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return open, (str(self.trace), "w")


@pytest.mark.fault(48)
@pytest.mark.parametrize("by", ["pickle", "torch"])
def test_a_hostile_pickle_with_a_right_checksum_is_refused(by, run, tmp_path, capsys):
    trace = tmp_path / "trace"
    if by == "pickle":
        payload = pickle.dumps(Hostile(trace))
    else:
        torch.save({"state": Hostile(trace)}, tmp_path / "hostile")
        payload = (tmp_path / "hostile").read_bytes()
    pickle.loads(pickle.dumps(Hostile(trace))).close()
    assert trace.exists(), "it is not hostile at all"
    trace.unlink()
    for name in ("last.ckpt", "prev.ckpt"):
        (run / name).write_bytes(sealed(payload))
    assert resume(run) == 4
    assert "never pickled objects" in capsys.readouterr().err
    assert not trace.exists()


@pytest.mark.fault(57)
def test_a_whole_model_as_the_notebook_saved_it(run, capsys):
    torch.save(torch.nn.Linear(2, 2), run / "last.ckpt")
    (run / "prev.ckpt").unlink()
    assert resume(run) == 4
    err = capsys.readouterr().err
    assert "may hold programs and is not opened" in err
    assert "model.state_dict() as safetensors" in err


@pytest.mark.fault(52)
def test_a_newer_format_says_so(run, capsys):
    """The one before may be of a format that we know: to go on from there would be to lose it."""
    payload = (run / "last.ckpt").read_bytes()[BEGINNING.size + 32 :]
    (run / "last.ckpt").write_bytes(sealed(payload, VERSION + 1))
    before = contents(run)
    assert resume(run) == 4
    assert contents(run) == before
    err = capsys.readouterr().err
    assert f"has format {VERSION + 1}, newer than this minigrad's {VERSION}" in err


@pytest.mark.fault(52)
@pytest.mark.parametrize("version", range(1, VERSION + 1))
@pytest.mark.parametrize("backend", NAMES)
def test_every_old_format_still_goes_on(backend, version, runs, tmp_path, capsys):
    """The files were written by `python -m tests.faults.legacy` when the format was new."""
    folder = copied(LEGACY / f"format-{version}" / backend, tmp_path / "run")
    assert resume(folder) == 0
    assert "going on from epoch 2, after 1 of its steps" in capsys.readouterr().err
    history, expected = (f.joinpath("history.csv").read_text().split() for f in
                         (folder, runs[0][backend]))  # fmt: skip
    assert len(history) == len(expected) == 4
    for row, right in zip(history[1:], expected[1:], strict=True):
        values = [[float(v) if v else 0.0 for v in line.split(",")] for line in (row, right)]
        np.testing.assert_allclose(*values, rtol=1e-4)  # another machine may round otherwise


@pytest.mark.fault(50)
def test_weights_that_are_not_finite_are_refused(run, capsys):
    content = checkpoint_file.read(run / "last.ckpt")
    content["state"]["model"]["classnet.2.weight"][1, 1] = np.nan
    checkpoint_file.write(run / "last.ckpt", content)
    before = contents(run)
    assert resume(run) == 4
    assert "classnet.2.weight has values that are not finite" in capsys.readouterr().err
    assert contents(run) == before


@pytest.mark.parametrize(
    "payload", [b"", b"PK\x05\x06" + bytes(18), b"\0" * 4000], ids=["empty", "zip", "zeros"]
)
def test_other_payloads_with_a_right_checksum(payload, run, capsys):
    for name in ("last.ckpt", "prev.ckpt"):
        (run / name).write_bytes(sealed(payload))
    assert resume(run) == 4
    assert capsys.readouterr().err.count("holds something else than a checkpoint") == 2


def test_content_comes_back_as_it_was_written(tmp_path):
    content = {
        "a": np.arange(6, dtype=np.int64).reshape(2, 3), "b": [1, 2.5, None, (True, "text")],
        "c": {0: np.array(1.5, np.float32), "d": float("inf")}, "e": np.zeros((0, 3), np.uint8),
    }  # fmt: skip
    checkpoint_file.write(tmp_path / "x", content)
    found = checkpoint_file.read(tmp_path / "x")
    assert found["b"] == content["b"]
    assert found["c"]["d"] == float("inf")
    for one, other in ((found["a"], content["a"]), (found["c"][0], content["c"][0]),
                       (found["e"], content["e"])):  # fmt: skip
        np.testing.assert_array_equal(one, other, strict=True)
