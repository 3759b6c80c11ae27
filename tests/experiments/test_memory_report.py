"""`minigrad bench --memory`: the bytes against counts by hand, and against PyTorch's own."""

import functools
import tracemalloc
from importlib import import_module

import numpy as np
import pytest

from experiments.backend import NAMES, Backend
from experiments.cli import main
from experiments.profiling import memory_chart, memory_text, saved
from experiments.profiling.memory import BETWEEN, Memory, Save
from experiments.profiling.step import Step
from pt_reference import networks

MODELS = ["mlp", "cnn", pytest.param("svhn", marks=pytest.mark.long)]
MEASURE = {"minigrad": saved.in_minigrad, "torch": saved.in_torch}


def measured(name, layers, dtype="float32", shape=(4, 3)):
    """Return what the layers, and the loss after them, save for four images of three pixels."""
    torch = import_module(name)
    model = networks.classifier(torch.nn.Sequential(*layers(torch.nn)), torch.nn)
    kind = getattr(torch, dtype)
    return MEASURE[name](model.to(kind), torch.ones(*shape, dtype=kind), torch.tensor([0, 1] * 2))


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def both():
    """What a step of each network saves: in minigrad, in PyTorch."""

    @functools.cache
    def of(model):
        steps = [Step(model, Backend(name)) for name in NAMES]
        batches = [step.backend.batch(*next(step.batches)) for step in steps]
        return [
            MEASURE[step.backend.name](step.network, *batch)
            for step, batch in zip(steps, batches, strict=True)
        ]

    return of


def three_layers(nn):
    return nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 2), nn.LogSoftmax(1)


@pytest.mark.parametrize(("dtype", "size"), [("float32", 4), ("float64", 8)])
def test_bytes_by_hand(name, dtype, size):
    """Only ReLU and LogSoftmax have something to save: their outputs, (4, 2) each."""
    memory = measured(name, three_layers, dtype)
    kinds = ["Linear", "ReLU", "Linear", "LogSoftmax"]
    layers = [f"classnet.{k} {kind}" for k, kind in enumerate(kinds)]
    assert memory.layers == [*layers, "nll NLLLoss"]
    assert [memory.counted(layer) for layer in layers] == [0, 8 * size, 0, 8 * size]
    assert memory.shared(layers[0])[0] == "the images"
    assert memory.shared(layers[2]) == ["classnet.1 ReLU", "classnet.2.weight"]
    assert memory.shared(layers[1]) == memory.shared(layers[3]) == []
    assert memory.total == 16 * size + memory.counted("nll NLLLoss")


def test_a_winner_is_a_byte():
    def layers(nn):
        return nn.Conv2d(1, 3, 3, padding="same"), nn.MaxPool2d(2), nn.Flatten()

    memory = measured("minigrad", layers, shape=(4, 1, 2, 4))
    assert memory.counted("classnet.1 MaxPool2d") == 4 * 3 * 1 * 2
    theirs = measured("torch", layers, shape=(4, 1, 2, 4))
    pixels, indices = 4 * 3 * 2 * 4 * 4, 4 * 3 * 1 * 2 * 8
    assert theirs.counted("classnet.1 MaxPool2d") == pixels + indices


def test_a_parameter_that_lies_in_one_memory_with_others_is_known():
    """An optimizer may lay all of them end to end."""
    torch = import_module("minigrad")
    model = networks.classifier(torch.nn.Sequential(*three_layers(torch.nn)), torch.nn)
    parameters = list(model.parameters())
    flat = np.concatenate([p.detach().numpy().ravel() for p in parameters])
    begin = 0
    for p in parameters:
        p._array = flat[begin : begin + p.numel()].reshape(p.shape)
        begin += p.numel()
    memory = saved.in_minigrad(model, torch.ones(4, 3), torch.tensor([0, 1] * 2))
    assert memory.shared("classnet.2 Linear") == ["classnet.1 ReLU", "classnet.2.weight"]
    assert memory.counted("classnet.2 Linear") == 0


def test_operations_between_layers_are_seen(name):
    torch = import_module(name)

    class Between(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(3))
            self.linear = torch.nn.Linear(3, 2)

        def forward(self, x, y):
            return self.linear(x * self.scale).exp().sum()

    memory = MEASURE[name](Between(), torch.ones(4, 3), torch.ones(4))
    assert memory.layers == ["linear Linear", BETWEEN]
    assert memory.counted("linear Linear") == 4 * 3 * 4  # the product
    assert memory.counted(BETWEEN) == 4 * 2 * 4
    assert memory.shared(BETWEEN) == ["the images"]  # the scale is as it is, and not needed


