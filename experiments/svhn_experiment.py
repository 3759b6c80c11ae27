"""The assignment's network for house numbers and the improved one: all seeds and models."""

import argparse
import itertools
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import torch

from experiments.backend import Backend, find_device
from experiments.checkpoint import SECONDS
from experiments.console import note, progress, say
from experiments.early_stopping import EarlyStopping
from experiments.errors import UsageError
from experiments.processes import current
from experiments.run import Beginning, Result, run
from experiments.run_folder import check_writable
from experiments.settings import possible_batch_size
from experiments.svhn import memory  # noqa: F401
from experiments.svhn.batches import Batches
from experiments.svhn.dataset import SVHN
from experiments.svhn.layout import channels_last_gradients
from experiments.svhn.protocol import Examples, split
from experiments.svhn.recipe import recipe
from experiments.svhn.settings import SVHNSettings
from experiments.svhn.shared import check
from experiments.svhn.summary import summary
from experiments.svhn_report import report
from experiments.threads import threads
from experiments.training import State

MODELS = ("published", "improved")
EVALUATION_BATCH = 64


def experiment(options: argparse.Namespace) -> None:
    """Do what `minigrad svhn` was asked for; `options` are those of `svhn_command`."""
    models = MODELS if options.model == "both" else [options.model]
    seeds = range(options.seed, options.seed + options.seeds)
    processes = current()
    files, device = processes.agreed(prepared, options)
    results: list[Result] = []
    with ExitStack() as stack:
        stack.enter_context(threads(number_of_threads(options)))
        bar = stack.enter_context(progress(len(seeds) * len(models), "all runs", "run"))
        for seed, model in itertools.product(seeds, models):
            settings = settings_of(options, files, device, model, seed)
            results.append(
                one_run(settings, files, options.out / "svhn", options.checkpoint_seconds)
            )
            processes.by_first(report, results[-1].folder, files, published_beside(results))
            bar.update()
    say(summary(results))


def prepared(options: argparse.Namespace) -> tuple[dict[str, SVHN], str]:
    """Return the data files and the device, or say what is wrong before anything is trained."""
    if options.val_fraction is not None:
        if options.protocol == "published":
            raise UsageError("--val-fraction is not for the published protocol, which has its own")
        if options.val_fraction < 0.1:
            raise UsageError(
                f"--val-fraction {options.val_fraction:g}: the assignment wants at least 0.1"
            )
    if options.without and options.model == "published":
        raise UsageError("--without is for the improved network: add --model improved")
    if options.mirror and not options.download:
        raise UsageError("--mirror is where to download from: add --download")
    processes = current()
    check(options, processes)
    device = find_device(options.device, options.dtype)
    if processes.first:
        check_writable(options.out / "svhn")
    files = opened(options, download=options.download, mirror=options.mirror)
    if options.batch_size is not None:
        examples = split(options.protocol, files, options.seed, options.val_fraction or 0.1)
        options.batch_size = possible_batch_size(options.batch_size, len(examples["train"]))
    return files, device


def opened(asked: Any, **fetching: Any) -> dict[str, SVHN]:
    """Open the data files of the command's options or of a run's settings.

    The extra file is left alone unless the protocol is the published one.
    """
    names = ["train", "test"] + ["extra"] * (asked.protocol == "published")
    return {name: SVHN(asked.data, name, subset=asked.subset, **fetching) for name in names}


def settings_of(
    options: argparse.Namespace,
    files: Mapping[str, SVHN],
    device: str,
    model: str,
    seed: int,
    without: str | None = None,
) -> SVHNSettings:
    """Return the settings of one run: what was typed, and the model's recipe where nothing was."""
    without = without or (options.without if model == "improved" else None)
    usual = recipe(model, without)

    def number(name: str) -> Any:
        asked = getattr(options, name)
        return getattr(usual, name) if asked is None else asked

    return SVHNSettings(
        experiment="svhn",
        backend="torch",
        model=model,
        seed=seed,
        dtype=options.dtype,
        device=device,
        epochs=number("epochs"),
        patience=number("patience"),
        lr=number("lr"),
        weight_decay=number("weight_decay"),
        batch_size=number("batch_size"),
        data=str(options.data),
        subset=not all(file.source.official for file in files.values()),
        protocol=options.protocol,
        val_fraction=0.1 if options.val_fraction is None else options.val_fraction,
        without=without,
        amp=options.amp,
        compile=options.compile,
        threads=number_of_threads(options),
        extra="used" if "extra" in files else "not used",
        data_files=tuple(described(file) for file in files.values()),
    )


