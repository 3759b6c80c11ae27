"""What minigrad takes of PyTorch's layers: every argument of each, tried in both frameworks.

``python -m pt_reference.coverage`` prints the table; with ``--write`` it is written to
``minigrad/COVERAGE.md``. An argument is *supported* if another value than its default changes the
result, and both frameworks agree on the new one; it *raises* if minigrad refuses that value by the
argument's name. There is no third answer: what is accepted and ignored stops the command.
"""

import argparse
import importlib
import inspect
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

import minigrad
from pt_reference.probes import NO_EFFECT, PROBES, Probe
from pt_reference.signatures import overloads

TABLE = Path(minigrad.__file__).with_name("COVERAGE.md")
ROOMS = ("nn", "nn.functional", "nn.init", "nn.utils", "optim", "optim.lr_scheduler")
BASES = {"Module", "Parameter", "Optimizer", "LRScheduler"}  # not layers: what these are made of
SUPPORTED, RAISES = "supported", "raises"


def names() -> list[str]:
    """Return what the table must have: each layer, function, optimizer and schedule."""
    found = []
    for room in ROOMS:
        module = importlib.import_module(f"minigrad.{room}")
        for name in module.__all__:
            if name not in BASES and not inspect.ismodule(getattr(module, name)):
                found.append(f"{room}.{name}")
    return found


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield the name, the argument and whether it is supported or raises."""
    for name in names():
        room, _, short = name.rpartition(".")
        signature = max(
            overloads(importlib.import_module(f"torch.{room}"), short),
            key=lambda s: len(s.parameters),
        )
        probe = PROBES[name]
        for argument, parameter in signature.parameters.items():
            if parameter.default is parameter.empty:  # the probe's own call has it
                yield name, argument, SUPPORTED
            else:
                yield name, argument, answer(name, probe, argument)


def answer(name: str, probe: Probe, argument: str) -> str:
    """Return what becomes of another value of an argument; AssertionError for a third answer."""
    try:
        changed = outcome(minigrad, probe, argument)
    except (NotImplementedError, TypeError) as refusal:
        if argument not in str(refusal):
            raise
        return RAISES
    expected = outcome(torch, probe, argument)
    if not equal(changed, expected):
        raise AssertionError(f"{name}: {argument} computes something else in PyTorch")
    if argument not in NO_EFFECT:
        without = outcome(minigrad, probe)
        if equal(changed, without):
            raise AssertionError(f"{name}: {argument} changes nothing")
    return SUPPORTED


def outcome(framework: Any, probe: Probe, argument: str | None = None) -> list[Any]:
    """Return all that comes of the probe's call, as arrays and texts."""
    options = {}
    if argument is not None:
        value = probe.others[argument]
        options[argument] = value(framework) if callable(value) else value
    framework.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of deprecated arguments, padded copies
        return list(_leaves(probe.call(framework, **options)))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)
    elif hasattr(value, "detach"):
        yield str(value.dtype), value.detach().numpy().copy()
    else:
        yield value


def equal(a: list[Any], b: list[Any]) -> bool:
    """Whether two outcomes are the same, up to the rounding of float32."""
    return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))


def _same(x: Any, y: Any) -> bool:
    if isinstance(x, tuple) and isinstance(y, tuple):
        kind, shape = x[0] == y[0], x[1].shape == y[1].shape
        scale = np.nanmax(np.abs(y[1]), initial=1.0)  # a sum's rounding is that of its terms
        return kind and shape and np.allclose(x[1], y[1], 1e-5, 1e-6 * scale, equal_nan=True)
    return bool(x == y)


def table() -> str:
    """Return the table as Markdown."""
    lines = [
        "# What minigrad supports",
        "",
        "Each argument of each layer, function, optimizer and schedule, tried in minigrad and in "
        f"PyTorch {torch.__version__.partition('+')[0]} by `python -m pt_reference.coverage "
        "--write`, which wrote this page.",
        "*Supported*: another value than the default changes the result, and as in PyTorch. "
        "*Raises*: an error that names the argument.",
        "",
        "| name | argument | |",
        "| :--- | :--- | :--- |",
    ]
    lines += [f"| `{name}` | `{argument}` | {status} |" for name, argument, status in rows()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print or write the table."""
    parser = argparse.ArgumentParser(description="What minigrad supports, as a table.")
    parser.add_argument("--write", action="store_true", help=f"write it to {TABLE.name}")
    text = table()
    if parser.parse_args().write:
        TABLE.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
