"""What stands in a report, whatever it is written in: tables, lists of pictures, answers."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.report import percent
from experiments.run_report.analysis import incomparable, sureness
from experiments.run_report.answers import answers
from experiments.run_report.facts import PUBLISHED_TEST, Facts
from experiments.run_report.measurements import Rate
from experiments.svhn import protocol
from experiments.svhn.effects import effects
from experiments.svhn.recipe import COMPONENTS

SHOWN = 12  # wrong digits of each sort


@dataclass(frozen=True)
class Table:
    """A table of texts."""

    header: Sequence[str]
    rows: list[list[str]]

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers alone, and so stand on the right."""
        number = re.compile(r"([-+]?[\d.,]+( (to|±|\+) [\d.,]+)?( %)?)?")
        return [all(map(number.fullmatch, cells)) for cells in zip(*self.rows, strict=True)]


def contents(facts: Facts) -> dict[str, Any]:
    """Return all that the templates take, but for the pictures."""
    f, s = facts.findings, facts.settings
    return {
        "facts": facts,
        "settings": s,
        "title": s.title + facts.remark,
        "summary": summary(facts),
        "beside": beside(facts),
        "incomparable": incomparable(facts) if f.published else [],
        "classes": classes(facts),
        "confident": facts.test.most_confident(SHOWN),
        "worst": facts.test.worst(SHOWN),
        "calibration": sureness(facts),
        "layers": layers(facts),
        "ablation": ablation(f.ablation["runs"]) if f.ablation else None,
        "seeds": sorted({run["seed"] for run in f.ablation["runs"]}) if f.ablation else [],
        "answers": answers(facts),
        "files": files(f.sources),
        "short_configuration": short_configuration(facts),
        "configuration": json.dumps(f.config, indent=2, ensure_ascii=False, default=str),
    }


def interval(rate: Rate) -> str:
    """Return Wilson's interval for reading."""
    return " to ".join(f"{100 * end:.2f}" for end in rate.interval) + " %"


def summary(facts: Facts) -> list[tuple[str, str, str]]:
    """Return the result in five numbers: what it is, the number, a remark."""
    f = facts.findings
    return [
        ("test error", percent(f.test_ce), f"95 %: {interval(facts.test.rate)}"),
        ("test nll", f"{f.test_nll:.4f}", f"of {len(facts.test):,} images"),
        ("best epoch", str(f.best_epoch), f"of {f.history[-1].epoch}"),
        ("parameters", f"{facts.parameters:,}", f"in {len(f.layers)} layers"),
        ("training", f"{facts.seconds:.1f} s", f"on {facts.examples[0]:,} images"),
    ]


def short_configuration(facts: Facts) -> Table:
    """Return what one wants to know first about how the run was made."""
    s, (training, validation) = facts.settings, facts.examples
    rows = [
        ("network", s.model + (f" without {s.without}" if s.without else "")),
        ("protocol", f"{s.protocol}: {training:,} images train, {validation:,} validate"),
        ("extra images", "used" if s.uses_extra else "not used"),
        ("seed", str(s.seed)),
        ("optimizer", f"Adamax, learning rate {s.lr:g}, weight decay {s.weight_decay:g}"),
        ("batch size", str(s.batch_size)),
        ("at most", f"{s.epochs} epochs, patience {s.patience}"),
        ("computed on", f"{s.device}, {s.dtype}" + ", bfloat16 where safe" * s.amp),
        ("threads", str(s.threads)),
        ("command", s.command),
    ]
    return Table(("setting", "value"), [list(row) for row in rows])


def beside(facts: Facts) -> Table:
    """Return this run, the published network's of the same command, and the published numbers."""
    f, (training, _) = facts.findings, facts.examples
    subset = " (a subset)" * facts.settings.subset
    tested = f"{len(facts.test):,}{subset}"
    runs = [
        ["this run", f"{training:,}{subset}", tested, str(f.history[-1].epoch),
         f"{f.test_nll:.4f}", percent(f.test_ce), interval(facts.test.rate)]
    ]  # fmt: skip
    if b := f.baseline:
        rate = Rate(round(b["test_ce"] * len(facts.test)), len(facts.test))
        runs.append(
            ["published network, same command", f"{training:,}{subset}", tested, str(b["epochs"]),
             f"{b['test_nll']:.4f}", percent(b["test_ce"]), interval(rate)]
        )  # fmt: skip
    if p := f.published:
        rate = Rate(round(p.ce * PUBLISHED_TEST), PUBLISHED_TEST)
        runs.append(
            ["as published", f"{protocol.PUBLISHED_TRAINING:,}, with extra", f"{PUBLISHED_TEST:,}",
             "", f"{p.nll:.4f}", percent(p.ce), interval(rate)]
        )  # fmt: skip
    names = ("run", "trained on", "tested on", "epochs", "test nll", "test error", "95 % interval")
    header, *rows = [list(row) for row in zip(names, *runs, strict=True)]
    return Table(header, rows)


def classes(facts: Facts) -> Table:
    """Return the errors among the images of each digit."""
    named = [*((str(digit), rate) for digit, rate in enumerate(facts.test.rates)),
             ("all", facts.test.rate)]  # fmt: skip
    rows = [
        [name, f"{rate.images:,}", f"{rate.wrong:,}"]
        + ([percent(rate.error), interval(rate)] if rate.images else ["", ""])
        for name, rate in named
    ]
    return Table(("digit", "images", "wrong", "error", "95 % interval"), rows)


def layers(facts: Facts) -> Table:
    """Return the layers with what they hold and how long they take; the last row is the sum."""
    found = facts.findings.layers
    rows = [
        [
            f"{layer.name} {layer.kind}",
            "×".join(map(str, layer.output_shape)),
            f"{layer.parameters:,}",
            f"{layer.forward_ms:.1f} + {layer.backward_ms:.1f}",
        ]
        for layer in found
    ]
    forward, backward = sum(x.forward_ms for x in found), sum(x.backward_ms for x in found)
    rows.append(["all", "", f"{facts.parameters:,}", f"{forward:.1f} + {backward:.1f}"])
    return Table(("layer", "output", "parameters", "ms there + back"), rows)


def ablation(runs: Sequence[dict[str, Any]]) -> Table:
    """Return what leaving out each component did."""
    rows = []
    for e in effects(runs):
        whole = e.without is None
        rows.append(
            [
                "nothing" if whole else str(e.without),
                "" if whole else COMPONENTS.get(e.without, ""),
                percent(e.mean),
                "" if whole else f"{100 * e.difference:+.2f} ± {100 * e.margin:.2f}",
                e.verdict,
            ]
        )
    header = ("left out", "instead", "test error", "change, 95 %", "the component")
    return Table(header, rows)


def files(sources: Sequence[dict[str, Any]]) -> Table:
    """Return the data files."""
    rows = [
        [
            str(source["name"]),
            f"{source['images']:,}",
            f"{source['bytes']:,}",
            str(source["md5"]),
            "yes" if source["official"] else "no",
        ]
        for source in sources
    ]
    return Table(("file", "images", "bytes", "md5", "official"), rows)
