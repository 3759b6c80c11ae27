"""save and load: what goes in comes out, nothing else goes in, and nothing is ever executed."""

import io
import json
import os
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

import minigrad
from minigrad import nn, optim

DTYPES = ["float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]


def there_and_back(obj):
    file = io.BytesIO()
    minigrad.save(obj, file)
    file.seek(0)
    return minigrad.load(file)


def same(one, other):
    """Equal in type, dtype, shape and bits."""
    if isinstance(one, minigrad.Tensor):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        return one.detach().numpy().tobytes() == other.detach().numpy().tobytes()
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other or one != one


def model_and_optimizer():
    minigrad.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.LogSoftmax(1))
    optimizer = optim.Adamax(model.parameters(), weight_decay=1e-5)
    model(minigrad.ones(2, 3)).sum().backward()
    optimizer.step()
    return model, optimizer


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype(dtype):
    kind = getattr(minigrad, dtype)
    made = [minigrad.tensor([[0, 1, 2]], dtype=kind), minigrad.tensor(1, dtype=kind)]
    empty = [minigrad.empty(0, 3, dtype=kind), minigrad.tensor([[0, 1], [1, 0]], dtype=kind).T]
    assert same(there_and_back(made + empty), made + empty)


@pytest.mark.parametrize(
    "obj",
    [
        {},
        [],
        (1, [2.5, None, True, "text"], {"a": {1: 2}}),
        OrderedDict(b=1, a=2),
        {"": 1, "a/b": 2, "a": {"b": 3}},
        {1: "integer", "1": "text"},
        [float("inf"), float("-inf"), float("nan"), 2**70, -0.0],
        "ünïcode",
        None,
    ],
    ids=repr,
)
def test_plain_values(obj):
    assert same(there_and_back(obj), obj)


def test_names_that_look_alike_stay_apart():
    obj = {"a/b": minigrad.ones(1), "a": {"b": minigrad.zeros(2)}, "": [minigrad.ones(3)]}
    obj |= {"../up": minigrad.ones(4), "structure.json": minigrad.ones(5), 1: minigrad.ones(6)}
    obj |= {"1": minigrad.ones(7), "tensor": minigrad.ones(8)}
    assert same(there_and_back(obj), obj)


def test_numbers_keep_every_bit():
    special = minigrad.tensor([np.nan, np.inf, -0.0, 5e-324, 0.1], dtype=minigrad.float64)
    assert same(there_and_back(special), special)


def test_state_dicts():
    model, optimizer = model_and_optimizer()
    for state in (model.state_dict(), optimizer.state_dict()):
        assert same(there_and_back(state), state)
    loaded = there_and_back(optimizer.state_dict())
    assert loaded["param_groups"][0]["betas"] == (0.9, 0.999)
    optimizer.load_state_dict(loaded)
    model.load_state_dict(there_and_back(model.state_dict()))


def test_a_path_may_be_a_text_or_a_path(tmp_path):
    for path in (str(tmp_path / "a.model"), tmp_path / "b"):
        minigrad.save({"x": minigrad.ones(2)}, path)
        assert minigrad.load(path)["x"].tolist() == [1.0, 1.0]


def test_parameters_come_back_as_plain_tensors():
    loaded = there_and_back({"p": nn.Parameter(minigrad.ones(2))})
    assert type(loaded["p"]) is minigrad.Tensor
    assert not loaded["p"].requires_grad


def test_numpy_reads_it(tmp_path):
    model, _ = model_and_optimizer()
    minigrad.save(model.state_dict(), tmp_path / "file")
    with np.load(tmp_path / "file", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["0.weight"], model[0].weight.detach().numpy())


