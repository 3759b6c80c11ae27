"""Each component left out in turn: what is run, what is used again, what the table says."""

import json
import re
import statistics

import numpy as np
import pytest

from experiments import ablation as module
from experiments.ablation import VARIANTS, as_text
from experiments.cli import main
from experiments.finished_run import FinishedRun
from experiments.svhn.effects import effects

from ..svhn_files import write_mat


def rows(errors):
    """Runs, given {component: errors of seeds 0, 1, ...}."""
    return [
        {"without": without, "seed": seed, "test_ce": error}
        for without, values in errors.items()
        for seed, error in enumerate(values)
    ]


def test_the_difference_is_taken_seed_by_seed():
    whole, less = [0.10, 0.20, 0.15], [0.13, 0.22, 0.19]
    first, second = effects(rows({None: whole, "relu": less}))
    differences = [b - a for a, b in zip(whole, less, strict=True)]
    assert (first.difference, first.verdict) == (0.0, "")
    assert second.mean == pytest.approx(statistics.mean(less))
    assert second.sd == pytest.approx(statistics.stdev(less))
    assert second.difference == pytest.approx(statistics.mean(differences))
    # A 95 % interval of two degrees of freedom reaches 4.303 standard errors to either side.
    assert second.margin == pytest.approx(4.3027 * statistics.stdev(differences) / 3**0.5, rel=1e-4)


def test_the_spread_is_pooled_over_the_components():
    found = effects(rows({None: [0.1, 0.1], "relu": [0.10, 0.14], "depth": [0.11, 0.11]}))
    pooled = ((0.04**2 / 2 + 0) / 2) ** 0.5 / 2**0.5  # of the variances, half of them 0
    assert [e.margin for e in found[1:]] == pytest.approx([4.3027 * pooled] * 2, rel=1e-4)


@pytest.mark.parametrize(
    ("less", "verdict"),
    [
        ([0.20, 0.21, 0.20], "pays"),
        ([0.05, 0.06, 0.05], "does harm"),
        ([0.10, 0.14, 0.11], "not shown to pay"),
        ([0.10, 0.10, 0.10], "not shown to pay"),
        ([0.20], "not shown to pay"),  # one seed cannot tell
    ],
)
def test_verdicts(less, verdict):
    whole = [0.10, 0.11, 0.10][: len(less)]
    if less == [0.10] * 3:
        whole = less
    assert effects(rows({None: whole, "relu": less}))[1].verdict == verdict


def test_the_text_holds_every_variant_and_the_remarks():
    errors = {without: [0.1 + i / 100, 0.1] for i, without in enumerate(VARIANTS)}
    text = as_text(rows(errors), ["on a subset"])
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(VARIANTS)
    assert "The runs: on a subset." in text
    assert "10.50 %" in table[3]
    assert "+0.50" in table[3]


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(0)
    for split, n in (("train", 30), ("test", 20)):
        images = rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8)
        write_mat(tmp_path / f"{split}_32x32.mat", images, np.arange(n) % 10)
    return tmp_path


def test_it_runs_each_variant_once_and_goes_on_where_it_was_ended(
    data, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(module, "VARIANTS", (None, "relu"))
    reports = []
    monkeypatch.setattr(module, "report", lambda folder, _: reports.append(folder.name))
    out = tmp_path / "runs"

    def ablation(*options):
        argv = ["--subset", "--threads", "1", "--epochs", "1", "--ablation", *options]
        assert main(["svhn", "--data", str(data), "--out", str(out), *argv]) == 0
        return capsys.readouterr()

    ran = ablation()
    assert sorted(re.findall(r"^-> RUN (.*), seed 0: ce=", ran.out, re.M)) == [
        "whole",
        "without relu",
    ]
    assert "Epoch" not in ran.out
    names = ["subset-torch-improved-seed0", "subset-torch-improved-without-relu-seed0"]
    assert reports == names[:1]

    before = {path: path.stat().st_mtime_ns for path in out.rglob("result.json")}
    more = ablation("--seeds", "2")
    assert "2 of 4 runs are there already" in more.err
    assert more.out.count("-> RUN") == 2
    assert all(path.stat().st_mtime_ns == mtime for path, mtime in before.items())

    content = json.loads((out / "svhn" / "ablation.json").read_text())
    assert [(r["without"], r["seed"]) for r in content["runs"]] == [
        (without, seed) for seed in (0, 1) for without in (None, "relu")
    ]
    for row, name in zip(content["runs"], names, strict=False):
        run = FinishedRun.read(out / "svhn" / name)
        assert row["test_ce"] == run.result["test_ce"]
        assert row["val_nll"] == run.result["best_val_nll"]
    assert "--ablation" in content["command"]
    text = (out / "svhn" / "ablation.md").read_text()
    assert text.strip() in more.out
    assert "subset" in text


@pytest.mark.long
def test_several_at_a_time_are_the_same_runs_and_other_settings_other_ones(
    data, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "VARIANTS", (None, "relu"))
    monkeypatch.setattr(module, "report", lambda *_: None)
    argv = ["svhn", "--data", str(data), "--subset", "--threads", "1", "--epochs", "1"]
    contents = []
    for out, jobs in (("one", "1"), ("two", "2")):
        assert main([*argv, "--ablation", "--jobs", jobs, "--out", str(tmp_path / out)]) == 0
        contents.append(json.loads((tmp_path / out / "svhn" / "ablation.json").read_text()))
    for one, two in zip(*(content["runs"] for content in contents), strict=True):
        assert one | {"seconds": 0} == two | {"seconds": 0}

    assert main([*argv, "--ablation", "--batch-size", "7", "--out", str(tmp_path / "one")]) == 0
    assert len(list((tmp_path / "one" / "svhn").glob("subset-*"))) == 4
