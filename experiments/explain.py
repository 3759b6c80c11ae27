"""One test image through a trained network, and its gradient back, explained."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.backend import Backend
from experiments.console import note, say
from experiments.digits import Digits
from experiments.errors import CheckpointError, UsageError
from experiments.finished_run import FinishedRun
from experiments.threads import one_thread

RUNS = Path("runs/digits")
ENDS = {None: ".html", "text": ".txt", "source": ".py", "mermaid": ".mmd", "svg": ".svg"}
TO_FILES = (None, "source")  # too much for a terminal
CHOICE = 2  # of each digit, so many test images can be chosen on the page


def explain(options: argparse.Namespace) -> None:
    """Do what `minigrad explain` was asked for; `options` are those of `explain_command`."""
    end, path = ENDS[options.kind], options.out
    if path is not None and path.suffix != end:
        raise UsageError(f"--out {path.name} must end in {end}")
    run = find_run(options.run, options.model)
    with one_thread():
        explanation = explained(run, options.sample)
        note(f"{run.folder}: {explanation.title}")
        if path is None and options.kind not in TO_FILES:
            say(getattr(explanation, options.kind)().rstrip("\n"))
            return
        path = path or Path(f"explain-{run.settings.model}{end}")
        explanation.save(path)
    say(str(path))


def find_run(folder: Path | None, model: str | None) -> FinishedRun:
    """Return the run that was asked for, or the newest; raise unless it is one of Digits."""
    if folder is None:
        return newest(model or "cnn")
    run = FinishedRun.read(folder)
    settings = run.settings
    if settings.experiment != "digits":
        raise UsageError(f"--run {folder} is of {settings.experiment}: name a run of digits")
    if model not in (None, settings.model):
        raise UsageError(f"--run {folder} is of the {settings.model}: leave out --model {model}")
    return run


def newest(model: str) -> FinishedRun:
    """Return the last finished run of a network, in either framework: the weights are alike."""
    results = sorted(RUNS.glob(f"*-{model}-seed*/result.json"), key=lambda p: p.stat().st_mtime)
    if not results:
        raise CheckpointError(
            f"there is no trained {model} in {RUNS}: type minigrad digits --backend minigrad "
            f"--model {model}, which takes seconds, or name a run's folder with --run"
        )
    return FinishedRun.read(results[-1].parent)


def explained(run: FinishedRun, sample: int | None) -> Any:
    """Return the explanation of a test image's pass, with the first step of a fresh Adamax.

    It is the image with the greatest loss unless another is asked for: there is most to be seen.
    """
    import minigrad
    from minigrad.explain import explain as explain_pass

    settings = run.settings
    backend, test = Backend("minigrad", dtype=settings.dtype), Digits("test")
    model = run.model(backend)
    if sample is None:
        everything = backend.batch(minigrad.tensor(test.data), minigrad.tensor(test.targets))
        log_p, y = model.classnet(everything[0]).detach(), everything[1]
        sample = int(minigrad.nn.functional.nll_loss(log_p, y, reduction="none").argmax())
    pixels, label = test[sample]
    x, y = backend.batch(minigrad.tensor(pixels[None]), minigrad.tensor([label]))
    explanation = explain_pass(
        model,
        x.requires_grad_(),  # so that the image has a gradient as well
        y,
        optimizer=backend.adamax(model, settings.lr, settings.weight_decay),
    )
    explanation.title = f"{settings.title}: test image {sample}, a {label}"
    explanation.samples = samples(test, sample)
    return explanation


def samples(test: Digits, first: int) -> list[dict[str, Any]]:
    """Return test images to choose from: the one that is shown, and some of each digit."""
    by_digit = [[k for k, t in enumerate(test.targets) if t == digit] for digit in range(10)]
    chosen: Sequence[int] = [k for rank in range(CHOICE) for k in [d[rank] for d in by_digit]]
    return [
        {"index": k, "label": int(test.targets[k]), "pixels": test.data[k].tolist()}
        for k in dict.fromkeys([first, *chosen])
    ]
