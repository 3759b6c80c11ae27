"""`minigrad bench`: what is compared, computed and printed. How long it takes is never asserted."""

import json
import os
import shutil
import signal
from functools import partial
from itertools import islice, product
from typing import ClassVar

import numpy as np
import pytest

from experiments.backend import Backend
from experiments.benchmarks import digits, floor, layers, peers, run, side, stopwatch
from experiments.benchmarks.digits import MODELS, Training, epoch_key, steps_key
from experiments.benchmarks.layers import ASSIGNMENT
from experiments.benchmarks.peers.adamax import Adamax
from experiments.benchmarks.row import OURS, PYTORCH, Key
from experiments.benchmarks.side import Side, Work, environment, plan
from experiments.benchmarks.stopwatch import processor
from experiments.cli import main
from experiments.digits import Digits
from experiments.early_stopping import EarlyStopping
from experiments.training import State, train_epoch


def test_both_frameworks_train_alike():
    ours, theirs = (Training(name, "MLP") for name in ("minigrad", "torch"))
    assert ours.first_nll == pytest.approx(theirs.first_nll, rel=1e-5)
    assert len(ours.batches) == len(theirs.batches) == 16  # 1000 images, 64 at a time
    for (x, y), (x_torch, y_torch) in zip(ours.batches, theirs.batches, strict=True):
        np.testing.assert_array_equal(x.numpy(), x_torch.numpy())
        np.testing.assert_array_equal(y.numpy(), y_torch.numpy())
    again = [training.train(training.batches) for training in (ours, theirs)]
    assert again[0] == pytest.approx(again[1], rel=1e-5)
    assert again[0] < ours.first_nll


def test_both_frameworks_do_the_same_works():
    for group, make in run.GROUPS.items():
        if group not in ("epochs", "svhn", "slopes"):  # those take longer
            assert make("minigrad").keys() == make("torch").keys(), group
    works = layers.layers("minigrad")
    assert {key.group for key in works} == {"layers"}
    kinds = {key.what.partition(" ")[0] for key in works}
    assert kinds == {"Linear", "Conv2d", "MaxPool2d", "ReLU", "LogSoftmax", "NLLLoss"}
    assert Key("layers", "Conv2d 256x3x32x32 to 16, backward") in works
    assert works[Key("layers", "Linear 64x64 to 128, backward")].do() > 0


@pytest.mark.parametrize("name", ["minigrad", "torch"])
def test_a_backward_pass_is_of_the_parameters_and_of_what_needs_it(name):
    linears = [
        (layer, x)
        for layer, x, _ in layers.at_work(Backend(name), *ASSIGNMENT["MLP"])
        if hasattr(layer, "weight")
    ]
    for first, (layer, x) in zip((True, *[False] * 4), linears, strict=True):
        assert x.requires_grad is not first  # the images
        for _ in range(2):
            layers.backward_seconds(layer, x)
        y = layer(x)
        grad = y.detach()
        np.testing.assert_allclose(
            layer.weight.grad.numpy(), grad.numpy().T @ x.detach().numpy(), rtol=1e-3, atol=1e-4
        )
        assert (x.grad is None) is first


def closed_formula(model):
    """Additions and multiplications of a training step, written out."""
    linear = {
        "MLP": [(64, 128), (128, 64), (64, 64), (64, 32), (32, 10)],
        "CNN": [(256, 128), (128, 10)],
        "SVHN": [(1024, 256), (256, 64), (64, 10)],
    }[model]
    conv = {
        "MLP": [],
        "CNN": [(1, 16, 8), (16, 64, 4)],
        "SVHN": [(3, 16, 32), (16, 32, 16), (32, 64, 8)],
    }[model]
    forward = [2 * 9 * c * o * side * side for c, o, side in conv]
    forward += [2 * i * o for i, o in linear]
    return ASSIGNMENT[model][1][0] * (3 * sum(forward) - forward[0])  # no gradient of the images


@pytest.mark.parametrize("model", ASSIGNMENT)
def test_the_floor_counts_what_the_formula_says(model):
    assert sum(p.flop for p in floor.products(*ASSIGNMENT[model])) == closed_formula(model)


def test_the_floor_multiplies_what_a_linear_layer_does():
    multiply = floor.Multiply(floor.Product(5, 4, 3, needs_input_grad=True))
    x, w = multiply.x, multiply.w
    multiply()
    np.testing.assert_allclose(multiply.y, x @ w.T, rtol=1e-5)
    np.testing.assert_allclose(multiply.grad_w, multiply.y.T @ x, rtol=1e-5)
    np.testing.assert_allclose(multiply.grad_x, multiply.y @ w, rtol=1e-5)


COMPILE = ("PyTorch compiled", "tinygrad")  # what takes most of a minute


