"""The figures of a report, each with the words for who does not see it."""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from experiments.report import percent
from experiments.run_report import pictures
from experiments.run_report.facts import Facts
from experiments.run_report.measurements import Mistake


class Drawing(NamedTuple):
    """A figure and its description."""

    figure: Figure
    alt: str


class Card(NamedTuple):
    """A wrong digit and its picture, as the address of an <img>."""

    mistake: Mistake
    picture: str


def diagrams(facts: Facts) -> dict[str, Drawing]:
    """Return the figures with axes: both curves, and the errors by digit."""
    f, remark = facts.findings, facts.remark
    nll, ce = (
        pictures.curve(f.history, quantity, f.best_epoch, test, f"Validation {name}{remark}")
        for quantity, test, name in (
            ("val_nll", f.test_nll, "nll"),
            ("val_ce", f.test_ce, "error"),
        )
    )
    by_class = pictures.class_errors(
        facts.test.rates, facts.test.rate, f"Test error by digit{remark}"
    )
    best = facts.best
    return {
        "nll_curve": Drawing(
            nll,
            f"Validation nll by epoch, lowest in epoch {best.epoch} at {best.val_nll:.3f}; "
            f"test, dashed: {f.test_nll:.3f}",
        ),
        "ce_curve": Drawing(
            ce,
            f"Validation error by epoch, {percent(best.val_ce)} in epoch {best.epoch}; "
            f"test, dashed: {percent(f.test_ce)}",
        ),
        "class_errors": Drawing(
            by_class, "Test error of each digit with its interval: the numbers of the table"
        ),
    }


def sheets(facts: Facts, content: dict[str, Any]) -> dict[str, Drawing]:
    """Return the pictures of the Markdown report, which has no other way to set them in rows."""
    mistakes = {
        "confident": "The most confident wrong digits",
        "worst": "The wrong digits with the highest nll",
    }
    found = {
        name: Drawing(
            pictures.mistakes_sheet(
                images(facts, content[name]), content[name], title + facts.remark
            ),
            f"{title}, each with its label and what it was taken for",
        )
        for name, title in mistakes.items()
        if content[name]
    }
    filters = pictures.filter_pictures(facts.findings.filters)
    found["filters"] = Drawing(
        pictures.sheet(filters, [""] * len(filters), f"Filters{facts.remark}", columns=8),
        "The filters of the first convolution in colours",
    )
    return found


def cards(facts: Facts, mistakes: list[Mistake]) -> list[Card]:
    """Return wrong digits with their pictures."""
    shown = np.moveaxis(images(facts, mistakes), 1, -1)
    return [
        Card(mistake, pictures.data_uri(picture))
        for mistake, picture in zip(mistakes, shown, strict=True)
    ]


def images(facts: Facts, mistakes: list[Mistake]) -> np.ndarray:
    """Return the images of wrong digits, uint8 (k, 3, 32, 32)."""
    return np.asarray(facts.findings.images[np.array([m.row for m in mistakes], dtype=np.int64)])
