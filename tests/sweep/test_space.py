"""The space of a sweep is data: what is wrong with it is said in one line, and nothing is run."""

import os
import random

import pytest

from experiments.cli import main
from experiments.errors import UsageError
from experiments.sweep import space
from experiments.sweep.space import Choices, Range
from experiments.sweep_command import EXPERIMENTS, searchable

RIGHT = """
model = "mlp"  # fixed
epochs = 3
lr = {low = 1e-4, high = 1e-2, log = true}
weight_decay = {low = 0, high = 1e-3}
batch_size = {choices = [32, 64, 128]}

[patience]
low = 2
high = 20
"""


@pytest.fixture
def read(tmp_path):
    def check(content, experiment="digits"):
        file = tmp_path / "space.toml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return space.read(file, searchable(experiment))

    return check


def test_what_the_file_says(read):
    found = read(RIGHT)
    assert found.fixed == {"model": "mlp", "epochs": 3}
    assert found.searched == {
        "lr": Range(1e-4, 1e-2, True),
        "weight_decay": Range(0.0, 1e-3, False),
        "batch_size": Choices((32, 64, 128)),
        "patience": Range(2, 20, False),
    }
    assert isinstance(found.searched["weight_decay"].low, float)


class Lowest:
    """A trial that always draws the first, or the lowest."""

    def suggest_float(self, name, low, high, log):
        return low

    suggest_int = suggest_float

    def suggest_categorical(self, name, choices):
        return choices[0]


def test_drawing(read):
    drawn = read(RIGHT).draw(Lowest())
    assert drawn == {
        "model": "mlp", "epochs": 3, "lr": 1e-4, "weight_decay": 0, "batch_size": 32, "patience": 2,
    }  # fmt: skip
    assert type(drawn["batch_size"]) is type(drawn["patience"]) is int


@pytest.mark.parametrize(
    ("lines", "without"),
    [
        ('model = "improved"\nwithout = {choices = ["nothing", "relu"]}', {"without": None}),
        ('without = {choices = ["relu", "nothing"]}\nmodel = "improved"', {"without": "relu"}),
        ('without = {choices = ["relu"]}\nmodel = {choices = ["published", "improved"]}', {}),
    ],
)
def test_a_component_left_out_is_drawn_where_there_are_components(lines, without, read):
    drawn = read(lines, "svhn").draw(Lowest())
    assert {k: v for k, v in drawn.items() if k == "without"} == without