@pytest.mark.parametrize(
    "peer",
    [pytest.param(p, marks=pytest.mark.long if p in COMPILE else ()) for p in peers.PEERS],
)
def test_a_peer_computes_what_minigrad_does(peer):
    """Its losses in three steps: the last two depend on gradients, and on Adamax."""
    if peer not in peers.installed():
        pytest.skip(f"{peer} is not installed")
    if peer == "tinygrad" and not shutil.which("clang"):
        pytest.skip("tinygrad needs clang")
    with Side(partial(digits.peer_epochs, peer, batches=3), 1) as peer_side:
        assert peer_side.losses.keys() == {steps_key(model) for model in MODELS}
        for model, network in MODELS.items():
            s, backend = digits.settings(), Backend("minigrad")
            net = backend.classifier(network, s.seed)
            loader = backend.loader(Digits("train"), s.batch_size, shuffle=True)
            optimizer = backend.adamax(net, s.lr, s.weight_decay)
            state = State(net, optimizer, EarlyStopping(0), epoch=1)
            mine = train_epoch(state, islice(loader, 3), backend)
            assert peer_side.losses[steps_key(model)] == pytest.approx(mine, rel=1e-3)
            assert peer_side.turn(steps_key(model)) > 0


def test_numpy_adamax_is_pytorchs():
    import torch

    rng = np.random.default_rng(0)
    p = rng.standard_normal((3, 4))
    theirs = torch.tensor(p, requires_grad=True)
    ours = Adamax([p], lr=0.01, weight_decay=0.1)
    optimizer = torch.optim.Adamax([theirs], lr=0.01, weight_decay=0.1)
    for _ in range(5):
        grad = rng.standard_normal(p.shape)
        ours.step([grad])
        theirs.grad = torch.from_numpy(grad)
        optimizer.step()
    np.testing.assert_allclose(p, theirs.detach().numpy(), rtol=1e-12)


def test_a_side_works_in_a_process_of_its_own():
    with Side(partial(layers.adamax, "minigrad"), 1) as ours:
        assert ours.process.pid != os.getpid()
        assert ours.losses == dict.fromkeys(layers.adamax("minigrad"))
        assert ours.turn(Key("adamax", "Adamax, MLP")) > 0
    assert not ours.process.is_alive()


def test_what_goes_wrong_in_a_side_is_one_line():
    with pytest.raises(RuntimeError, match=r"^KeyError: 'nobody'$"):
        Side(partial(digits.peer_epochs, "nobody"), 1)


