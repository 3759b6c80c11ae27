"""`minigrad bench`: what is compared and printed. How long anything takes is never asserted."""

import json
import re
import signal

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from experiments import bench as module
from experiments import stopwatch
from experiments.bench import pair
from experiments.cli import main
from experiments.stopwatch import Race, processor
from experiments.threads import one_thread

RACES = ["mlp epoch", "mlp training steps", "mlp loader"]
RACES += [race.replace("mlp", "cnn") for race in RACES]


def seen(monkeypatch, training):
    """Return the batches that each of two epochs hands to the training loop."""
    epochs = []
    monkeypatch.setattr(
        module,
        "train_epoch",
        lambda state, loader, backend: epochs.append(
            [(backend.array(x), backend.array(y)) for x, y in loader]
        ),
    )
    training.epoch()
    training.steps()
    return epochs


def test_table_and_json(tmp_path, capsys):
    path = tmp_path / "bench.json"
    assert main(["bench", "--repeat", "1", "--json", str(path)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    table = [line.strip("| ").split(" | ") for line in lines[:8]]
    assert len({len(line) for line in lines[:8]}) == 1  # aligned
    assert [row[0].strip() for row in table[2:]] == RACES
    assert {len(row) for row in table} == {5}
    for row in table[2:]:
        ratio, low, high, ours, theirs = map(float, re.findall(r"\d+\.\d+", " ".join(row)))
        assert ratio == low == high  # there was a single turn
        assert min(ours, theirs) > 0
    number = r"\d+\.\d+"
    assert re.fullmatch(
        rf"import minigrad / import numpy: {number} \({number} to {number}\), "
        rf"{number} and {number} ms",
        lines[9],
    )
    versions, machine = lines[-2:]
    assert f"numpy {np.__version__}" in versions
    assert f"torch {torch.__version__}" in versions
    assert processor() in machine
    assert machine.endswith("threads used: 1")

    data = json.loads(path.read_text())
    assert [race["what"] for race in data["races"]] == RACES
    for race, row in zip(data["races"], table[2:], strict=True):
        assert f"{race['ratio']:.2f}" == row[1].strip()
        (ours,), (theirs,) = race["seconds"]["minigrad"], race["seconds"]["torch"]
        assert race["ratio"] == ours / theirs
    assert list(data["import"]["seconds"]) == ["minigrad", "numpy"]
    assert all(threads == 1 for _, threads in data["machine"]["threads"])
    for nll in data["first_epoch_nll"].values():
        assert nll["minigrad"] == pytest.approx(nll["torch"], rel=1e-5)


def test_one_model_and_no_file(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "import_seconds", lambda _: 1.0)
    assert main(["bench", "--model", "mlp", "--repeat", "2"]) == 0
    out = capsys.readouterr().out
    assert "mlp epoch" in out
    assert "cnn" not in out
    assert "minigrad / import numpy: 1.00 (1.00 to 1.00), 1000.0 and 1000.0 ms" in out
    assert list(tmp_path.iterdir()) == []


def test_both_frameworks_see_the_same_batches(monkeypatch):
    ours, theirs = pair("mlp")
    assert (ours.backend.name, theirs.backend.name) == ("minigrad", "torch")
    assert ours.first_nll == pytest.approx(theirs.first_nll, rel=1e-5)
    epochs = [seen(monkeypatch, training) for training in (ours, theirs)]
    assert [len(epoch) for epoch in epochs[0]] == [16, 16]  # 1000 images, 64 at a time
    for mine, its in zip(*epochs, strict=True):
        for (x, y), (x_torch, y_torch) in zip(mine, its, strict=True):
            np.testing.assert_array_equal(x, x_torch)
            np.testing.assert_array_equal(y, y_torch)
    epoch, steps = epochs[0]
    assert not np.array_equal(epoch[0][0], steps[0][0])  # each is shuffled anew


def test_the_two_take_turns():
    log = []
    race = Race("", ours=lambda: log.append("ours") or 1, theirs=lambda: log.append("theirs") or 2)
    race.turn()
    race.turn()
    assert log == ["ours", "theirs"] * 2
    assert (race.ratios, race.medians) == ([0.5, 0.5], (1, 2))


def test_one_thread_and_then_as_many_as_before():
    def threads():
        return [torch.get_num_threads(), *(pool["num_threads"] for pool in threadpool_info())]

    before = threads()
    with one_thread():
        assert set(threads()) == {1}
    assert threads() == before


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ("--repeat 0", "--repeat: expected an integer from 1"),
        ("--repeat many", "--repeat"),
        ("--model rnn", "mlp"),
        ("--backend torch", "minigrad bench --help"),
        ("--json", "--json"),
        ("--json /dev/null/x", "--json /dev/null/x: Not a directory"),
        ("--json .", "--json .: Is a directory"),
        ("--json no/such/folder/x.json", "No such file or directory"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(argv, expected, capsys, monkeypatch):
    monkeypatch.setattr(module, "pair", None)  # nothing is timed
    assert main(["bench", *argv.split()]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err


@pytest.mark.parametrize("earlier", [None, "an earlier result"])
def test_an_interrupt_leaves_the_file_as_it_was(earlier, tmp_path, capsys, monkeypatch):
    path = tmp_path / "bench.json"
    if earlier:
        path.write_text(earlier)

    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "pair", interrupted)
    assert main(["bench", "--json", str(path)]) == 130
    assert capsys.readouterr().err == "minigrad: interrupted\n"
    assert (path.read_text() if path.exists() else None) == earlier


def test_control_c_while_an_import_is_timed(capfd, monkeypatch):
    """A terminal signals the command and its child; the child's traceback is not shown."""
    child = "import os, signal; os.kill(os.getppid(), signal.SIGINT); raise KeyboardInterrupt  # {}"
    monkeypatch.setattr(stopwatch, "IMPORT", child)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # none in a background job
    try:
        assert main(["bench", "--model", "mlp"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capfd.readouterr() == ("", "minigrad: interrupted\n")