def number_of_threads(options: argparse.Namespace) -> int:
    """Return how many threads of the CPU this process shall use."""
    return options.threads or max(1, (os.cpu_count() or 1) // current().local_number)


def described(file: SVHN) -> dict[str, Any]:
    """Return what a run's config says of a data file."""
    source = file.source
    return {
        "name": source.file,
        "bytes": source.bytes,
        "md5": source.md5,
        "images": source.images,
        "official": source.official,
    }


def one_run(
    settings: SVHNSettings,
    files: Mapping[str, SVHN],
    parent: Path,
    checkpoint_seconds: float = SECONDS,
) -> Result:
    """Train and test one network; say so if a data file was changed meanwhile."""
    backend = backend_of(settings)
    begin = partial(beginning, settings, backend, examples_of(settings, files))
    result = run(settings, backend, begin, parent, checkpoint_seconds)
    say_if_changed(files)
    return result


def go_on(
    settings: SVHNSettings,
    files: Mapping[str, SVHN],
    device: str,
    resume: Callable[[Backend, Callable[[], Beginning]], Result],
) -> None:
    """Do the rest of a run, on a device, by `resume`; and write its report."""
    with threads(settings.threads):
        backend = backend_of(settings, device)
        examples = examples_of(settings, files)
        result = resume(backend, partial(beginning, settings, backend, examples))
        say_if_changed(files)
        current().by_first(report, result.folder, files, None, device)


def report_again(
    settings: SVHNSettings, files: Mapping[str, SVHN], device: str, folder: Path
) -> None:
    """Write the report of a finished run, which was ended before that."""
    with threads(settings.threads):
        current().by_first(report, folder, files, None, device)


def backend_of(settings: SVHNSettings, device: str | None = None) -> Backend:
    """Return what a run computes with."""
    return Backend("torch", device or settings.device, settings.dtype, settings.amp)


def examples_of(settings: SVHNSettings, files: Mapping[str, SVHN]) -> Mapping[str, Examples]:
    """Return a run's examples for training, validation and test."""
    return split(settings.protocol, files, settings.seed, settings.val_fraction)


def say_if_changed(files: Mapping[str, SVHN]) -> None:
    """Say so if a data file is not any more what it was when it was opened."""
    for file in files.values():
        if file.source.changed():
            note(
                f"{file.source.path} was changed during the run: its numbers belong to the file "
                f"with md5 {file.source.md5}"
            )


def beginning(
    settings: SVHNSettings, backend: Backend, examples: Mapping[str, Examples]
) -> Beginning:
    """Return what a run starts with; the weights are a function of the seed."""
    usual = recipe(settings.model, settings.without)
    model = network(settings, backend)
    optimizer = backend.adamax(model, settings.lr, settings.weight_decay)
    training = Batches(
        examples["train"], settings.batch_size, backend.device, settings.seed, usual.augment,
        backend.processes,
    )  # fmt: skip
    schedule = usual.schedule(optimizer, settings.epochs * len(training))
    if settings.compile:
        model.compile()  # the loss of a step; evaluation calls the network in it, as it is
    else:
        channels_last_gradients(model)
    backend.processes.prepare(model)
    loss = backend.processes.loss(model)
    val, test = (
        Batches(examples[name], EVALUATION_BATCH, backend.device, processes=backend.processes)
        for name in ("val", "test")
    )
    state = State(model, optimizer, EarlyStopping(settings.patience), schedule, loss=loss)
    return Beginning(state, training, val, test)


def network(settings: SVHNSettings, backend: Backend) -> torch.nn.Module:
    """Return a run's network with its first weights."""
    usual = recipe(settings.model, settings.without)
    model = backend.classifier(usual.network, settings.seed)
    return model.to(memory_format=torch.channels_last)


def published_beside(results: list[Result]) -> Result | None:
    """Return the published network's result of the last result's seed, if there is one."""
    seed = results[-1].settings.seed
    found = [r for r in results if (r.settings.model, r.settings.seed) == ("published", seed)]
    return found[0] if found and found[0] is not results[-1] else None
