"""`minigrad check`: exit statuses, one line for what cannot be checked, files that are whole."""

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from experiments import atomic
from experiments.cli import main
from experiments.errors import UsageError
from pt_reference.check import checker
from pt_reference.check.checker import check_file
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import FAIL, NOT_ATTEMPTED, PASS
from pt_reference.check.templates import template

PLAIN = (Path(__file__).with_name("students") / "plain.py").read_text()
RELU = """
class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, grad_output):
        return grad_output * self.mask
"""


@pytest.fixture
def right(tmp_path):
    (tmp_path / "right.py").write_text(RELU)
    return tmp_path / "right.py"


@pytest.fixture
def wrong(tmp_path):
    (tmp_path / "wrong.py").write_text(RELU.replace("return grad_output", "return -grad_output"))
    return tmp_path / "wrong.py"


def check(*argv):
    return main(["check", *map(str, argv)])


# Exit statuses


def test_0_if_all_is_right(right, capsys):
    assert check(right) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{right}\n\n  ReLU        pass ")
    assert "  not attempted: Linear, Conv2d, MaxPool2d, LogSoftmax, NLLLoss, Adamax\n" in out
    assert err == ""


def test_1_if_something_is_wrong(wrong, capsys):
    assert check(wrong) == 1
    out, err = capsys.readouterr()
    assert "ReLU: error: grad_input is wrong" in out
    assert err == ""


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("", "minigrad check --template Linear > linear.py"),
        ("FILE --layer Conv", "'Conv2d'"),
        ("FILE --seed x", "--seed: expected an integer from 0"),
        ("FILE --seed -1", "--seed: expected an integer from 0"),
        ("FILE --hints all", "'cause'"),
        ("FILE --json nowhere/a.json", "--json report.json"),
        ("FILE --html .", "--html report.html"),
        ("FILE --junit nowhere/a.xml", "--junit report.xml"),
        ("FILE --json FILE", "is a file to check; name another file"),
        ("FILE --json a --html a", "is what another option writes; name another file"),
        ("--template Foo", "'Linear'"),
        ("--template ReLU FILE", "leave out FILE.py"),
        ("FILE --nonsense", "minigrad check --help"),
    ],
)
def test_2_if_it_is_not_typed_as_it_must_be(argv, said, right, capsys, monkeypatch):
    monkeypatch.setattr(checker, "check_file", None)  # nothing is checked
    monkeypatch.chdir(right.parent)
    before = sorted(right.parent.iterdir())
    assert check(*argv.replace("FILE", str(right)).split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err
    assert sorted(right.parent.iterdir()) == before


def unparsable(folder):
    (folder / "a.py").write_text("x = 1\nclass ReLU(:\n")
    return "a.py", "does not parse as Python: invalid syntax in line 2"


def binary(folder):
    (folder / "a.py").write_bytes(bytes(range(256)))
    return "a.py", "does not parse as Python"


def notebook(folder):
    (folder / "a.ipynb").write_text("{}")
    return "a.ipynb", "jupyter nbconvert --to script a.ipynb"


def nothing_known(folder):
    (folder / "a.py").write_text("class Pooling: pass\n")
    return "a.py", "minigrad check --template Linear"


def a_folder(folder):
    (folder / "a.py").mkdir()
    return "a.py", "is a folder; name its files: "


def no_file(folder):
    return "a.py", "no such file"


@pytest.mark.parametrize("make", [unparsable, binary, notebook, nothing_known, a_folder, no_file])
def test_2_and_one_line_if_a_file_cannot_be_checked(make, tmp_path, capsys):
    name, said = make(tmp_path)
    assert check(tmp_path / name, "--json", tmp_path / "a.json") == 2
    out, err = capsys.readouterr()
    assert out == ""
    report, line = sorted(err.splitlines(), key=lambda line: line.startswith("minigrad: "))
    assert line.startswith(f"minigrad: {tmp_path / name}: ")
    assert said in line
    assert report == f"json: {tmp_path / 'a.json'}"
    assert said.split(":")[0] in json.loads((tmp_path / "a.json").read_text())["problem"]


# Several files


def test_a_bad_file_stops_no_other(right, wrong, capsys):
    bad = right.with_name("bad.py")
    bad.write_text("class ReLU(")
    ends = right.with_name("ends.py")
    ends.write_text("import os\nos._exit(0)\nclass ReLU: pass")
    assert check(bad, ends, wrong, right, "--layer", "ReLU") == 2
    out, err = capsys.readouterr()
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if ".py " in line}
    assert rows["right.py"] == ["pass"]
    assert rows["wrong.py"] == ["FAIL"]
    assert rows["ends.py"] == ["CRASH"]
    assert rows["bad.py"][:3] == ["does", "not", "parse"]
    assert "Most frequent first mistakes:" in out
    assert err.count("\n") == 1
    assert "bad.py: does not parse" in err


