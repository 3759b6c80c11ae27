"""The page: one file that needs nothing else, whose scripts compute what minigrad does.

The scripts run under node, all but the last, which builds the page. Where there is no node, those
tests are skipped.
"""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest

from minigrad.explain.page import SCRIPTS, _read, page

from .passes import SAMPLES, network, unknown, variety

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def in_node(program, trace):
    """Run a program after the page's scripts; return what it logs, read as JSON."""
    scripts = [_read(f"{name}.js") for name in SCRIPTS if name != "main"]
    setup = f"const trace = {json.dumps(trace)}; const recorded = recordedPass(trace);"
    text = "\n".join(['"use strict";', *scripts, setup, program])
    done = subprocess.run([NODE, "-"], input=text, capture_output=True, text=True, timeout=60)
    assert not done.stderr, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def passes():
    return {"mlp": network("mlp"), "cnn": network("cnn", steps=2), "variety": variety()}


each_pass = pytest.mark.parametrize("name", ["mlp", "cnn", "variety"])

FARTHEST = """
function farthest(a, b) { // of the numbers of two arrays, as a share of the larger ones' scale
  if (!a || !b) return a || b ? Infinity : 0;
  let [most, scale] = [a.length === b.length ? 0 : Infinity, 1e-30];
  a.forEach((number, k) => {
    most = Math.max(most, Math.abs(number - b[k]));
    scale = Math.max(scale, Math.abs(number));
  });
  return most / scale;
}
"""


@needs_node
@each_pass
def test_recomputed_values_and_gradients_are_minigrads(passes, name):
    program = """
    const isLeaf = ({ kind }) => kind !== "intermediate";
    const pass = computePass(trace, trace.values.map(
      (value, id) => (isLeaf(value) ? recorded.values[id].data : null)));
    console.log(JSON.stringify(trace.values.map((value, id) => {
      const [theirs, ours] = [recorded, pass].map(({ contributions }) => contributions[id]);
      return [
        farthest(recorded.values[id].data, pass.values[id].data),
        farthest(recorded.gradients[id], pass.gradients[id]),
        theirs.length === ours.length ? 0 : Infinity,
        ...theirs.map(({ data }, k) => farthest(data, ours[k].data)),
      ];
    })));
    """
    distances = in_node(FARTHEST + program, passes[name])
    assert len(distances) == len(passes[name]["values"])
    assert max(max(row) for row in distances) < 1e-5


@needs_node
@each_pass
def test_contributions_sum_to_the_cell(passes, name):
    # In each array twenty cells, forward and backward: the number, the terms' sum, that of sizes.
    program = """
    const rows = [];
    const add = (number, terms) => rows.push([number, ...[(t) => t, Math.abs].map(
      (f) => terms.reduce((sum, { product }) => sum + f(product), 0))]);
    trace.values.forEach((value, id) => {
      const { data } = recorded.values[id];
      const maker = makerOf(trace, id);
      const random = normals(id + 1);
      for (let n = 0; n < 20; n++) {
        const index = Math.floor(Math.abs(random()) * 1e4) % data.length;
        const terms = maker < 0 ? null : forwardTerms(trace, recorded, maker, index);
        if (terms) add(data[index], terms);
        if (id === trace.loss || !value.grad) continue;
        add(recorded.gradients[id][index], backwardTerms(trace, recorded, id, index));
      }
    });
    console.log(JSON.stringify(rows));
    """
    number, total, size = np.array(in_node(program, passes[name])).T
    assert len(number) > 300
    assert np.all(np.abs(number - total) <= 1e-5 * np.maximum(size, 1e-6))


@needs_node
@pytest.mark.parametrize("steps", [0, 2])
def test_adamax_is_minigrads(steps):
    trace = network("mlp", steps)
    program = """
    console.log(JSON.stringify(updated(trace).map((id) => {
      const after = decode(trace.values[id].update.after);
      const step = adamaxOf(trace, recorded, id);
      const ours = recorded.values[id].data.map((p, k) => p + step(k).change);
      return [farthest(ours, after), step(0).t];
    })));
    """
    found = in_node(FARTHEST + program, trace)
    assert len(found) == 10
    assert max(distance for distance, _ in found) < 1e-6
    assert {t for _, t in found} == {steps + 1}


@needs_node
@each_pass
def test_the_lines_of_code_compute_what_is_on_show(passes, name, torch):
    # `torch` is each framework in turn: the lines are the same for both.
    program = """
    const numbers = (id, data) => ({ shape: trace.values[id].shape, data: Array.from(data) });
    const sent = (s, argument) => recorded.contributions[trace.steps[s].inputs[argument]]
      .find((c) => c.step === s && c.argument === argument).data;
    console.log(JSON.stringify(trace.steps.map((step, s) => ({
      inputs: Object.entries(step.inputs)
        .map(([name, id]) => [name, numbers(id, recorded.values[id].data)]),
      output: numbers(step.outputs[0], recorded.values[step.outputs[0]].data),
      gradOutput: numbers(step.outputs[0], recorded.gradients[step.outputs[0]]),
      grads: step.needs_grad.map((name) => [name, numbers(step.inputs[name], sent(s, name))]),
      forward: rules[step.op].forward(step.arguments),
      backward: rules[step.op].backward(step.arguments),
    }))));
    """

    def tensor(array):
        return torch.tensor(array["data"], dtype=torch.float64).reshape(array["shape"])

    def close(found, array):
        wanted = np.reshape(array["data"], array["shape"])
        found = found.detach().numpy()
        assert found.shape == wanted.shape
        assert np.abs(found - wanted).max() <= 2e-5 * max(np.abs(wanted).max(), 1e-30)

    for step in in_node(program, passes[name]):
        names = {"torch": torch, "bias": None}
        for argument, array in step["inputs"]:
            names[argument] = tensor(array)
            if argument == "target":
                names[argument] = names[argument].to(torch.int64)
            else:
                names[argument].requires_grad_()
        names["grad_y"] = tensor(step["gradOutput"])
        exec("\n".join(step["forward"]), names)
        close(names["y"], step["output"])
        exec("\n".join(step["backward"]), names)
        for argument, gradient in step["grads"]:
            close(names[f"grad_{argument}"], gradient)


