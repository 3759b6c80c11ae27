"""The tables at the end, on stdout and in report.md alike."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from experiments.comparison import Comparison
from experiments.markdown import code, escaped
from experiments.run import Result
from experiments.seeds import Spread, spread


@dataclasses.dataclass(frozen=True)
class Published:
    """The published test values of a model."""

    nll: float
    ce: float


@dataclasses.dataclass(frozen=True)
class Report:
    """The results of a command, in the order of the runs, with what is held against them."""

    results: list[Result]
    comparisons: list[Comparison]
    published: dict[str, Published]

    def runs_table(self) -> str:
        """Return a row for each run, and one for each model's published values."""
        header = ["backend", "model", "seed", "epochs", "best", "test nll", "test error", "seconds"]
        rows = []
        for r in self.results:
            s = r.settings
            test = f"{r.test_nll:.4f}", percent(r.test_ce)
            rows.append(
                [s.backend, s.model, s.seed, r.epochs, r.best_epoch, *test, f"{r.seconds:.1f}"]
            )
        for model in self.models():
            p = self.published[model]
            rows.append(["published", model, "", "", "", f"{p.nll:.4f}", percent(p.ce), ""])
        return table(header, rows)

    def models(self) -> list[str]:
        """Return the models that ran, each once."""
        return list(dict.fromkeys(r.settings.model for r in self.results))

    def spreads(self) -> list[dict[str, Any]]:
        """Return the spread of test error and nll over the seeds, for each model and backend."""
        pairs = dict.fromkeys((r.settings.model, r.settings.backend) for r in self.results)
        found = []
        for model, backend in pairs:
            runs = [
                r
                for r in self.results
                if (r.settings.model, r.settings.backend) == (model, backend)
            ]
            published = self.published[model]
            found.append(
                {
                    "model": model,
                    "backend": backend,
                    "error": spread([r.test_ce for r in runs], published.ce),
                    "nll": spread([r.test_nll for r in runs], published.nll),
                }
            )
        return found

    def seeds_table(self) -> str:
        """Return the spreads for reading."""
        header = ["model", "backend", "test", "mean", "sd", "min", "max", "published", "its place"]
        rows = []
        for found in self.spreads():
            for quantity, show in (("error", percent), ("nll", "{:.4f}".format)):
                s: Spread = found[quantity]
                values = [show(v) for v in (s.mean, s.sd, s.min, s.max, s.published)]
                place = f"{s.place} of {s.of}"
                rows.append([found["model"], found["backend"], quantity, *values, place])
        return table(header, rows)

    def agreement(self) -> list[str]:
        """Return, for each model, over how many seeds the frameworks gave the same run."""
        lines = []
        for model in self.models():
            of_model = [c for c in self.comparisons if c.model == model]
            if not of_model:
                continue
            n = len(of_model)
            epochs = sum(c.epochs[0] == c.epochs[1] for c in of_model)
            labels = sum(c.equal_labels == c.labels for c in of_model)
            worst = max(of_model, key=lambda c: c.largest)
            lines.append(
                f"{model}: minigrad and torch stopped at the same epoch for {epochs} of {n} seeds, "
                f"all labels equal for {labels} of {n};\n"
                f"     largest relative difference of a validation nll {worst.largest:.1e} "
                f"(seed {worst.seed})"
            )
        return lines

    @property
    def many_seeds(self) -> bool:
        """Whether there is more than one seed to speak of."""
        return len({r.settings.seed for r in self.results}) > 1

    def text(self) -> str:
        """Return what is printed at the end."""
        parts = ["", self.runs_table()]
        if self.many_seeds:
            parts += [
                "",
                self.seeds_table(),
                "Its place: where the published value stands among the runs and itself, 1 = best.",
                *self.agreement(),
            ]
        return "\n".join(parts)

    def summary(self) -> dict[str, Any]:
        """Return everything as data, for summary.json."""
        return {
            "runs": [
                dataclasses.asdict(r.settings)
                | {"folder": r.folder.name, "epochs": r.epochs, "best_epoch": r.best_epoch}
                | {"test_nll": r.test_nll, "test_ce": r.test_ce, "seconds": r.seconds}
                for r in self.results
            ],
            "published": {m: dataclasses.asdict(self.published[m]) for m in self.models()},
            "comparisons": [
                dataclasses.asdict(c) | {"largest": c.largest, "parts_at": c.parts_at}
                for c in self.comparisons
            ],
            "spreads": [
                f | {q: dataclasses.asdict(f[q]) for q in ("error", "nll")}
                for f in (self.spreads() if self.many_seeds else [])
            ],
        }

    def markdown(self, command: str) -> str:
        """Return report.md; its figures are the files beside it."""
        comparisons = "\n\n".join("\n".join(c.lines()) for c in self.comparisons)
        seeds = f"\n## Over the seeds\n\n{self.seeds_table()}\n" if self.many_seeds else ""
        compared = f"\n## minigrad with PyTorch\n\n```\n{comparisons}\n```\n" if comparisons else ""
        return f"""# The assignment on Digits

Made by {code(command)}.

{self.runs_table()}

The error is the share of the 447 test images whose label is wrong; `best` is the epoch of the
lowest validation nll, whose weights are tested.

![Validation nll and error](comparison.png)
{seeds}{compared}
## The data

![The first 16 digits](digits.png)
"""


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a Markdown table, aligned so that it also reads as plain text; cells are escaped.

    >>> print(table(["model", "nll"], [["mlp", 0.3006], ["cnn", 0.1913]]))
    | model |    nll |
    | :---- | -----: |
    | mlp   | 0.3006 |
    | cnn   | 0.1913 |
    """
    columns = []
    for name, *cells in zip(header, *rows, strict=True):
        name, *cells = texts = [escaped(text) for text in (name, *cells)]
        width = max(2, *map(len, texts))  # ":" alone would make no table of it
        if any(t.lstrip("+-")[:1].isdigit() for t in texts[1:]):  # numbers stand on the right
            name, *cells = (t.rjust(width) for t in texts)
            columns.append([name, "-" * (width - 1) + ":", *cells])
        else:
            name, *cells = (t.ljust(width) for t in texts)
            columns.append([name, ":" + "-" * (width - 1), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in zip(*columns, strict=True))


def percent(fraction: float) -> str:
    """Return a fraction in percent.

    >>> percent(44 / 447)
    '9.84 %'
    """
    return f"{100 * fraction:.2f} %"
