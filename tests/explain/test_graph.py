"""The graph: as Mermaid, and as a picture in which no box lies on another."""

import itertools
import re
from xml.etree import ElementTree

import pytest

import minigrad
from minigrad.explain import explain
from pt_reference.networks import classifier, cnn, mlp

from .random_graphs import leaves, random_function

SVG = "{http://www.w3.org/2000/svg}"


def network(net):
    minigrad.manual_seed(0)
    model = classifier(net(minigrad.nn), minigrad.nn)
    return explain(model, minigrad.rand(2, 64) * 16, minigrad.tensor([3, 1]))


GRAPHS = {
    "mlp": lambda: network(mlp),
    "cnn": lambda: network(cnn),
    **{
        f"random {seed}": lambda seed=seed: explain(random_function(seed), *leaves(seed))
        for seed in range(4)
    },
}


@pytest.fixture(scope="module", params=GRAPHS)
def explanation(request):
    return GRAPHS[request.param]()


def rectangles(svg):
    for rect in ElementTree.fromstring(svg).iter(f"{SVG}rect"):
        yield tuple(float(rect.get(key)) for key in ("x", "y", "width", "height"))


def test_each_operation_has_a_box_and_no_box_lies_on_another(explanation):
    svg = explanation.svg()
    root = ElementTree.fromstring(svg)
    boxes = [g for g in root.iter(f"{SVG}g") if g.get("class") == "mg-op"]
    names = [next(g.iter(f"{SVG}text")).text for g in boxes]
    assert names == [step.op for step in explanation.trace.steps]
    width, height = float(root.get("width")), float(root.get("height"))
    found = list(rectangles(svg))
    for x, y, w, h in found:
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
    for (x, y, w, h), (x2, y2, w2, h2) in itertools.combinations(found, 2):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_curves_lead_to_the_right(explanation):
    root = ElementTree.fromstring(explanation.svg())
    curves = [p.get("d") for p in root.iter(f"{SVG}path") if p.get("marker-end")]
    uses = sum(len(step.inputs) for step in explanation.trace.steps)
    own = sum(g.text.startswith(("weight ", "bias ")) for g in root.iter(f"{SVG}text"))
    assert len(curves) == uses - own + 1  # that to the loss
    for curve in curves:
        xs = [float(x) for x in re.findall(r"(-?[\d.]+) -?[\d.]+", curve)]
        assert xs == sorted(xs)


def test_an_svg_needs_nothing_else(explanation):
    text = explanation.svg().replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text
    assert "prefers-color-scheme: dark" in text


def test_mermaid_has_the_same_boxes(explanation):
    rows = explanation.mermaid().splitlines()
    assert rows[0] == "flowchart LR"
    names = [m[1] for row in rows if (m := re.fullmatch(r'  n\d+\["(\w+).*"\]', row))]
    assert names == [step.op for step in explanation.trace.steps]
    known = {m[1] for row in rows if (m := re.match(r"  (n\d+)[\[(]", row))}
    for row in rows[1:]:
        if "-->" in row:
            start, end = row.split()[0], row.split()[-1]
            assert {start, end} <= known
    assert sum("-->" in row for row in rows) == sum(
        p.get("marker-end") is not None
        for p in ElementTree.fromstring(explanation.svg()).iter(f"{SVG}path")
    )


def test_a_leaf_alone_is_a_box():
    found = explain(minigrad.tensor(2.0, requires_grad=True))
    assert len(list(rectangles(found.svg()))) == 1
    assert found.mermaid().splitlines() == ["flowchart LR", '  n0(["p1<br>()"])']
    assert "g of p1" in found.text()


def test_text_in_a_picture_is_escaped():
    x = minigrad.tensor([1.0], requires_grad=True)
    found = explain(lambda x: x.sum(), x)
    found.trace.values[0].name = '<script>"&'
    ElementTree.fromstring(found.svg())
    assert "<script>" not in found.svg()
    assert "<script>" not in found.mermaid()