WRONG = {
    "unknown": ("momentum = 0.9", ("line 2", "momentum", "weight_decay")),
    "of svhn": ('without = "relu"', ("line 2", "without")),
    "not searched": ("seed = {choices = [1, 2]}", ("seed",)),
    "an escape": ('"bad\\nkey" = 1', ("bad",)),
    "type": ('lr = "fast"', ("line 2, lr: expected a number, not 'fast'",)),
    "no integer": ("batch_size = 64.0", ("batch_size: expected an integer",)),
    "no number": ("epochs = true", ("epochs: expected an integer",)),
    "date": ("lr = 2001-01-01", ("lr: expected a number",)),
    "list": ("lr = [1, 2]", ("lr: expected a number",)),
    "model": ('model = {choices = ["mlp", "rnn"]}', ("line 2, model", "mlp, cnn")),
    "both": ('model = "both"', ("model", "mlp, cnn")),
    "range of texts": ('model = {low = "a", high = "b"}', ("model", "choices")),
    "nan": ("lr = nan", ("lr: expected a number above 0",)),
    "inf": ("lr = {low = 1.0, high = inf}", ("lr: expected a number above 0",)),
    "negative": ("lr = {low = -1.0, high = 1.0}", ("lr: expected a number above 0",)),
    "zero": ("batch_size = {choices = [0, 1]}", ("batch_size: expected an integer from 1",)),
    "huge": ("epochs = 1" + "0" * 4000, ("epochs: expected an integer from 1",)),
    "too many digits": ("epochs = 1" + "0" * 5000, ("TOML",)),
    "low > high": ("lr = {low = 0.1, high = 0.01}", ("line 2, lr: low = 0.1 is not below",)),
    "low = high": ("lr = {low = 0.1, high = 0.1}", ("not below",)),
    "log of 0": ("weight_decay = {low = 0, high = 1, log = true}", ("above 0 alone",)),
    "log is no bool": ("lr = {low = 0.1, high = 1, log = 1}", ("log: expected true or false",)),
    "low alone": ("lr = {low = 0.1}", ("lr: expected a value, {choices", "not a table of low")),
    "both ways": ("lr = {low = 0.1, high = 1, choices = [1]}", ("lr: expected a value",)),
    "empty": ("lr = {}", ("a table of nothing",)),
    "no choices": ("lr = {choices = []}", ("choices: expected a list of 1 to",)),
    "choices no list": ("lr = {choices = 0.1}", ("choices: expected a list",)),
    "many choices": (f"epochs = {{choices = {list(range(1, 102))}}}", ("choices",)),
    "twice a choice": ("lr = {choices = [1, 1.0]}", ("there twice",)),
    "a table in choices": ("lr = {choices = [{low = 1}]}", ("expected a number",)),
    "duplicate": ("lr = 0.1\nlr = 0.2", ("line 3",)),
    "YAML": ("lr: !!python/object/apply:os.system ['touch pwned']", ("line 2",)),
    "YAML in a text": ('model = "!!python/object/apply:os.system"', ("model",)),
    "deep": ("lr = " + "[" * 30_000, ("TOML",)),
    "large": ("#" * 70_000, ("larger",)),
    "nothing searched": ("lr = 0.1", ("nothing to search",)),
    "not UTF-8": (b"lr = 0.1 # \xff", ("UTF-8",)),
    "a NUL": (b"lr\0 = 0.1", ("TOML",)),
}  # fmt: skip


@pytest.mark.fault(31)
@pytest.mark.parametrize("what", WRONG)
def test_31_a_wrong_space_is_one_line_and_nothing_is_run(what, tmp_path, capsys, monkeypatch):
    content, says = WRONG[what]
    first = b"" if "model" in str(content) else b'model = "mlp"'
    body = content if isinstance(content, bytes) else content.encode()
    refused(first + b"\n" + body, says, tmp_path, capsys, monkeypatch)


@pytest.mark.fault(31)
def test_31_the_network_has_to_be_named(tmp_path, capsys, monkeypatch):
    says = ('model = "mlp" or "cnn"',)
    refused(b"lr = {low = 0.1, high = 0.2}", says, tmp_path, capsys, monkeypatch)


def refused(content, says, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.toml").write_bytes(content)
    assert main(["sweep", "digits", "--space", "space.toml"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    for text in ("space.toml", *says):
        assert text in err
    assert os.listdir(tmp_path) == ["space.toml"]  # neither runs/ nor what a YAML might have done


@pytest.mark.fault(31)
@pytest.mark.parametrize("make", [lambda path: path.mkdir(), os.mkfifo, lambda path: None])
def test_31_what_is_no_file(make, tmp_path, capsys):
    make(tmp_path / "space.toml")
    assert main(["sweep", "digits", "--space", str(tmp_path / "space.toml")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_no_file_is_a_bug(read):
    """Files that are nearly right: each is read, or refused."""
    rng = random.Random(0)
    alphabet = [*"={}[]\"'.,#\n 019eE-tlowhi\0é", "low", "choices", "lr", "true", "nan"]
    refusals = 0
    for _ in range(400):
        text = list(RIGHT)
        for _ in range(rng.randint(1, 4)):
            text[rng.randrange(len(text))] = rng.choice(alphabet)
        try:
            read("".join(text))
        except UsageError:
            refusals += 1
    assert 40 < refusals < 400


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_what_is_searched_is_an_option_of_the_experiment(experiment):
    usual = {"model", "lr", "weight_decay", "batch_size", "epochs", "patience"}
    assert set(searchable(experiment)) == usual | ({"without"} if experiment == "svhn" else set())
