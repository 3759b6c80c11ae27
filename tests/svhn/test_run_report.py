"""The report of a run: its numbers are those of the findings, and its page needs nothing else."""

import base64
import dataclasses
import io
import json
import random
import re
import statistics

import numpy as np
import pytest
from PIL import Image
from scipy.stats import binomtest

from experiments.run_folder import RunFolder
from experiments.run_report import LayerRow, write_report
from experiments.run_report.analysis import analysis, incomparable
from experiments.run_report.answers import answers
from experiments.run_report.facts import Facts
from experiments.run_report.measurements import Measurements, Rate
from experiments.svhn.effects import effects

from ..hostile_names.name import NAME
from .made_up import ablation, made_up, sources
from .read_html import Page, plain

SECTIONS = [
    "Configuration", "Convergence", "Beside the published numbers", "Error by digit",
    "Confusion matrix", "Wrong digits", "Learned filters", "Confidence", "Layers",
    "What each component brings", "The assignment’s questions", "Data files",
]  # fmt: skip


def generator():
    return np.random.default_rng(random.getrandbits(32))  # seeded by pytest-randomly, which says it


@pytest.fixture
def rng():
    return generator()


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    def written(findings):
        folder = RunFolder(tmp_path_factory.mktemp("runs"), "run")
        write_report(folder, findings)
        return folder.path

    return written


@pytest.fixture(scope="module")
def findings():
    rng = generator()
    return made_up(
        rng,
        subset=True,
        ablation=ablation(rng, "relu", "dropout"),
        baseline={"test_ce": 0.5, "test_nll": 1.4, "epochs": 12, "seconds": 9.5},
    )


@pytest.fixture(scope="module")
def folder(write, findings):
    return write(findings)


@pytest.fixture(scope="module")
def html(folder):
    return (folder / "report.html").read_text()


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


@pytest.fixture(scope="module")
def markdown(folder):
    return (folder / "report.md").read_text()


def rows_of(markdown, *header):
    """The cells of a Markdown table."""
    lines = iter(markdown.splitlines())
    for line in lines:
        if cells(line) == list(header):
            next(lines)
            return [cells(row) for row in iter(lambda: next(lines, ""), "")]
    raise AssertionError(f"no table {header}")


