"""The page in Chromium: walked through, pointed at, pinned, shared, drawn on.

Skipped where playwright or a browser is missing.
"""

import base64
import re
import shutil

import numpy as np
import pytest

import minigrad
from minigrad.explain.explanation import explain
from minigrad.explain.page import page

from .passes import network, remembered, unknown, variety

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The pages as files, by name."""
    folder = tmp_path_factory.mktemp("pages")
    passes = {
        "mlp": network("mlp"), "cnn": network("cnn"), "variety": variety(), "other": unknown(),
        "remembered": remembered(),
    }  # fmt: skip
    for name, trace in passes.items():
        (folder / f"{name}.html").write_text(page(trace, name), encoding="utf-8")
    x = minigrad.randn(3, requires_grad=True)
    notebook = explain(lambda x: (x * x).sum(), x)._repr_html_()
    (folder / "notebook.html").write_text(f"<!doctype html>{notebook}", encoding="utf-8")
    return folder


@pytest.fixture
def visit(browser, files):
    """Open a page; in the end nothing may have been written to its console."""
    complaints, tabs = [], []

    def visit(name, where="", width=1440, **options):
        tab = browser.new_page(viewport={"width": width, "height": 900}, **options)
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(f"{(files / name).with_suffix('.html').as_uri()}{where}")
        tabs.append(tab)
        return tab

    yield visit
    for tab in tabs:
        tab.close()
    assert not complaints


# Points at `count` random cells of each heat map of the step, and reads what the panel says:
# [value, part, index, number as shown, number, sum of the terms listed, sum of their sizes].
POINT_AT_CELLS = """
(count) => Array.from(document.querySelectorAll("#step canvas[data-value]")).flatMap((canvas) => {
  const { value, part } = canvas.dataset;
  const layout = layoutOf(trace.values[value].shape);
  const cells = product(trace.values[value].shape);
  return Array.from({ length: Math.min(count, cells) }, (_, n) => {
    const index = cells <= count ? n : Math.floor(Math.random() * cells);
    const [column, row] = layout.at(index);
    const box = canvas.getBoundingClientRect();
    canvas.dispatchEvent(new PointerEvent("pointermove", {
      clientX: box.left + ((column + 0.5) / layout.columns) * box.width,
      clientY: box.top + ((row + 0.5) / layout.rows) * box.height,
    }));
    const number = document.querySelector("#cell .number");
    const rows = document.querySelectorAll("#cell tr[data-product]");
    const products = Array.from(rows, (row) => Number(row.dataset.product));
    const sum = (list) => list.reduce((total, product) => total + product, 0);
    const found = [Number(value), part, index, number.textContent, Number(number.dataset.number),
      products.length ? sum(products) : null, sum(products.map(Math.abs))];
    canvas.dispatchEvent(new PointerEvent("pointerleave"));
    return found;
  });
})
"""


def walk_and_point(tab, count):
    """Go through all steps by keyboard, and point at cells on the way; return what is read."""
    found = []
    steps = int(tab.get_attribute("#slider", "max")) + 1
    for step in range(steps):
        assert tab.text_content("#moment").startswith(f"{step + 1} of {steps}:")
        found += tab.evaluate(POINT_AT_CELLS, count)
        if step < steps - 1:
            tab.keyboard.press("ArrowRight")
    assert tab.is_disabled("#next")
    return steps, found


def hold_against_minigrad(found, trace):
    """Check that the numbers are minigrad's, as the trace holds them, and the sums the cells'."""

    def numbers(array):
        kind = "<i4" if array["dtype"] == "int32" else "<f4"
        return np.frombuffer(base64.b64decode(array["data"]), kind)

    for value, part, index, text, number, total, size in found:
        of = trace["values"][value]
        if part == "change":
            wanted = numbers(of["update"]["after"])[index] - numbers(of["array"])[index]
            assert abs(number - wanted) < 1e-6
        elif part == "gradient" and len(of["contributions"]) > 1:
            arrived = np.cumsum([numbers(c["array"])[index] for c in of["contributions"]])
            assert np.isclose(number, arrived, rtol=1e-5, atol=1e-7).any()
        else:
            assert number == numbers(of["grad" if part == "gradient" else "array"])[index]
        shown = float(text.replace("\N{MINUS SIGN}", "-"))
        assert shown == pytest.approx(number, rel=6e-4, abs=1e-12)
        if total is not None:
            assert abs(total - number) <= 1e-5 * max(size, 1e-6)


@pytest.mark.parametrize("name", ["mlp", "variety"])
def test_all_steps_show_minigrads_numbers(visit, name):
    trace = network("mlp") if name == "mlp" else variety()
    steps, found = walk_and_point(visit(name), 3)
    assert steps == 2 * len(trace["steps"]) + (name == "mlp")
    hold_against_minigrad(found, trace)


@pytest.mark.long
@pytest.mark.parametrize("name", ["mlp", "cnn", "variety"])
def test_twenty_cells_of_each_stage_are_minigrads(visit, name):
    trace = variety() if name == "variety" else network(name)
    _, found = walk_and_point(visit(name), 20)
    assert len(found) > 500
    hold_against_minigrad(found, trace)


def test_a_pin_stays_and_the_link_shows_the_same(visit):
    tab = visit("cnn", "#step=1")
    canvas = tab.locator('#step canvas[data-part="value"]').nth(1)
    canvas.click(position={"x": 20, "y": 20})
    said = tab.inner_text("#cell")
    assert re.match(r"h2\[0, 0, \d, \d\]", said)
    assert "Unpin" in said
    canvas.hover(position={"x": 100, "y": 100})
    assert tab.inner_text("#cell") == said
    shared = visit("cnn", tab.evaluate("location.hash"))
    assert shared.inner_text("#cell") == said
    assert shared.text_content("#moment") == tab.text_content("#moment")
    shared.keyboard.press("Escape")
    assert "Point at a cell" in shared.inner_text("#cell")
    assert "cell" not in shared.evaluate("location.hash")


def test_cells_can_be_reached_and_pinned_by_keyboard_alone(visit):
    tab = visit("mlp")
    for _ in range(60):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.dataset.value"):
            break
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        tab.keyboard.press(key)
    assert tab.evaluate("location.hash") == "#step=0&cell=v0.9"  # the first arrow goes to cell 0
    assert tab.inner_text("#status").startswith("x[0, 9]: ")


def test_a_digit_is_drawn_and_all_is_computed_anew(visit):
    tab = visit("cnn", "#step=25")
    before = tab.inner_text("#summary")
    assert "minigrad's" in before
    tab.click("#clear")
    pad = tab.locator("#pad").bounding_box()
    tab.mouse.move(pad["x"] + 30, pad["y"] + 30)
    tab.mouse.down()
    tab.mouse.move(pad["x"] + 150, pad["y"] + 150, steps=12)
    tab.mouse.up()
    assert "computed on this page" in tab.inner_text("#summary")
    digit = re.search(r"digit=([0-9a-g]{64})", tab.evaluate("location.hash"))[1]
    assert digit.count("g") >= 4
    shared = visit("cnn", tab.evaluate("location.hash"))
    assert shared.inner_text("#summary") == tab.inner_text("#summary")
    found = [row for row in shared.evaluate(POINT_AT_CELLS, 5) if row[5] is not None]
    assert found
    assert all(abs(row[5] - row[4]) <= 1e-9 * max(row[6], 1e-3) for row in found)
    tab.click("#reset")
    assert tab.inner_text("#summary") == before


def test_weights_can_be_perturbed_and_digits_chosen(visit):
    tab = visit("mlp", "#step=0&noise=50&seed=3")
    noisy = tab.inner_text("#summary")
    assert visit("mlp", "#step=0&noise=50&seed=4").inner_text("#summary") != noisy
    tab.locator("#samples button").nth(1).click()
    assert "digit=s1" in tab.evaluate("location.hash")
    assert tab.inner_text("#summary") != noisy


def test_contributions_are_shown_arriving(visit):
    tab = visit("variety")
    value = variety()["steps"][1]["outputs"][0]  # what the pooling gives is used four times
    counts = []
    steps = int(tab.get_attribute("#slider", "max")) + 1
    for step in range(steps // 2, steps):
        tab.evaluate(f"update({{step: {step}}})")
        columns = tab.locator(".array", has=tab.locator(f'canvas[data-value="{value}"]'))
        if columns.count():
            column = columns.first
            counts.append((column.locator(".arrival").count(), column.locator(".waiting").count()))
    # Back from h * h come two at once, then tanh's, then that of the product with scale.
    assert counts == [(2, 2), (3, 1), (4, 0), (4, 0)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_sticks_out(visit, width, scheme):
    tab = visit("cnn", "#step=20", width=width, color_scheme=scheme, reduced_motion="reduce")
    assert tab.evaluate("document.documentElement.scrollWidth") == width


def test_an_unknown_operation_is_shown_but_not_computed(visit):
    tab = visit("other")
    assert "does not know Extremum" in tab.inner_text("#summary")
    assert tab.is_hidden("#try")
    walk_and_point(tab, 3)


def test_a_loss_that_nobody_watched_is_shown_as_far_as_it_is_kept(visit):
    tab = visit("remembered")
    assert "not watched" in tab.inner_text("#summary")
    assert tab.is_hidden("#try")
    _, found = walk_and_point(tab, 3)
    assert found
    assert all(row[5] is None for row in found)  # no sums, for no step is known


def test_it_works_inside_a_notebook(visit):
    tab = visit("notebook")
    inner = tab.frames[1]
    inner.click("#next")
    inner.locator("#step canvas").first.click()
    assert inner.text_content("#moment").startswith("2 of")
    assert "Unpin" in inner.inner_text("#cell")


def test_it_plays_and_pauses(visit):
    tab = visit("mlp")
    tab.clock.install()
    tab.keyboard.press(" ")
    tab.clock.run_for(3200)
    assert tab.text_content("#moment").startswith("3 of")
    tab.keyboard.press(" ")
    tab.clock.run_for(5000)
    assert tab.text_content("#moment").startswith("3 of")
