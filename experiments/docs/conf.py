"""The documentation site, in ``site/``: ``sphinx-build -W experiments/docs site``.

First ``pip install -e ".[docs]"``. The texts are the ``.md`` files beside this one. What can be
read off the sources is not written but generated: ``pages.py`` puts it into ``generated/``, which
git ignores. ``site/index.html`` opens without a server and without a network.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # the site describes this checkout

from experiments.docs import docstrings, pages  # noqa: E402

project = "minigrad"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["generated/parts"]  # included by pages, and none themselves

html_theme = "furo"
html_title = "minigrad"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
add_module_names = False
toc_object_entries_show_parents = "hide"
python_maximum_signature_line_length = 80
myst_heading_anchors = 3
highlight_language = "text"  # indented formulas are no Python


def setup(app):
    """Write the generated pages before Sphinx looks for pages; read docstrings as plain text."""
    pages.write(ROOT, Path(app.srcdir) / "generated")
    app.connect("autodoc-process-docstring", docstrings.process)
