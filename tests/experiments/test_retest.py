"""`minigrad test`: the run's final line again, and no other weights than the run's."""

import hashlib
import json
import shutil
import struct
import sys

import numpy as np
import pytest
from safetensors.numpy import load, save

from experiments.backend import NAMES
from experiments.cli import main


def final(text):
    return [line for line in text.splitlines() if line.startswith("-> FINAL")]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a short run."""
    out = tmp_path_factory.mktemp("runs")
    argv = ["digits", "--backend", "torch", "--model", "mlp", "--epochs", "1", "--out", str(out)]
    assert main(argv) == 0
    return out / "digits"


@pytest.fixture
def run(finished, tmp_path):
    """A copy of a run, to be spoiled."""
    return shutil.copytree(finished / "torch-mlp-seed0", tmp_path / "run")


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize(("model", "dtype"), [("cnn", "float32"), ("mlp", "float64")])
def test_the_final_line_is_the_runs(backend, model, dtype, tmp_path, capsys):
    argv = ["--backend", backend, "--model", model, "--dtype", dtype, "--epochs", "1"]
    assert main(["digits", *argv, "--seed", "3", "--out", str(tmp_path)]) == 0
    ran = final(capsys.readouterr().out)
    folder = tmp_path / "digits" / f"{backend}-{model}-seed3"
    assert main(["test", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ran
    assert "the same as in" in err


def refused(run, capsys, *expected):
    assert main(["test", str(run)]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    for text in expected:
        assert text in err


def test_changed_weights_are_refused(run, capsys):
    path = run / "best.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1  # a valid file still, of other weights
    path.write_bytes(content)
    refused(run, capsys, "best.safetensors is not the file that the run wrote", "SHA-256")


def replace_weights(run, content):
    """Put other weights in, with the checksum that belongs to them."""
    (run / "best.safetensors").write_bytes(content)
    result = json.loads((run / "result.json").read_text())
    result["sha256"]["best.safetensors"] = hashlib.sha256(content).hexdigest()
    (run / "result.json").write_text(json.dumps(result))


@pytest.mark.fault(58)
@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda w: w.pop("classnet.0.bias"), "other tensors than the network: classnet.0.bias"),
        (lambda w: w.update(more=np.zeros(1, np.float32)), "more"),
        (lambda w: w.update({"classnet.0.bias": np.zeros(3, np.float32)}), "(3,), not float32"),
        (lambda w: w.update({"classnet.0.bias": np.zeros(128)}), "is float64 (128,), not float32"),
        (lambda w: w["classnet.0.bias"].put(5, np.nan), "values that are not finite"),
        (lambda w: w["classnet.0.bias"].put(5, np.inf), "values that are not finite"),
    ],
)
def test_other_weights_are_refused_even_with_a_checksum(spoil, expected, run, capsys):
    weights = {k: v.copy() for k, v in load((run / "best.safetensors").read_bytes()).items()}
    spoil(weights)
    replace_weights(run, save(weights))
    refused(run, capsys, expected)


def with_header(header, data=b""):
    """A file of the format, whatever its header says."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


ONE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.fault(58)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no weights",
        b"\xff" * 100,
        bytes([2, *bytes(7)]) + b"{}x",
        struct.pack("<Q", 200_000_000) + b"{}",  # a header that is said to have 200 MB
        struct.pack("<Q", 2**63) + b"{}",
        with_header({"a": ONE, "b": ONE | {"data_offsets": [4, 12]}}, bytes(12)),  # overlapping
        with_header({"a": ONE | {"data_offsets": [0, 800]}}, bytes(8)),
        with_header({"a": ONE | {"dtype": "F33"}}, bytes(8)),
        with_header({"a": ONE | {"shape": [-2]}}, bytes(8)),
    ],
)
def test_what_is_no_safetensors_file(content, run, capsys):
    replace_weights(run, content)
    refused(run, capsys, "is no safetensors file")


@pytest.mark.parametrize("missing", ["config.json", "result.json", "best.safetensors"])
def test_a_missing_file(missing, run, capsys):
    (run / missing).unlink()
    go_on = {"result.json": f"to go on: minigrad resume {run}"}
    refused(run, capsys, missing, "No such file", go_on.get(missing, ""))


@pytest.mark.parametrize("content", ["", "[]", "{", "\udcff"])
@pytest.mark.parametrize("name", ["config.json", "result.json"])
def test_a_changed_json_file(name, content, run, capsys):
    (run / name).write_text(content, errors="surrogateescape")
    refused(run, capsys, f"{name} is not as the run wrote it")


def test_a_result_that_lacks_something(run, capsys):
    result = json.loads((run / "result.json").read_text())
    del result["best_epoch"]
    (run / "result.json").write_text(json.dumps(result))
    refused(run, capsys, "result.json has no 'best_epoch'")
    assert main(["resume", str(run)]) == 4


def test_a_config_that_names_no_network_of_ours(run, capsys):
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps(config | {"model": "__init__"}))
    refused(run, capsys, "there is no network '__init__'")
    assert main(["resume", str(run)]) == 4
    assert "there is no network '__init__'" in capsys.readouterr().err
    del config["seed"]
    (run / "config.json").write_text(json.dumps(config))
    refused(run, capsys, "config.json has no 'seed'")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("experiment", "other"),
        ("backend", "antigravity"),
        ("dtype", "load"),
        ("device", 3),
        ("seed", "0"),
        ("epochs", True),
        ("lr", None),
        ("model", ["mlp"]),
    ],
)
@pytest.mark.parametrize("command", ["test", "resume"])
def test_a_config_that_no_run_writes(command, name, value, run, capsys):
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps(config | {name: value}))
    assert main([command, str(run)]) == 4
    err = capsys.readouterr().err
    assert f"config.json is not as the run wrote it: {name} is" in err
    assert "antigravity" not in sys.modules  # which would have opened a browser


def test_data_is_for_house_numbers(run, tmp_path, capsys):
    assert main(["test", str(run), "--data", str(tmp_path)]) == 2
    assert "--data is for SVHN" in capsys.readouterr().err
