"""How tensors, modules and explanations show in a notebook."""

import base64
import html
import io
import re
import zlib
from html.parser import HTMLParser

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.explain import explain
from pt_reference.networks import cnn

VOID = {"img", "br", "meta", "link", "input"}


class Balanced(HTMLParser):
    """Reads HTML whose elements must be closed in the order in which they were opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.images, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.images.append(dict(attributes))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def pixels(image):
    """The colours of an image that is a PNG without filters."""
    data = base64.b64decode(image["src"].partition("base64,")[2])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(data[k : k + 4], "big") for k in (16, 20))
    start = data.index(b"IDAT") + 4
    rows = np.frombuffer(zlib.decompressobj().decompress(data[start:]), np.uint8)
    rows = rows.reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3).astype(int)


def test_a_tensor_shows_its_facts_its_numbers_and_its_text():
    x = minigrad.tensor([[1.0, -2.0, 0.0]], requires_grad=True)
    y = (x * 2).relu()
    shown = Balanced(y._repr_html_())
    text = "".join(shown.texts)
    assert "(1, 3)" in text
    assert "torch.float32" in text
    assert "grad_fn ReLUBackward" in text
    assert repr(y) in text
    assert "requires_grad True" in "".join(Balanced(x._repr_html_()).texts)
    (image,) = Balanced(x._repr_html_()).images
    assert image["alt"] == "1 by 3 numbers as colours"
    ((one, minus_two, zero),) = pixels(image)
    assert one[0] > one[2]  # orange above zero
    assert minus_two[2] > minus_two[0]  # blue below it
    assert minus_two.sum() < one.sum()  # and the darker, the farther
    assert (zero == 247).all()


@pytest.mark.parametrize(
    ("make", "images"),
    [
        (lambda: minigrad.tensor(3), 0),
        (lambda: minigrad.zeros(0, 3), 0),
        (lambda: minigrad.tensor([True, False]), 1),
        (lambda: minigrad.tensor([float("nan"), float("inf"), 1.0]), 1),
        (lambda: minigrad.zeros(4, 5), 1),
        (lambda: minigrad.zeros(2, 3, 4, 5), 6),
        (lambda: minigrad.rand(5, 5, 4, 4), 8),
        (lambda: minigrad.rand(1000, 1000), 1),
        (lambda: nn.Linear(2, 3).weight, 1),
    ],
)
def test_any_tensor_can_be_shown(make, images):
    text = make()._repr_html_()
    assert len(Balanced(text).images) == images
    assert len(text) < 400_000


def test_slices_that_are_left_out_are_counted():
    assert "and 17 more" in minigrad.rand(5, 5, 4, 4)._repr_html_()


def test_a_module_shows_its_layers_and_counts_its_parameters():
    text = "".join(Balanced(cnn(nn)._repr_html_()).texts)
    assert "Sequential, 43,626 parameters" in text
    assert "weight (64, 16, 3, 3), bias (64,)" in text
    assert "9,280" in text
    assert text.count("ReLU()") == 1


def test_a_module_with_parameters_of_its_own_has_a_row():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = nn.Parameter(minigrad.ones(3))
            self.layer = nn.Linear(3, 2)

    text = "".join(Balanced(Scaled()._repr_html_()).texts)
    assert "factor (3,)" in text
    assert "layerLinear(in_features=3" in text


def test_an_explanation_is_a_page_in_a_frame():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    explanation = explain(lambda x: (x * x).sum(), x)
    explanation.title = 'A "square"'
    frame = explanation._repr_html_()
    Balanced(frame)
    (inside,) = re.findall(r'srcdoc="([^"]*)"', frame)
    assert html.unescape(inside) == explanation.html()
    assert 'title="A &quot;square&quot;"' in frame


@pytest.mark.parametrize("end", [".html", ".txt", ".py", ".svg", ".mmd"])
def test_an_explanation_is_saved_as_its_name_says(end, tmp_path):
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    explanation = explain(lambda x: (x * x).sum(), x)
    explanation.save(tmp_path / f"pass{end}")
    ways = {".html": "html", ".txt": "text", ".svg": "svg", ".mmd": "mermaid"}
    content = (tmp_path / f"pass{end}").read_text(encoding="utf-8")
    if end == ".py":
        assert "pass.npz" in content
        assert set(np.load(io.BytesIO((tmp_path / "pass.npz").read_bytes())).files) == {
            "x",
            "grad x",
        }
    else:
        assert content == getattr(explanation, ways[end])()


def test_another_end_is_refused(tmp_path):
    x = minigrad.tensor([1.0], requires_grad=True)
    with pytest.raises(ValueError, match=r"pass.pdf must end in .html, .txt, .py, .svg or .mmd"):
        explain(x.sum()).save(tmp_path / "pass.pdf")
