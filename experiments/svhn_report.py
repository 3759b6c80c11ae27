"""What the report of a run on house numbers is written from; read back from the run's folder."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from experiments.backend import Backend
from experiments.console import note
from experiments.finished_run import FinishedRun, read_json
from experiments.run import Result
from experiments.run_folder import RunFolder
from experiments.run_report import write_report
from experiments.run_report.findings import Findings
from experiments.svhn.batches import Batches
from experiments.svhn.layer_times import layer_rows
from experiments.svhn.protocol import Examples
from experiments.svhn.summary import PUBLISHED
from experiments.training import Epoch

ABLATION = "ablation.json"


def report(
    path: Path,
    files: Mapping[str, Any],
    published: Result | None = None,
    device: str | None = None,
) -> None:
    """Write the report into a finished run's folder.

    `files` are the data sets that the run used; `published` is the published network's result
    with the same seed; `device` is another than the run began on, if it went on there.
    """
    run = FinishedRun.read(path)
    backend = Backend("torch", device or run.settings.device, run.settings.dtype)
    model = run.model(backend)
    test, train = files["test"], files["train"]
    first = Examples(train.data, train.labels, np.arange(min(run.settings.batch_size, len(train))))
    x, _ = backend.batch(*next(iter(Batches(first, len(first), backend.device))))
    convolution = next(m for m in model.modules() if isinstance(m, nn.Conv2d))
    ablation = path.parent / ABLATION
    findings = Findings(
        config=run.config,
        history=history(path / "history.csv"),
        best_epoch=run.result["best_epoch"],
        test_nll=run.result["test_nll"],
        test_ce=run.result["test_ce"],
        log_probabilities=np.load(path / "predictions.npy", allow_pickle=False),
        labels=test.labels,
        images=test.data,
        filters=backend.array(convolution.weight),
        layers=layer_rows(model.classnet, x),
        sources=list(run.settings.data_files),
        published=PUBLISHED,
        ablation=read_json(ablation) if ablation.exists() and belongs(run) else None,
        baseline=published and {
            "test_ce": published.test_ce,
            "test_nll": published.test_nll,
            "epochs": published.epochs,
            "seconds": published.seconds,
        },
    )  # fmt: skip
    write_report(RunFolder.at(path), findings)
    note(f"report: {path / 'report.html'}")


def history(path: Path) -> list[Epoch]:
    """Read a run's history.csv, and the seconds.csv beside it."""
    seconds = {row["epoch"]: float(row["seconds"]) for row in rows(path.with_name("seconds.csv"))}
    return [
        Epoch(
            int(row["epoch"]),
            float(row["train_nll"]) if row["train_nll"] else None,
            float(row["val_nll"]),
            float(row["val_ce"]),
            seconds[row["epoch"]],
        )
        for row in rows(path)
    ]


def rows(path: Path) -> list[dict[str, str]]:
    """Read a table."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def belongs(run: FinishedRun) -> bool:
    """Say whether an ablation is about the run's network."""
    return run.settings.model == "improved" and run.settings.without is None