def test_a_process_is_told_its_threads(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("NPROC", raising=False)
    with environment(3):
        assert os.environ["OMP_NUM_THREADS"] == os.environ["NPROC"] == "3"
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "NPROC" not in os.environ


@pytest.mark.parametrize(
    ("seconds", "expected", "tries"), [(0.004, (1, 3), 2), (0.02, (1, 1), 2), (3.0, (0, 1), 1)]
)
def test_a_turn_is_long_enough(seconds, expected, tries):
    tried = []
    assert plan(Work(lambda: tried.append(1) or seconds)) == expected
    assert len(tried) == tries


def test_what_has_its_number_of_calls_is_not_tried():
    assert plan(Work(None, calls=4)) == (0, 4)


def test_a_turn_ends_when_all_threads_are_idle(monkeypatch):
    """Its threads compute for as long as three looks find, and no longer."""
    times = iter([0.0, 0.01, 0.01, 0.02, 0.02, 0.03, 0.03, 0.03])
    monkeypatch.setattr(side.time, "process_time", lambda: next(times))
    monkeypatch.setattr(side.time, "sleep", lambda _: None)
    side.settle()
    assert list(times) == []


class Fake:
    """A side that takes what it is told, in each turn."""

    log: ClassVar = []
    losses_of: ClassVar = {}
    taken: ClassVar = {}

    def __init__(self, make, threads):
        text = str(make)
        self.name = next(name for name in self.taken if name in text)
        if isinstance(self.taken[self.name], Exception):
            raise self.taken[self.name]
        self.threads = threads
        keys = [epoch_key("MLP"), steps_key("MLP")]
        self.losses = dict.fromkeys(keys, self.losses_of.get(self.name, 2.0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def turn(self, key):
        self.log.append((self.threads, key.what, self.name))
        return self.taken[self.name] / self.threads


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(run, "Side", Fake)
    monkeypatch.setattr(run, "import_seconds", {"minigrad": 0.2, "numpy": 0.1}.__getitem__)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(peers, "installed", lambda: ["JAX", "DeZero", "MyGrad"])
    monkeypatch.setattr(Fake, "log", [])
    monkeypatch.setattr(Fake, "losses_of", {"DeZero": 2.1})
    # What stands in the text of a side's maker.
    taken = {
        "'minigrad'": 0.01,
        "'torch'": 0.02,
        "[<function epochs": 0.004,
        "JAX": 0.005,
        "DeZero": 0.1,
    }
    taken["MyGrad"] = RuntimeError("ImportError: no such name")
    monkeypatch.setattr(Fake, "taken", taken)
    return Fake


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_table_and_json(fake, tmp_path, capsys):
    path = tmp_path / "bench.json"
    assert main(["bench", "--peers", "--repeat", "2", "--json", str(path)]) == 0
    out, err = capsys.readouterr()
    lines = [cells(line) for line in out.splitlines() if line.startswith("|")]
    header = ["", "library"]
    for threads in ("1 thread", "4 threads"):
        header += [f"/ PyTorch, {threads}", "it takes", "minigrad / it"]
    expected = [
        ["minigrad", "0.50 (0.50 to 0.50)", "10.0 ms", "", "0.50 (0.50 to 0.50)", "2.5 ms", ""],
        ["PyTorch", "1.00", "20.0 ms", "0.50", "1.00", "5.0 ms", "0.50"],
        ["products alone", "0.20 (0.20 to 0.20)", "4.0 ms", "2.50"],
        ["JAX", "0.25 (0.25 to 0.25)", "5.0 ms", "2.00", "0.25 (0.25 to 0.25)", "1.2 ms", "2.00"],
    ]
    expected[2] += ["0.20 (0.20 to 0.20)", "1.0 ms", "2.50"]
    assert lines[0] == header
    for what, start in (("MLP epoch", 2), ("MLP epoch's steps", 6)):
        names = [what, "", "", ""]
        rows = [[name, *row] for name, row in zip(names, expected, strict=True)]
        assert lines[start : start + 4] == rows
    assert "import minigrad / import numpy: 2.00 (2.00 to 2.00), 200.0 and 100.0 ms" in out
    assert "MyGrad is not timed: ImportError: no such name" in out
    assert "DeZero, MLP epoch: not timed, it computes something else" in out
    assert "is 2.100000, minigrad's 2.000000" in err
    assert processor() in out.splitlines()[-1]
    assert "jax" in out.splitlines()[-1]

    data = json.loads(path.read_text())
    assert data["threads"].keys() == {"1", "4"}
    row = data["threads"]["4"][0]
    assert row["what"] == "MLP epoch"
    assert row["taken"][OURS] == [0.0025, 0.0025]
    assert row["ratio_to_PyTorch"]["JAX"] == 0.25


def test_they_take_turns(fake):
    assert main(["bench", "--rows", "epochs", "--repeat", "2"]) == 0
    works = (epoch_key("MLP").what, steps_key("MLP").what)
    turn = list(product(works, list(fake.taken)[:3]))
    assert [entry[1:] for entry in fake.log] == turn * 4
    assert [entry[0] for entry in fake.log] == [1] * 12 + [4] * 12


def test_a_slow_library_takes_fewer_turns(fake, monkeypatch, tmp_path):
    monkeypatch.setitem(fake.taken, "JAX", 2.0)
    path = tmp_path / "bench.json"
    assert main(["bench", "--rows", "epochs", "--peers", "--repeat", "9", "--json", str(path)]) == 0
    row = json.loads(path.read_text())["threads"]["1"][0]
    assert len(row["taken"]["JAX"]) == 2  # as many as are over in five seconds
    assert len(row["taken"][PYTORCH]) == 9


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ("--repeat 0", "--repeat: expected an integer from 1"),
        ("--rows epochs,rnn", "there is no 'rnn'; expected one or more of epochs,loader"),
        ("--backend torch", "minigrad bench --help"),
        ("--json", "--json"),
        ("--json /dev/null/x", "--json /dev/null/x: Not a directory"),
        ("--json .", "--json .: Is a directory"),
        (
            "--chart no/such/folder/x.png",
            "--chart no/such/folder/x.png: no file can be made in no/such",
        ),
        ("--rows import --chart x.png", "--chart: PyTorch takes no part in the row import"),
        ("--readme no/such/README.md", "--readme no/such/README.md: No such file or directory"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(argv, expected, capsys, monkeypatch):
    monkeypatch.setattr(run, "measured", None)  # nothing is timed
    assert main(["bench", *argv.split()]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err


@pytest.mark.parametrize("earlier", [None, "an earlier result"])
def test_an_interrupt_leaves_the_file_as_it_was(earlier, tmp_path, capsys, monkeypatch):
    path = tmp_path / "bench.json"
    if earlier:
        path.write_text(earlier)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "measured", interrupted)
    assert main(["bench", "--json", str(path)]) == 130
    assert capsys.readouterr().err == "minigrad: interrupted\n"
    assert (path.read_text() if path.exists() else None) == earlier


def test_control_c_while_an_import_is_timed(capfd, monkeypatch):
    """A terminal signals the command and its child; the child's traceback is not shown."""
    child = "import os, signal; os.kill(os.getppid(), signal.SIGINT); raise KeyboardInterrupt  # {}"
    monkeypatch.setattr(stopwatch, "IMPORT", child)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # none in a background job
    try:
        assert main(["bench", "--rows", "import"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capfd.readouterr() == ("", "minigrad: interrupted\n")


@pytest.mark.long
def test_the_whole_command(capfd, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("<!-- bench -->\n<!-- /bench -->\n")
    typed = ["--repeat", "1", "--rows", "epochs,loader,layers,svhn,adamax,memory,import"]
    chart = tmp_path / "chart"
    assert main(["bench", *typed, "--readme", str(readme), "--chart", str(chart)]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert out.strip() in readme.read_text()
    assert "| CNN epoch's steps " in out
    assert chart.with_suffix(".svg").exists()
