"""The site builds without a warning, and its pages ask nothing of the network."""

import re
import subprocess
import sys

import pytest

from tests.docs.blocks import DOCS, ROOT

pytestmark = pytest.mark.long  # half a minute

ASKS = re.compile(
    r"""<(?:script|img|iframe|source|video|object)\b[^>]*\b(?:src|data)=["'](?:https?:)?//"""
    r"""|<link\b[^>]*\bhref=["'](?:https?:)?//"""
    r"""|(?:url\(|@import)\s*["']?(?:https?:)?//""",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    for needed in ("sphinx", "myst_parser", "furo"):
        pytest.importorskip(needed, exc_type=ImportError)
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", folder / "trees"]
    build = subprocess.run(
        [*command, DOCS, folder / "html"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (build.returncode, build.stderr) == (0, "")
    return folder / "html"


def test_every_text_is_a_page(site):
    assert [p.stem for p in DOCS.glob("*.md") if not (site / f"{p.stem}.html").exists()] == []
    assert (site / "generated" / "files" / "functions" / "conv2d.html").exists()


def test_no_page_asks_for_anything_of_the_network(site):
    files = [p for kind in ("html", "css") for p in site.rglob(f"*.{kind}")]
    assert len(files) > 100
    assert [p.name for p in files if ASKS.search(p.read_text(encoding="utf-8"))] == []


def test_formulas_and_stars_of_docstrings_are_shown_as_they_are(site):
    page = (site / "generated" / "files" / "optim" / "adamax.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", page)
    assert "u &lt;- max(beta2 u, |g| + eps)            the largest of the last gradients" in text
    assert "problematic" not in page


def test_no_page_names_this_machine(site):
    texts = [p for kind in ("html", "js") for p in site.rglob(f"*.{kind}")]
    assert [p.name for p in texts if str(ROOT) in p.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    "asking",
    [
        '<script async src="https://x/y.js">',
        '<link rel="preload" href="//x/y">',
        "src: url(https://x)",
        "@import 'http://x'",
    ],
)
def test_the_pattern_finds_requests(asking):
    assert ASKS.search(asking)