@needs_node
def test_other_leaves_are_computed_as_minigrad_would(passes):
    # A chosen digit and perturbed weights; the loss by hand, in NumPy.
    program = """
    const state = { ...readState("#digit=s2&noise=30&seed=5&label=7", trace) };
    const leaves = leavesOf(trace, recorded, state);
    const pass = computePass(trace, leaves);
    const numbers = leaves.map((data) => data && Array.from(data));
    console.log(JSON.stringify([numbers, pass.values[trace.loss].data[0]]));
    """
    trace = passes["mlp"]
    leaves, loss = in_node(program, trace)
    h = np.array(SAMPLES[2]["pixels"], float)
    assert leaves[0] == SAMPLES[2]["pixels"]
    parameters = [
        np.reshape(data, value["shape"])
        for data, value in zip(leaves, trace["values"], strict=True)
        if value["kind"] == "parameter"
    ]
    for layer, (weight, bias) in enumerate(zip(parameters[::2], parameters[1::2], strict=True)):
        h = weight @ (np.maximum(h, 0) if layer else h) + bias
    assert loss == pytest.approx(np.log(np.exp(h).sum()) - h[7], rel=1e-9)


@needs_node
def test_the_hash_is_read_back_as_it_was_written(passes):
    drawn = "0123456789abcdefg" + "0" * 47
    state = {
        "step": 5, "cell": {"value": 3, "part": "gradient", "index": 9}, "digit": drawn,
        "label": 4, "noise": 20, "seed": 77,
    }  # fmt: skip
    program = f"console.log(JSON.stringify(readState(writeState({json.dumps(state)}), trace)))"
    assert in_node(program, passes["mlp"]) == state


@needs_node
@pytest.mark.parametrize(
    "text",
    [
        "#step=-1",
        "#step=1e9&cell=g999.0",
        "#cell=v0.64&digit=s9",
        "#digit=__proto__&label=11",
        "#%",
    ],
)
def test_a_hash_that_makes_no_sense_is_the_beginning(passes, text):
    start = in_node(f"console.log(JSON.stringify(readState({text!r}, trace)))", passes["mlp"])
    assert start == {"step": 0, "cell": None, "digit": "", "label": None, "noise": 0, "seed": 1}


@needs_node
def test_an_unknown_operation_is_said_to_be_one():
    program = """
    console.log(JSON.stringify([
      unknownOperations(trace), forwardTerms(trace, recorded, 0, 0), "Extremum" in rules,
    ]));
    """
    assert in_node(program, unknown()) == [["Extremum"], None, False]


@needs_node
def test_every_operation_that_is_known_has_a_rule():
    program = "console.log(JSON.stringify([Object.keys(operations), Object.keys(rules)]))"
    known, explained = in_node(program, unknown())
    assert set(known) == set(explained)


class Elements(HTMLParser):
    """The elements of a page, and the texts of the scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.found, self.ids = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.ids.add(dict(attrs).get("id"))


def test_the_page_needs_nothing_but_itself(passes):
    text = page(passes["cnn"], "Digits")
    elements = Elements(text).found
    assert not [e for e in elements if e[0] in ("link", "img", "iframe", "base") or "src" in e[1]]
    code = re.sub(r'<script type="application/json".*?</script>', "", text, flags=re.DOTALL)
    for outside in ("http:", "https:", "//cdn", "@import", "url(", "fetch(", "import(", "XMLHttp"):
        assert outside not in code
    assert len(text.encode()) < 3e6


def test_the_page_has_a_language_a_title_and_labels(passes):
    text = page(passes["mlp"], "Digits & <others>")
    elements = Elements(text)
    assert ("html", {"lang": "en"}) in elements.found
    assert "<title>Digits &amp; &lt;others&gt;</title>" in text
    described = [e for e in elements.found if e[0] in ("nav", "aside", "canvas", "section")]
    assert len(described) >= 5
    for _, attributes in described:
        assert "aria-label" in attributes or attributes.get("aria-labelledby") in elements.ids


def test_the_scripts_find_every_element_they_ask_for(passes):
    text = page(passes["mlp"], "Digits")
    asked = set(re.findall(r'(?:element|getElementById)\("([\w-]+)"\)', text))
    assert len(asked) > 10
    assert asked <= Elements(text).ids


def test_no_text_of_the_trace_ends_its_element(passes):
    trace = passes["mlp"] | {"note": "</script><script>alert(1)</script>"}
    text = page(trace, "Digits")
    assert text.count("<script") == 2
    embedded = re.search(r'id="trace">(.*?)</script>', text, re.DOTALL)
    assert json.loads(embedded[1]) == json.loads(json.dumps(trace))


def test_each_file_fits_in_a_head():
    for name in SCRIPTS:
        lines = _read(f"{name}.js").splitlines()
        assert len(lines) <= 250
        assert lines[0].startswith("//")
