"""The assignment's MLP and CNN on Digits: all seeds, models and backends, and the report."""

import argparse
import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from experiments import figures
from experiments.backend import NAMES, Backend, backends
from experiments.comparison import compare
from experiments.console import note, progress, say
from experiments.digits import Digits
from experiments.report import Published, Report
from experiments.run import Beginning, Result, beginning, run
from experiments.run_folder import RunFolder, check_writable
from experiments.settings import Settings, possible_batch_size
from experiments.shell import command_line
from experiments.step_by_step import step_by_step
from experiments.threads import one_thread
from pt_reference import networks

NETWORKS = {"mlp": networks.mlp, "cnn": networks.cnn}
PUBLISHED = {
    "mlp": Published(nll=0.30058552061418026, ce=44 / 447),
    "cnn": Published(nll=0.1913409755800661, ce=27 / 447),
}


def experiment(options: argparse.Namespace) -> None:
    """Do what `minigrad digits` was asked for; `options` are those of `digits_command`."""
    parent = options.out / "digits"
    names = NAMES if options.backend == "both" else [options.backend]
    models = NETWORKS if options.model == "both" else [options.model]
    seeds = range(options.seed, options.seed + options.seeds)
    frameworks = backends(names, options.device, options.dtype)
    check_writable(parent)
    datasets = all_digits()
    options.batch_size = possible_batch_size(options.batch_size, len(datasets["train"]))

    report = Report([], [], PUBLISHED)
    with one_thread(), progress(len(seeds) * len(models) * len(names), "all runs", "run") as bar:
        for seed, model in itertools.product(seeds, models):
            results = []
            for backend in frameworks:
                settings = settings_of(options, backend, model, seed)
                begin = partial(beginning, settings, backend, NETWORKS[model], datasets)
                results.append(run(settings, backend, begin, parent, options.checkpoint_seconds))
                bar.update()
            report.results.extend(results)
            if len(results) == 2:
                comparison = compare(*results)
                if (epochs := comparison.parts_at) is not None:
                    sides = [(r.settings, b) for r, b in zip(results, frameworks, strict=True)]
                    outcome = step_by_step(sides, NETWORKS[model], datasets, epochs)
                    comparison = replace(comparison, why=str(outcome))
                report.comparisons.append(comparison)
                say("\n" + "\n".join(report.comparisons[-1].lines()))

    say(report.text())
    folder = RunFolder(parent, "report")
    folder.write_figure(
        "digits", figures.digits_grid(datasets["train"].data, datasets["train"].targets)
    )
    first_seed = [r for r in report.results if r.settings.seed == options.seed]
    folder.write_figure("comparison", figures.comparison(first_seed))
    folder.write_json("summary.json", report.summary())
    folder.write("report.md", report.markdown(command_line("digits", options)))
    note(f"report: {folder.path / 'report.md'}")


def settings_of(options: argparse.Namespace, backend: Backend, model: str, seed: int) -> Settings:
    """Return the settings of one run."""
    return Settings(
        experiment="digits",
        backend=backend.name,
        model=model,
        seed=seed,
        dtype=options.dtype,
        device=backend.device,
        epochs=options.epochs,
        patience=options.patience,
        lr=options.lr,
        weight_decay=options.weight_decay,
        batch_size=options.batch_size,
    )


def all_digits() -> dict[str, Digits]:
    """Return the data of the three parts."""
    return {mode: Digits(mode) for mode in ("train", "val", "test")}


def go_on(
    settings: Settings, device: str, resume: Callable[[Backend, Callable[[], Beginning]], Result]
) -> None:
    """Do the rest of a run, on a device, by `resume`."""
    [backend] = backends([settings.backend], device, settings.dtype)
    datasets = all_digits()
    with one_thread():  # of the libraries that are loaded by now
        resume(backend, partial(beginning, settings, backend, NETWORKS[settings.model], datasets))
