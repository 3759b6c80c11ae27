"""What `minigrad bench --profile` and `--memory` do."""

import argparse
from typing import Any

from experiments import charts
from experiments.backend import NAMES, Backend
from experiments.console import note, progress, say
from experiments.errors import UsageError
from experiments.profiling.step import Step
from experiments.threads import one_thread

DIGITS = ("mlp", "cnn")


def report(options: argparse.Namespace) -> None:
    """Do what was asked for; `options` are those of `bench_command`."""
    if options.profile and options.memory:
        raise UsageError("--profile and --memory are two reports: leave one of them out")
    for name in ("svhn", "json", "readme", "peers", "all"):
        if getattr(options, name):
            raise UsageError(
                f"--{name} is not for --profile and --memory: leave it out"
                + (", and type --model svhn" if name == "svhn" else "")
            )
    if options.chart:
        charts.check_writable(options.chart)
    (time_report if options.profile else memory_report)(options)


def models_of(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the networks to look at."""
    return DIGITS if options.model in (None, "both") else (options.model,)


def time_report(options: argparse.Namespace) -> None:
    """Print where the time of a training step goes; draw it if asked to."""
    from experiments.profiling import timing, timing_chart, timing_text

    models = models_of(options)
    timings = []
    with one_thread(), progress(len(models), "profiled and plain steps in turns", "model") as bar:
        for model in models:
            step = Step(model, Backend("minigrad"))
            timings.append(timing.measure(step, options.repeat))
            bar.update()
        speed = timing.product_speed()
    for found in timings:
        say(timing_text.text(found, speed) + "\n")
    say(timing_text.READING)
    if options.chart:
        draw(options, timing_chart.chart(timings))


def memory_report(options: argparse.Namespace) -> None:
    """Print what the layers of a network save for backward; draw it if asked to."""
    from experiments.profiling import memory_chart, memory_text, saved

    found = []
    for model in models_of(options):
        memories = []
        for name, measure in zip(NAMES, (saved.in_minigrad, saved.in_torch), strict=True):
            step = Step(model, Backend(name))
            with one_thread():
                memories.append(measure(step.network, *step.backend.batch(*next(step.batches))))
        found.append((model, step.batch_size, *memories))
        say(memory_text.text(*found[-1]) + "\n")
    say(memory_text.READING)
    if options.chart:
        draw(options, memory_chart.chart(found))


def draw(options: argparse.Namespace, figure: Any) -> None:
    """Write the chart that --chart asks for."""
    files = charts.write(options.chart, figure)
    note(f"chart: {' and '.join(map(str, files))}")