def test_what_is_kept_beside_the_saved_tensors_counts_and_stays_with_the_loss():
    torch = import_module("minigrad")

    class Keep(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.kept = [np.zeros(1000, np.uint8), (torch.zeros(5), "no array")]
            return x * 2

        @staticmethod
        def backward(ctx, grad_output):
            return grad_output * 2

    class Kept(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(3))

        def forward(self, x, y):
            return Keep.apply(self.scale).sum()

    memory = saved.in_minigrad(Kept(), torch.ones(3), torch.ones(3))
    assert memory.total == 1000 + 5 * 4
    assert memory.freed == {}


def test_the_walk_may_compute_between_the_layers():
    """BatchNorm's weight was broadcast: the walk sums its gradient by an operation of its own."""

    def layers(nn):
        return nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten()

    memory = measured("minigrad", layers, shape=(4, 1, 4, 4))
    for key, save in memory.first.items():
        if save.layer != "nll NLLLoss":
            assert memory.freed[key] == save.layer


@pytest.mark.parametrize("model", MODELS)
def test_both_save_the_same_but_for_pooling_and_the_loss(both, model):
    ours, theirs = both(model)
    assert ours.layers == theirs.layers
    for layer in ours.layers:
        if not layer.endswith(("MaxPool2d", "NLLLoss")):
            assert ours.counted(layer) == theirs.counted(layer), layer
    assert ours.total < 1.05 * theirs.total


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("side", [0, 1])
def test_each_layer_lets_go_when_the_walk_has_passed_it(both, model, side):
    memory = both(model)[side]
    for key, save in memory.first.items():
        if not save.layer.endswith("NLLLoss"):
            assert memory.freed[key] == save.layer
    curve = memory.curve()
    half = len(memory.layers)
    assert curve[:half] == sorted(curve[:half])
    assert curve[half:] == sorted(curve[half:], reverse=True)
    assert max(curve) == memory.total
    kept = [save.nbytes for key, save in memory.first.items() if key not in memory.freed]
    assert curve[-1] == sum(kept)


def test_the_peak_is_more_than_what_is_saved(both):
    ours, theirs = both("cnn")
    assert ours.peak > ours.total
    assert theirs.peak == 0
    assert not tracemalloc.is_tracing()


@pytest.fixture
def made_up():
    """Two layers: the second saves again what the first has saved, and holds one of its own."""
    saves = [Save("a A", 1, 3000), Save("a A", 9, 500), Save("b B", 1, 3000), Save("b B", 2, 1000)]
    return Memory(["a A", "b B"], saves, {9: "a.weight"}, {1: "a A"}, peak=2_000_000)


def test_counting(made_up):
    assert [made_up.counted(layer) for layer in made_up.layers] == [3000, 1000]
    assert [made_up.shared(layer) for layer in made_up.layers] == [["a.weight"], ["a A"]]
    assert made_up.total == 4000
    assert made_up.curve() == [3000, 4000, 4000, 1000]


def test_text(made_up):
    out = memory_text.text("mlp", 64, made_up, Memory(["a A", "b B"], [], {}, {}))
    rows = [[c.strip() for c in line.split("|")[1:-1]] for line in out.splitlines() if "|" in line]
    assert rows[2:] == [
        ["a A", "3.0 kB", "", "a.weight"],
        ["b B", "1.0 kB", "", "a A"],
        ["all layers", "4.0 kB", "", ""],
    ]
    assert "the step takes 2.0 MB in minigrad" in out
    assert "minigrad holds 1.0 kB until the loss itself is gone: b B." in out
    assert "PyTorch holds" not in out


def test_chart(made_up):
    axes = memory_chart.chart([("mlp", 64, made_up, made_up)]).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["A", "B", "B", "A"]
    assert list(axes.lines[0].get_ydata()) == made_up.curve()
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["minigrad, 4.0 kB", "PyTorch, 4.0 kB"]


def test_command(tmp_path, capsys):
    chart = tmp_path / "memory"
    assert main(["bench", "--memory", "--model", "mlp", "--chart", str(chart)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("mlp: saved for backward in a training step of 64 images\n")
    assert "| classnet.1 ReLU" in out
    assert memory_text.READING in out
    assert err == f"chart: {chart}.png and {chart}.svg\n"
    assert {file.name for file in tmp_path.iterdir()} == {"memory.png", "memory.svg"}