# ---------------------------------------------------------------- writing


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch, fails):
    path = tmp_path / "model"
    minigrad.save({"x": minigrad.ones(1)}, path)
    before = path.read_bytes()

    def fail(*args):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, fails, fail)
    with pytest.raises(OSError, match="no space"):
        minigrad.save({"x": minigrad.zeros(1000)}, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model"]


class Thing:
    """No code may ride along."""


@pytest.mark.parametrize(
    ("obj", "name"),
    [
        (nn.Linear(1, 1), "Linear"),
        ({"a": Thing()}, "Thing"),
        ([print], "builtin_function"),
        ({"model": [nn.ReLU()]}, "ReLU"),
        (np.ones(1), "ndarray"),
        ({"set": {1}}, "set"),
        (1j, "complex"),
        ({(1, 2): 3}, r"\(1, 2\)"),
    ],
)
def test_objects_are_not_saved(tmp_path, obj, name):
    path = tmp_path / "model"
    with pytest.raises(TypeError, match=name):
        minigrad.save(obj, path)
    assert not os.listdir(tmp_path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        minigrad.save({}, tmp_path / "none" / "model")


# ---------------------------------------------------------------- reading what was not saved here


def refused(raw):
    with pytest.raises(ValueError, match=r"is no file of minigrad\.save"):
        minigrad.load(io.BytesIO(raw))


def test_pickles_are_refused(tmp_path):
    import pickle

    import torch

    path = tmp_path / "model"
    for legacy in (True, False):
        for obj in (torch.nn.Linear(1, 1), torch.nn.Linear(1, 1).state_dict()):
            torch.save(obj, path, _use_new_zipfile_serialization=not legacy)
            with pytest.raises(ValueError, match="never pickled objects"):
                minigrad.load(path)
    refused(pickle.dumps({"a": 1}))


@pytest.mark.parametrize(
    "raw", [b"", b"hello", b"{}", b"PK", b"PK\x05\x06" + bytes(18), bytes(999)]
)
def test_other_files_are_refused(raw):
    refused(raw)


def test_what_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        minigrad.load(tmp_path / "none")
    with pytest.raises((ValueError, IsADirectoryError)):
        minigrad.load(tmp_path)


def saved():
    file = io.BytesIO()
    minigrad.save({"w": minigrad.arange(40).float().reshape(5, 8), "n": [3, 0.5]}, file)
    return file.getvalue()


def test_every_truncation_is_refused():
    raw = saved()
    for length in range(len(raw)):
        refused(raw[:length])


def test_every_flipped_bit_is_refused_or_does_no_harm():
    """Each byte of the numbers is under a checksum; some of the zip's own bookkeeping is not."""
    raw, expected = saved(), minigrad.load(io.BytesIO(saved()))
    found = harmless = 0
    for position in range(len(raw)):
        damaged = bytearray(raw)
        damaged[position] ^= 1 << position % 8
        try:
            loaded = minigrad.load(io.BytesIO(bytes(damaged)))
        except ValueError:
            found += 1
        else:
            assert same(loaded, expected), position
            harmless += 1
    assert found + harmless == len(raw)
    assert found > len(raw) / 2


def archive(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, raw in members.items():
            made.writestr(name.replace("_", "."), raw)
    return file.getvalue()


def structure(root, version="minigrad-1"):
    return json.dumps({"format": version, "root": root})


def npy(array):
    raw = io.BytesIO()
    np.save(raw, array, allow_pickle=True)
    return raw.getvalue()


HOSTILE = {
    "objects": {"structure_json": structure({"tensor": "w"}), "w_npy": npy(np.array([print]))},
    "missing array": {"structure_json": structure({"tensor": "w"})},
    "no structure": {"w_npy": npy(np.ones(1))},
    "another format": {"structure_json": structure({"value": 1}, "minigrad-2")},
    "no format": {"structure_json": "[]"},
    "not JSON": {"structure_json": "import os"},
    "no root": {"structure_json": '{"format": "minigrad-1"}'},
    "unknown node": {"structure_json": structure({"code": "1 + 1"})},
    "a number for a node": {"structure_json": structure(5)},
    "texts": {"structure_json": structure({"tensor": "w"}), "w_npy": npy(np.array(["a"]))},
    "complex": {"structure_json": structure({"tensor": "w"}), "w_npy": npy(np.array([1j]))},
    "no npy": {"structure_json": structure({"tensor": "w"}), "w_npy": b"1234"},
    "short npy": {"structure_json": structure({"tensor": "w"}), "w_npy": npy(np.ones(9))[:-8]},
    "deep": {
        "structure_json": '{"format": "minigrad-1", "root": '
        + '{"list": [' * 100_000
        + "]}" * 100_000
        + "}"
    },
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_content_is_refused(case):
    refused(archive(**HOSTILE[case]))


class Trap:
    """What unpickling would run."""

    sprung = False

    def __reduce__(self):
        return setattr, (Trap, "sprung", True)


def test_nothing_is_unpickled_on_the_way_to_a_refusal():
    import pickle

    trap = np.array([Trap()], dtype=object)
    refused(archive(structure_json=structure({"tensor": "w"}), w_npy=npy(trap)))
    assert not Trap.sprung
    pickle.loads(pickle.dumps(trap))
    assert Trap.sprung  # the trap works


def test_a_bomb_is_refused():
    """A few bytes that claim to be an enormous array must not be believed."""
    header = npy(np.ones(1)).replace(b"(1,), }", b"(99999999999,), }"[:17])
    refused(archive(structure_json=structure({"tensor": "w"}), w_npy=header))


@pytest.mark.parametrize(
    "option", [{"pickle_module": json}, {"weights_only": False}, {"mmap": True}]
)
def test_options_that_would_run_code(tmp_path, option):
    minigrad.save({}, tmp_path / "x")
    with pytest.raises(NotImplementedError, match=next(iter(option))):
        minigrad.load(tmp_path / "x", **option)


def test_options_that_do_no_harm(tmp_path):
    minigrad.save({"a": 1}, tmp_path / "x")
    assert minigrad.load(tmp_path / "x", map_location="cpu", weights_only=True) == {"a": 1}
    with pytest.raises(RuntimeError):
        minigrad.load(tmp_path / "x", map_location="cuda")
