"""`minigrad bench --profile`: that the parts are the whole, and what is printed and drawn."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

import minigrad
from experiments import charts
from experiments.backend import Backend
from experiments.cli import main
from experiments.profiling import step, timing, timing_chart, timing_text
from experiments.profiling.step import Step
from experiments.profiling.timing import Operation, Timing, means, measure
from experiments.threads import one_thread
from minigrad.autograd.profiler import profile, record_function

MLP = ["Linear", "ReLU"] * 4 + ["Linear", "LogSoftmax", "NLLLoss", "Mean"]


def profiled(model, count):
    """Return the events "step" of so many steps."""
    train = Step(model, Backend("minigrad"))
    with one_thread(), profile(record_shapes=True) as prof:
        for _ in range(count):
            train()
    return [event for event in prof.function_events if event.cpu_parent is None]


@pytest.fixture(scope="module")
def made_up():
    """A timing in which every number can be reckoned with."""
    conv = Operation("Conv2d", (4, 8, 8), 3_000_000, 2, 100.0, 300.0, {"Conv2dInput": 250.0})
    around = dict.fromkeys(timing_text.AROUND, 25.0)
    return Timing("cnn", 64, 30, 500.0, [conv, Operation("ReLU", (4,), 0, 0, 10.0, 40.0)], around)


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_parts_add_up_to_the_steps(model):
    steps = profiled(model, 3)
    operations, around = means(steps)
    parts = sum(o.forward + o.backward for o in operations) + sum(around.values())
    assert parts == pytest.approx(np.mean([e.cpu_time_total for e in steps]), rel=1e-9)
    assert around.keys() == timing_text.AROUND.keys()
    assert min(around.values()) > 0
    for operation in operations:
        assert operation.forward > 0
        assert 0 <= sum(operation.within.values()) <= operation.backward


def test_what_the_walk_computes_itself_is_the_walks():
    """To undo a broadcast, the walk takes a sum: that belongs to no operation of the network."""
    w = minigrad.ones(1, requires_grad=True)
    with profile(record_shapes=True) as prof, record_function("step"):
        with record_function("forward"):
            loss = (w * minigrad.ones(2000)).sum()
        with record_function("backward"):
            loss.backward()
    (whole,) = [event for event in prof.function_events if event.cpu_parent is None]
    operations, around = means([whole])
    assert [o.name for o in operations] == ["Mul", "Sum"]
    walk = next(event for event in whole.cpu_children if event.name == "backward")
    own = [e for e in walk.cpu_children if not e.name.endswith("Backward")]
    assert len(own) > 0
    inside = sum(event.cpu_time_total for event in own)
    assert around["backward"] == pytest.approx(walk.self_cpu_time_total + inside)


def test_operations_of_the_mlp():
    operations, _ = means(profiled("mlp", 2))
    assert [o.name for o in operations] == MLP
    linear = [o for o in operations if o.name == "Linear"]
    sizes = [64, 128, 64, 64, 32, 10]
    assert [o.output for o in linear] == [(size,) for size in sizes[1:]]
    assert [o.flop for o in linear] == [2 * 64 * i * o for i, o in pairwise(sizes)]
    assert [o.products for o in linear] == [1, 2, 2, 2, 2]  # the pixels need no gradient
    assert {o.flop for o in operations if o.name != "Linear"} == {0}


def test_operations_of_the_cnn():
    operations, _ = means(profiled("cnn", 2))
    first, second = [o for o in operations if o.name == "Conv2d"]
    assert (first.output, second.output) == ((16, 8, 8), (64, 4, 4))
    assert first.flop == 2 * 64 * (16 * 8 * 8) * (1 * 3 * 3)
    assert second.flop == 2 * 64 * (64 * 4 * 4) * (16 * 3 * 3)
    assert (first.products, second.products) == (1, 2)
    assert all(o.backward > 0 for o in operations if o.output)


def test_steps_with_and_without_a_profile_take_turns(monkeypatch):
    log = []

    class Logged(Step):
        def __call__(self):
            log.append(profile._active is not None)
            super().__call__()

    monkeypatch.setattr(timing, "IMAGES_IN_TURN", 128)
    with one_thread():
        found = measure(Logged("mlp", Backend("minigrad")), turns=2)
    assert log == [False] + [False, False, True, True] * 2
    assert found.steps == 4
    assert found.plain > 0


def test_it_is_the_training_of_the_assignment():
    """The batches are full ones of Digits, and the loss goes down."""
    train = Step("mlp", Backend("minigrad"))
    x, y = next(train.batches)
    before = train.network(x, y).item()
    for _ in range(100):
        train()
    assert (x.shape, y.shape) == ((64, 64), (64,))
    assert train.network(x, y).item() < before / 2


def test_house_numbers_have_their_shape():
    images = step.house_numbers(3)
    assert [(x.shape, x.dtype) for x, _ in images] == [((3, 32, 32), np.float32)] * 3
    assert all(0 <= label <= 9 for _, label in images)


def cells(line):
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_table(made_up):
    out = timing_text.text(made_up, speed=100.0)
    lines = out.splitlines()
    assert lines[0] == (
        "cnn: a training step of 64 images takes 500 µs, and 600 µs while it is profiled."
    )
    table = [cells(line) for line in lines if line.startswith("|")]
    assert table[2] == ["Conv2d", "1", "100.0", "300.0", "66.7 %", "30.0", "20.0"]
    assert table[3] == ["ReLU", "1", "10.0", "40.0", "8.3 %", "", ""]
    assert table[4][:5] == ["modules, recording", "", "25.0", "", "4.2 %"]
    assert table[5][:5] == ["the walk of the graph", "", "", "25.0", "4.2 %"]
    assert table[-1][:5] == ["the whole step", "2", "235.0", "365.0", "100.0 %"]
    for column in (2, 3):
        *parts, whole = [float(row[column] or 0) for row in table[2:]]
        assert sum(parts) == pytest.approx(whole)
    assert "100 GFLOP/s" in out


def test_chart(made_up, tmp_path):
    figure = timing_chart.chart([made_up, made_up])
    assert len(figure.axes) == 2
    axes = figure.axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[:2] == ["Conv2d → 4×8×8", "ReLU → 4"]
    assert names[2:] == ["modules, recording", "walk of the graph", "Adamax", "loader"]
    texts = [text.get_text() for text in axes.texts]
    assert "300 µs, 50 %" in texts
    assert "500 µs; 600 µs while profiled, as drawn" in texts
    # Of the strip on top, each kind's share.
    shares = [110 / 600, 340 / 600, 150 / 600]
    assert [patch.get_width() for patch in axes.patches[:3]] == pytest.approx(shares)
    png, svg = charts.write(tmp_path / "where", figure)
    assert png.read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")


def test_small_operations_share_a_row(made_up):
    small = Operation("View", (), 0, 0, 1.0, 2.0)
    more = Timing("cnn", 64, 1, 1.0, [*made_up.operations, small, small], made_up.around)
    assert timing_chart.network_rows(more)[-1] == ("2 small operations", 2.0, [4.0])


def test_command(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(timing, "IMAGES_IN_TURN", 128)
    chart = tmp_path / "where.png"
    argv = ["bench", "--profile", "--model", "both", "--repeat", "1", "--chart", str(chart)]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert re.findall(r"^(\w+): a training step of 64 images", out, re.MULTILINE) == ["mlp", "cnn"]
    assert out.count("| the whole step") == 2
    assert timing_text.READING in out
    assert err == f"chart: {chart} and {chart.with_suffix('.svg')}\n"
    assert {file.name for file in tmp_path.iterdir()} == {"where.png", "where.svg"}


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ("--profile --memory", "--profile and --memory are two reports"),
        ("--profile --svhn", "type --model svhn"),
        ("--memory --json x.json", "--json is not for --profile and --memory"),
        ("--profile --chart .", "--chart .: is a folder"),
        ("--profile --chart no/such/chart", "no file can be made in no/such"),
        ("--model svhn", "--model is for --profile and --memory"),
        ("--profile --model rnn", "invalid choice: 'rnn'"),
        ("--profile --repeat 0", "--repeat: expected an integer from 1"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(argv, expected, capsys):
    assert main(["bench", *argv.split()]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err