def test_a_bug_in_the_checker_stops_no_other_file(right, wrong, capsys, monkeypatch):
    def broken(path, *more, **named):
        if path == wrong:
            raise ZeroDivisionError("a bug")
        return check_file(path, *more, **named)

    monkeypatch.setattr(checker, "check_file", broken)
    assert check(wrong, right, "--layer", "ReLU") == 2
    out, err = capsys.readouterr()
    assert "pass" in out
    assert "wrong.py: a bug in the checker: ZeroDivisionError: a bug" in err


# Files that are written


def test_all_reports_at_once(wrong, capsys, monkeypatch):
    monkeypatch.chdir(wrong.parent)
    names = ["--json", "a.json", "--html", "a.html", "--junit", "a.xml", "--gradescope", "g.json"]
    assert check(wrong, "--layer", "ReLU", "--hints", "axis", *names) == 1
    said = json.loads(Path("a.json").read_text())
    assert list(said["layers"]) == ["ReLU"]
    assert said["layers"]["ReLU"]["verdict"] == FAIL
    assert Path("a.html").read_text().startswith("<!doctype html>")
    assert ElementTree.parse("a.xml").getroot().get("failures") == "1"
    assert 5 < json.loads(Path("g.json").read_text())["score"] < 10
    assert {p.name for p in Path().iterdir()} == {"wrong.py", *names[1::2]}
    assert capsys.readouterr().err.splitlines() == [
        f"{option[2:]}: {name}" for option, name in zip(names[::2], names[1::2], strict=True)
    ]