def cells(line):
    return [plain(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_the_page_needs_nothing_else(html, page):
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "iframe", "object", "base", "form"}
    for address in page.attributes("src") + page.attributes("href") + page.attributes("xlink:href"):
        assert address.startswith(("data:image/png;base64,", "#"))
    assert not re.search(r"url\((?!#)|@import", html)
    assert not any(name.startswith("on") for _, attrs in page.elements for name in attrs)
    assert len(html) < 3e6


def test_the_page_is_in_order(page):
    assert page.elements[0] == ("html", {"lang": "en"})
    names = page.attributes("id")
    assert len(names) == len(set(names))
    assert set(page.attributes("aria-labelledby")) <= set(names)
    assert all(attrs.get("alt") for tag, attrs in page.elements if tag == "img")
    drawn = [attrs for tag, attrs in page.elements if tag == "svg"]
    assert len(drawn) == 3
    assert all(a["role"] == "img" and a["aria-label"] for a in drawn)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert max(np.diff(levels)) <= 1
    assert "prefers-color-scheme: dark" in page.texts["style"][0]


def test_all_sections_are_in_both_forms(page, markdown):
    assert page.texts["h2"] == SECTIONS
    in_markdown = re.findall("^## (.*)", markdown, re.M)
    assert [name.replace("'", "’") for name in in_markdown] == SECTIONS[1:]  # the first is on top
    assert page.texts["h3"][-6:] == re.findall(r"^### (.*)", markdown, re.M)
    assert "The whole configuration" in markdown


def test_the_figures_are_beside_the_markdown(folder, markdown):
    linked = re.findall(r"!\[[^\]]+\]\((\S+)\)", markdown)
    assert sorted(linked) == sorted(path.name for path in folder.glob("*.png"))
    assert len(linked) == 6
    for name in linked:
        pixels = np.asarray(Image.open(folder / name).convert("L"))
        assert pixels.std() > 10


def test_errors_by_digit(findings, page, markdown):
    predicted = findings.log_probabilities.argmax(axis=1)
    header = ("digit", "images", "wrong", "error", "95 % interval")
    rows = page.table(*header)
    assert rows == rows_of(markdown, *header)
    assert [row[0] for row in rows] == [*map(str, range(10)), "all"]
    for name, images, wrong, error, interval in rows:
        here = findings.labels == int(name) if name != "all" else np.ones(300, bool)
        k, n = int((predicted[here] != findings.labels[here]).sum()), int(here.sum())
        assert (int(images), int(wrong), error) == (n, k, f"{100 * k / n:.2f} %")
        expected = binomtest(k, n).proportion_ci(method="wilson")
        ends = [float(end) / 100 for end in re.findall(r"[\d.]+", interval)]
        assert ends == pytest.approx([expected.low, expected.high], abs=1e-4)


def test_the_confusion_matrix(findings, page, markdown):
    counts = np.zeros((10, 10), int)
    for label, row in zip(findings.labels, findings.log_probabilities, strict=True):
        counts[label, np.argmax(row)] += 1
    shares = 100 * counts / counts.sum(axis=1, keepdims=True)
    (table,) = (t for t in page.tables if t[0] == ["", *map(str, range(10))])
    for digit, (name, *row) in enumerate(table[1:]):
        assert name == str(digit)
        assert row == [f"{n}{s:.1f}" for n, s in zip(counts[digit], shares[digit], strict=True)]
    in_markdown = rows_of(markdown, "label", *map(str, range(10)))
    assert in_markdown[4][3] == f"{counts[4, 2]} ({shares[4, 2]:.1f} %)"


def test_wrong_digits(findings, page):
    log_p, labels = findings.log_probabilities.astype(float), findings.labels
    predicted = log_p.argmax(axis=1)
    wrong = [i for i in range(300) if predicted[i] != labels[i]]
    by_confidence = sorted(wrong, key=lambda i: -log_p[i].max())[:12]
    by_nll = sorted(wrong, key=lambda i: log_p[i, labels[i]])[:12]
    shown = [attrs for tag, attrs in page.elements if tag == "img"][:24]
    assert [attrs["alt"] for attrs in shown] == [
        f"test image {i}: {labels[i]}, taken for {predicted[i]}" for i in by_confidence + by_nll
    ]
    for attrs, i in zip(shown, by_confidence + by_nll, strict=True):
        content = base64.b64decode(attrs["src"].split(",")[1])
        pixels = np.asarray(Image.open(io.BytesIO(content)))
        np.testing.assert_array_equal(pixels, findings.images[i].transpose(1, 2, 0))
    texts = [plain(text) for text in page.texts["li"]]
    i = by_nll[0]
    expected = f"p = {np.exp(log_p[i].max()):.3f} nll = {-log_p[i, labels[i]]:.2f}"
    assert any(expected in re.sub(r"nll", " nll", text).replace("  ", " ") for text in texts)


def test_layers_and_their_sums(findings, page, markdown):
    header = ("layer", "output", "parameters", "ms there + back")
    rows = page.table(*header)
    assert rows == rows_of(markdown, *header)
    there, back = (
        sum(getattr(layer, name) for layer in findings.layers)
        for name in ("forward_ms", "backward_ms")
    )
    assert rows[-1] == ["all", "", "1,698", f"{there:.1f} + {back:.1f}"]
    assert rows[2][:3] == ["2 Conv2d", "8×32×32", "1,160"]


def test_the_ablation(findings, page, markdown):
    header = ("left out", "instead", "test error", "change, 95 %", "the component")
    rows = page.table(*header)
    assert rows == rows_of(markdown, *header)
    errors = {}
    for run in findings.ablation["runs"]:
        errors.setdefault(run["without"], []).append(run["test_ce"])
    margins = {e.without: 100 * e.margin for e in effects(findings.ablation["runs"])}
    for row, (without, values) in zip(rows, errors.items(), strict=True):
        change = [100 * (v - w) for v, w in zip(values, errors[None], strict=True)]
        assert row[0] == (without or "nothing")
        assert row[2] == f"{100 * statistics.mean(values):.2f} %"
        if without:
            mean, margin = statistics.mean(change), margins[without]
            assert row[3] == f"{mean:+.2f} ± {margin:.2f}"
            shown = "pays" if mean > 0 else "does harm"
            assert row[4] == (shown if abs(mean) > margin else "not shown to pay")


def test_beside_the_published_numbers(findings, page, markdown):
    header = ("run", "this run", "published network, same command", "as published")
    rows = page.table(*header)
    assert rows == rows_of(markdown, *header)
    found = {name: values for name, *values in rows}
    assert found["trained on"] == ["900 (a subset)", "900 (a subset)", "543,949, with extra"]
    assert found["tested on"] == ["300 (a subset)", "300 (a subset)", "26,032"]
    assert found["epochs"] == ["6", "12", ""]
    assert found["test nll"] == [f"{findings.test_nll:.4f}", "1.4000", "0.2600"]
    assert found["test error"] == [f"{100 * findings.test_ce:.2f} %", "50.00 %", "6.43 %"]


def test_a_subset_is_called_so(html, page, markdown):
    assert page.texts["title"][0].endswith(", on a subset")
    assert markdown.splitlines()[0].endswith(", on a subset")
    for text in (html, markdown):
        assert "On a subset of SVHN: not comparable with results on the whole." in text
        assert "assignment's rule" not in text
    assert page.texts["svg"][0].count("on a subset") == 1  # the figure's own title


def test_hostile_words_are_shown_and_nothing_else(write, findings, page):
    layers = [LayerRow(NAME, NAME, (1,), 2, 3.0, 4.0), *findings.layers[1:]]
    files = [dict(source, md5=NAME) for source in findings.sources]
    runs = [dict(run, without=run["without"] and NAME + run["without"])
            for run in findings.ablation["runs"]]  # fmt: skip
    config = findings.config | {"data": NAME, "device": NAME, NAME: [NAME]}
    folder = write(
        dataclasses.replace(
            findings, config=config, layers=layers, sources=files, ablation={"runs": runs}
        )
    )
    hostile = Page((folder / "report.html").read_text())
    # Not an element more, but for the layers' own list: each kind of them is explained once.
    in_main = [[tag for tag, _ in p.elements if tag != "li"] for p in (page, hostile)]
    assert in_main[0] == in_main[1]
    (whole,) = hostile.texts["pre"]
    assert json.loads(whole) == config
    assert hostile.table("file", "images", "bytes", "md5", "official")[0][3] == plain(NAME)

    text = (folder / "report.md").read_text()
    before, fenced, after = re.split(r"^```(?:json)?$", text, flags=re.M)
    assert json.loads(fenced) == config
    words = before.replace("<details><summary>", "").replace("</summary>", "")
    assert not re.search(r"(?<!\\)[<`]", words + after.replace("</details>", ""))
    row = rows_of(text, "file", "images", "bytes", "md5", "official")[0]
    assert re.sub(r"\\(.)", r"\1", row[3]) == plain(NAME)


def test_extra_examples_break_the_rule_and_every_form_says_so(write, rng):
    files = sources(900, 300, extra=100)
    findings = made_up(rng, protocol="published", extra="used", model="published", sources=files)
    folder = write(findings)
    page = Page((folder / "report.html").read_text())
    markdown = (folder / "report.md").read_text()
    for title in (page.texts["title"][0], page.texts["h1"][0], markdown.splitlines()[0]):
        assert "breaks the assignment's rule" in title
    assert "Breaks the assignment's rule: extra examples used." in markdown
    assert "subset" not in markdown.split("```")[0]
    assert ["extra images", "used"] in page.table("setting", "value")


def test_a_perfect_run(write, rng):
    labels = rng.choice([0, 2, 7], 50)
    folder = write(made_up(rng, labels=labels, scores=30 * np.eye(10)[labels], published=None))
    page = Page((folder / "report.html").read_text())
    assert "There are none." in page.texts["p"]
    assert "There are none." in (folder / "report.md").read_text()
    rows = page.table("digit", "images", "wrong", "error", "95 % interval")
    assert rows[1][1:] == ["0", "0", "", ""]
    assert rows[-1][3] == "0.00 %"


def test_the_same_findings_give_the_same_page(write, findings, html):
    assert (write(findings) / "report.html").read_text() == html


def test_measurements(rng):
    findings = made_up(rng, n=500)
    test = Measurements(findings.log_probabilities, findings.labels)
    assert test.nll.mean() == pytest.approx(findings.test_nll, rel=1e-5)
    assert test.rate.error == findings.test_ce
    confidence = np.exp(findings.log_probabilities.max(axis=1).astype(float))
    right = findings.log_probabilities.argmax(axis=1) == findings.labels
    gaps = [
        abs(confidence[here].mean() - right[here].mean()) * here.mean()
        for low in np.arange(15) / 15
        if (here := (confidence >= low) & (confidence < low + 1 / 15)).any()
    ]
    assert test.calibration_error == pytest.approx(sum(gaps))
    counts = {
        (label, other): int(((findings.labels == label) & (test.predicted == other)).sum())
        for label in range(10)
        for other in range(10)
        if label != other
    }
    pairs = test.pairs(5)
    assert [pair.images for pair in pairs] == sorted(counts.values(), reverse=True)[:5]
    assert all(counts[pair.label, pair.predicted] == pair.images for pair in pairs)


@pytest.mark.parametrize(("k", "n"), [(0, 7), (7, 7), (1, 1000), (300, 1000)])
def test_wilson(k, n):
    expected = binomtest(k, n).proportion_ci(method="wilson")
    assert Rate(k, n).interval == pytest.approx((expected.low, expected.high), abs=1e-4)


def test_log_softmax_is_checked_on_the_run(rng):
    findings = made_up(rng)
    assert "same for all 300 test images" in answers(Facts(findings))[1].paragraphs[0]
    # The larger of two log-probabilities comes second; as float32, their exponentials are equal.
    small = np.linspace(-0.72, -0.69, 1000, dtype=np.float32)
    large = np.nextafter(small, np.float32(0))
    equal = np.exp(small) == np.exp(large)
    assert equal.any()
    near = findings.log_probabilities.copy()
    near[:2] = -110
    near[:2, 3], near[:2, 8] = small[equal][0], large[equal][0]
    answer = answers(Facts(dataclasses.replace(findings, log_probabilities=near)))[1]
    assert "2 of 300 labels differ" in answer.paragraphs[0]
    zeros = int((np.exp(near) == 0).sum())
    assert f"{zeros} of the 3,000 probabilities are rounded to 0" in answer.paragraphs[1]
    assert zeros >= 16


def test_answers_change_with_the_history(rng):
    findings = made_up(rng)
    start = findings.history[0]
    rows = [(1.0, 0.5, 0.4), (0.5, 0.4, 0.2), (0.2, 0.7, 0.1)]
    history = [
        start,
        *(
            dataclasses.replace(start, epoch=i, train_nll=t, val_nll=v, val_ce=c)
            for i, (t, v, c) in enumerate(rows, start=1)
        ),
    ]
    told = answers(Facts(dataclasses.replace(findings, history=history, best_epoch=2)))[2]
    text = " ".join(told.paragraphs)
    assert "do not agree" in text
    assert "epoch 3 (10.00 % instead of 20.00 %)" in text
    assert "the validation nll rose from 0.4000 to 0.7000" in text
    assert "overfitting" in text
    calm = answers(Facts(dataclasses.replace(findings, history=history[:3], best_epoch=2)))[2]
    assert "Loss and error agree" in " ".join(calm.paragraphs)
    assert "overfitting" not in " ".join(calm.paragraphs)


def test_the_analysis_gives_the_sampling_error(rng):
    findings = made_up(rng)
    p = findings.test_ce
    text = " ".join(analysis(Facts(findings)))
    assert f"±{100 * 1.96 * np.sqrt(p * (1 - p) / 300):.2f} %" in text
    assert "and is not comparable" in text


def test_what_is_comparable(rng):
    files = sources(73_257, 26_032, extra=531_131)
    published = {"protocol": "published", "extra": "used", "sources": files}
    facts = Facts(made_up(rng, n=26_032, model="published", **published))
    assert facts.examples == (543_949, 60_439)
    assert incomparable(facts) == []
    assert "of the same network, images and protocol" in analysis(facts)[-1]
    facts = Facts(made_up(rng, model="improved", **published))
    assert len(incomparable(facts)) == 2


def test_convolutions_are_counted_against_linear_layers(rng):
    text = " ".join(answers(Facts(made_up(rng)))[3].paragraphs)
    dense = (3 * 32 * 32 + 1) * 16 * 32 * 32 + (16 * 32 * 32 + 1) * 8 * 32 * 32
    assert f"would have {dense:,}: {dense / 1608:,.0f} times as many" in text
