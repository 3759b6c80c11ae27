"""A report's contents put into its templates: one for a web page, one for Markdown."""

import re
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from experiments import report
from experiments.markdown import Written, escaped
from experiments.run_report import pictures
from experiments.run_report.contents import Table
from experiments.run_report.drawings import Drawing, cards
from experiments.run_report.facts import Facts

PERCENT = re.compile(r"(?<=\d) %(?!\w)")  # of a number; a path with " %" stays as it is


def environment(**options: Any) -> Environment:
    """Return the templates of this package; a name that is missing is a bug."""
    return Environment(  # nosec B701 # a page has autoescape, Markdown is escaped by finalize
        loader=PackageLoader("experiments.run_report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **options,
    )


def html_page(facts: Facts, content: dict[str, Any], figures: dict[str, Drawing]) -> str:
    """Return the page. Whatever a value holds is shown, and never is a part of the page's code."""
    templates = environment(autoescape=True, finalize=kept_together)
    filters = pictures.filter_pictures(facts.findings.filters)
    drawn = {name: pictures.svg(figure, name, alt) for name, (figure, alt) in figures.items()}
    # Matplotlib escapes the words of a figure, and `svg` those that it adds.
    safe = {name: Markup(drawn[name]) for name in drawn}  # nosec B704
    return templates.get_template("report.html").render(
        content,
        figures=safe,
        cards={name: cards(facts, content[name]) for name in ("confident", "worst")},
        filters=[pictures.data_uri(picture) for picture in filters],
        confusion=shaded(facts.test.confusion),
    )


def kept_together(value: Any) -> Any:
    """Return a text with no line ending between a number and its percent sign."""
    return PERCENT.sub("\N{NO-BREAK SPACE}%", value) if type(value) is str else value


def shaded(confusion: np.ndarray) -> list[list[tuple[int, float, int]]]:
    """Return each cell of the confusion matrix as (images, share of its row, strength of 0..100).

    Of the mistakes the most frequent has the full colour: among right labels they would be pale.
    """
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    right = np.eye(len(confusion), dtype=bool)
    most = shares[~right].max() or 1.0
    strength = np.where(right, shares, shares / most)
    return [
        [(int(n), float(share), round(100 * s)) for n, share, s in zip(*row, strict=True)]
        for row in zip(confusion, shares, strength, strict=True)
    ]


def markdown(facts: Facts, content: dict[str, Any], figures: dict[str, Drawing]) -> str:
    """Return the report as Markdown; its figures are files beside it."""
    templates = environment(finalize=escaped)
    templates.filters["table"] = markdown_table
    templates.filters["verbatim"] = Written
    return templates.get_template("report.md").render(
        content,
        figures={
            name: Written(f"![{escaped(alt)}]({file_name(name)})")
            for name, (_, alt) in figures.items()
        },
        confusion=confusion_table(facts.test.confusion),
    )


def file_name(figure: str) -> str:
    """Return the name of a figure's file."""
    return f"report_{figure}.png"


def markdown_table(table: Table) -> Written:
    """Return a table, whose cells are escaped."""
    return Written(report.table(table.header, table.rows))


def confusion_table(confusion: np.ndarray) -> Table:
    """Return the confusion matrix with the share of each row in percent."""
    rows = [
        [str(digit), *(f"{n} ({share:.1%})".replace("%)", " %)") for n, share, _ in row)]
        for digit, row in enumerate(shaded(confusion))
    ]
    return Table(["label", *map(str, range(len(confusion)))], rows)