def test_expected_values_are_written_if_asked_for(wrong):
    path = wrong.with_suffix(".json")
    for options, there in ([], False), (["--show-expected"], True):
        check(wrong, "--layer", "ReLU", "--json", path, *options)
        (finding,) = json.loads(path.read_text())["layers"]["ReLU"]["findings"]
        assert ("expected" in finding) == there


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.json"
    atomic.write(path, "old")
    with pytest.raises(UnicodeEncodeError):
        atomic.write(path, "new" * 100_000 + "\ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    atomic.write(path, "new")
    assert path.read_text() == "new"


def test_a_file_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        atomic.write(tmp_path / "nowhere" / "a.json", "")
    atomic.write(Path("/dev/null"), "")  # no file to rename


def test_the_same_seed_says_the_same(wrong):
    path, said = wrong.with_suffix(".json"), []
    for seed in (1, 1, 2):
        check(wrong, "--layer", "ReLU", "--seed", seed, "--json", path)
        said.append(json.loads(path.read_text()))
    assert said[0] == said[1]
    assert [report["seed"] for report in said] == [1, 1, 2]


# Skeletons


FILLED = {  # what stands for each `raise NotImplementedError` and its comment
    "Linear": [
        "return x @ self.weight.T + (0 if self.bias is None else self.bias)",
        "self.grad_weight = grad_output.T @ self.x\n"
        "        self.grad_bias = grad_output.sum(0)\n"
        "        return grad_output @ self.weight",
    ],
    "ReLU": ["self.mask = x > 0\n        return x * self.mask", "return grad_output * self.mask"],
    "Adamax": [
        "self.t += 1\n"
        "        beta1, beta2 = self.betas\n"
        "        for p, g, m, u in zip(self.params, grads, self.m, self.u, strict=True):\n"
        "            g = -g if self.maximize else g\n"
        "            g = g + self.weight_decay * p\n"
        "            m[...] = beta1 * m + (1 - beta1) * g\n"
        "            u[...] = np.maximum(beta2 * u, np.abs(g) + self.eps)\n"
        "            p -= self.lr / (1 - beta1**self.t) * m / u"
    ],
}


def filled(text, code):
    """Return a skeleton with its first gap filled."""
    return re.sub(r"^( {8})raise NotImplementedError.*", rf"\1{code}", text, count=1, flags=re.M)


def body_of(layer):
    """Return what plain.py has for the methods of a layer, which the skeletons name alike."""
    start = PLAIN.index(f"class {layer}")
    return PLAIN[start : PLAIN.index("\nclass ", start)]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_skeleton_is_not_attempted(layer, tmp_path, capsys):
    assert check("--template", layer) == 0
    out, err = capsys.readouterr()
    assert out == template(layer)
    assert err == ""
    (tmp_path / "a.py").write_text(out)
    report = check_file(tmp_path / "a.py").layers
    assert {r.verdict for r in report.values()} == {NOT_ATTEMPTED}
    assert report[layer].findings == []
    assert report[layer].skipped  # but it is there


@pytest.mark.parametrize("layer", FILLED)
def test_a_skeleton_filled_in_rightly_passes(layer, tmp_path):
    text = template(layer)
    for code in FILLED[layer]:
        text = filled(text, code)
    (tmp_path / "a.py").write_text(text)
    found = check_file(tmp_path / "a.py", [layer]).layers[layer]
    assert (found.verdict, [f for f in found.findings if f.severity == "error"]) == (PASS, [])


@pytest.mark.parametrize("layer", ["Conv2d", "MaxPool2d", "LogSoftmax", "NLLLoss"])
def test_a_skeleton_names_what_a_right_layer_has(layer):
    def signatures(text):
        start = text.index(f"class {layer}")
        joined = " ".join(text[start:].replace(",\n    ):", "):").split())
        return [part.partition(":")[0] for part in joined.split("def ")[1:]]

    theirs = signatures(body_of(layer))
    ours = signatures(template(layer))
    methods = [s.partition("(")[0] for s in ours]
    assert methods == ["__init__", "forward", "backward"]
    assert [s for s in theirs if s.partition("(")[0] in ("forward", "backward")] == ours[1:]


def test_a_forward_can_be_checked_alone(tmp_path):
    (tmp_path / "a.py").write_text(filled(template("ReLU"), FILLED["ReLU"][0]))
    found = check_file(tmp_path / "a.py", ["ReLU"]).layers["ReLU"]
    assert found.verdict == PASS
    assert "backward is not implemented" in found.skipped
    assert "grad_input" not in found.ran


def test_an_unfilled_file_says_what_to_do(tmp_path, capsys):
    (tmp_path / "a.py").write_text(template("Conv2d"))
    assert check(tmp_path / "a.py") == 0
    assert "replace a `raise NotImplementedError`" in capsys.readouterr().out


# pytest tests/gradients --implementation FILE.py


def test_pytest_has_a_test_for_each_part_of_a_layer(wrong):
    options = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-k", "Linear or ReLU"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests/gradients", "--implementation", wrong],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert "1 failed, 3 passed, 6 skipped" in done.stdout
    assert "test_layer[ReLU-grad_input]" in done.stdout
    assert "ReLU: error: grad_input is wrong" in done.stdout
    assert done.returncode == 1
