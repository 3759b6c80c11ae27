"""What each component of the improved network brings: it is left out, and all else stays."""

import argparse
import contextlib
import dataclasses
import itertools
import json
import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from experiments import atomic
from experiments.console import note, progress, say
from experiments.errors import CheckpointError, UsageError
from experiments.finished_run import FinishedRun
from experiments.report import percent, table
from experiments.shell import command_line
from experiments.svhn.effects import effects
from experiments.svhn.recipe import COMPONENTS
from experiments.svhn.settings import SVHNSettings
from experiments.svhn_experiment import one_run, opened, prepared, settings_of
from experiments.svhn_report import ABLATION, report
from experiments.threads import threads

VARIANTS = (None, *COMPONENTS)


def ablation(options: argparse.Namespace) -> None:
    """Do what `minigrad svhn --ablation` was asked for: every variant with every seed.

    Finished runs with the same settings are taken from the folder, so it goes on where it was
    ended. Nothing is written before all are done.
    """
    if options.model == "published" or options.without:
        raise UsageError("--ablation is of the improved network, and leaves out one by itself")
    files, device = prepared(options)
    seeds = range(options.seed, options.seed + options.seeds)
    wanted = [
        settings_of(options, files, device, "improved", seed, without)
        for seed, without in itertools.product(seeds, VARIANTS)
    ]
    parent = options.out / "svhn"
    done = finished(parent, wanted)
    if done:
        note(f"{len(done)} of {len(wanted)} runs are there already")
    todo = [settings for settings in wanted if key(settings) not in done]
    with progress(len(todo), "runs of the ablation", "run") as bar:
        for folder in in_parallel(todo, parent, options.jobs):
            run = FinishedRun.read(folder)
            done[key(run.settings)] = run
            without = f"without {run.settings.without}" if run.settings.without else "whole"
            say(f"-> RUN {without}, seed {run.settings.seed}: ce={run.result['test_ce']}")
            bar.update()

    runs = [done[key(settings)] for settings in wanted]
    rows = [row(run) for run in runs]
    content = {"command": command_line("svhn", options), "remarks": wanted[0].remarks, "runs": rows}
    atomic.write(parent / ABLATION, json.dumps(content, indent=2) + "\n")
    text = as_text(rows, wanted[0].remarks)
    atomic.write(parent / "ablation.md", text)
    say(f"\n{text}")
    for run in runs:
        if run.settings.without is None:
            report(run.folder, files)


def key(settings: SVHNSettings) -> str:
    """Return the settings as a text, without what does not change the numbers."""
    return repr(dataclasses.replace(settings, data=""))


def finished(parent: Path, wanted: Sequence[SVHNSettings]) -> dict[str, FinishedRun]:
    """Return the runs in a folder that are finished and have settings that are wanted."""
    keys = {key(settings) for settings in wanted}
    found = {}
    for folder in sorted(parent.glob("*torch-improved*")):
        with contextlib.suppress(CheckpointError):  # not finished, or not as it was
            run = FinishedRun.read(folder)
            if key(run.settings) in keys:
                found[key(run.settings)] = run
    return found


def in_parallel(todo: Sequence[SVHNSettings], parent: Path, jobs: int) -> Iterator[Path]:
    """Do the runs, here one after the other or in so many processes; yield their folders."""
    if jobs == 1:
        yield from (one_quietly(settings, parent) for settings in todo)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(one_quietly, settings, parent) for settings in todo]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def one_quietly(settings: SVHNSettings, parent: Path) -> Path:
    """Do a run without a word on stdout; return its folder."""
    files = opened(settings)
    with (
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        threads(settings.threads),
    ):
        return one_run(settings, files, parent).folder


def row(run: FinishedRun) -> dict[str, Any]:
    """Return what is written of a run into ablation.json."""
    result = run.result
    return {
        "without": run.settings.without,
        "seed": run.settings.seed,
        "test_ce": result["test_ce"],
        "test_nll": result["test_nll"],
        "val_nll": result["best_val_nll"],
        "epochs": result["epochs"],
        "seconds": result["seconds"],
    }


def as_text(rows: Sequence[Mapping[str, Any]], remarks: Sequence[str]) -> str:
    """Return ablation.md."""
    header = ["without", "instead", "test error", "sd", "more than whole", "+-", "the component"]
    cells = []
    for e in effects(rows):
        numbers = percent(e.mean), percent(e.sd), f"{100 * e.difference:+.2f}", percent(e.margin)
        whole = "(nothing: the whole recipe)", ""
        name = (e.without, COMPONENTS[e.without]) if e.without else whole
        cells.append([*name, *numbers, e.verdict])
    seeds = sorted({r["seed"] for r in rows})
    return "\n".join(
        [
            "# Each component of the improved network left out in turn",
            "",
            table(header, cells),
            "",
            f"Test error in percent, mean over the seeds {', '.join(map(str, seeds))}, which share",
            "neither first weights nor validation set; differences in percentage points, seed by",
            "seed, +- half of a 95 % interval (Student's t; the spread is pooled over the",
            "components). `pays`: the interval is above 0. `not shown to pay`: it holds 0.",
            *(f"The runs: {remark}." for remark in remarks),
            "",
        ]
    )
