"""What a sweep may draw: a TOML file of options, each fixed, chosen from a list, or from a range.

It is data. Each value has to be one that the experiment's command would take as well.
"""

import argparse
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.errors import UsageError

# The options that a space may name, and the types of their values.
KINDS: dict[str, type] = {
    "model": str,
    "without": str,
    "epochs": int,
    "patience": int,
    "lr": float,
    "weight_decay": float,
    "batch_size": int,
}
NOTHING = "nothing"  # to leave out: TOML has no None
TYPES = {str: "a text", int: "an integer", float: "a number"}
LARGEST, MOST_CHOICES = 64 * 1024, 100


@dataclass(frozen=True)
class Range:
    """A number from `low` to `high`, both included; on a logarithmic scale if `log`."""

    low: float
    high: float
    log: bool

    def draw(self, trial: Any, name: str) -> Any:
        """Let a trial of Optuna draw a value."""
        suggest = trial.suggest_int if isinstance(self.low, int) else trial.suggest_float
        return suggest(name, self.low, self.high, log=self.log)

    def as_data(self) -> dict[str, Any]:
        """Return what stands in the file."""
        return {"low": self.low, "high": self.high, "log": self.log}


@dataclass(frozen=True)
class Choices:
    """One of these values."""

    values: tuple[Any, ...]

    def draw(self, trial: Any, name: str) -> Any:
        """Let a trial of Optuna draw a value."""
        return trial.suggest_categorical(name, self.values)

    def as_data(self) -> dict[str, Any]:
        """Return what stands in the file."""
        return {"choices": list(self.values)}


@dataclass(frozen=True)
class Space:
    """The options that a space names: fixed ones, and those that are searched."""

    fixed: dict[str, Any]
    searched: dict[str, Range | Choices]

    def draw(self, trial: Any) -> dict[str, Any]:
        """Let a trial draw all that is searched; return the options of its run."""
        options = dict(self.fixed)
        for name in (name for name in KINDS if name in self.searched):  # model before without
            if name == "without" and options["model"] == "published":
                continue  # it has no components
            options[name] = self.searched[name].draw(trial, name)
        if options.get("without") == NOTHING:
            options["without"] = None
        return options

    def as_data(self) -> dict[str, Any]:
        """Return what the file says, in one way of many."""
        return self.fixed | {name: values.as_data() for name, values in self.searched.items()}


def read(path: Path, options: Mapping[str, argparse.Action]) -> Space:
    r"""Read a space of options of a command; whatever is wrong is a UsageError with its place.

    >>> import tempfile
    >>> add = argparse.ArgumentParser().add_argument
    >>> options = {name: add(f"--{name}") for name in ("model", "epochs")}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "space.toml"
    ...     _ = file.write_text('model = "mlp"\nepochs = {low = 1, high = 9}')
    ...     read(file, options)
    Space(fixed={'model': 'mlp'}, searched={'epochs': Range(low=1, high=9, log=False)})
    """
    text = _text(path)
    try:
        content = tomllib.loads(text + "\n")  # or the last line has no number
    except (ValueError, RecursionError) as error:  # a number of 5000 digits is a plain ValueError
        raise UsageError(
            f"--space: {path} is no TOML: {error}; expected lines as: lr = {{low = 1e-4, "
            "high = 1e-2, log = true}"
        ) from error
    space = Space({}, {})
    for name, value in content.items():
        try:
            if name not in options:
                raise ValueError(f"there is no such option here; expected {', '.join(options)}")
            found = _values(value, KINDS[name], options[name])
        except ValueError as error:
            raise UsageError(f"--space: {path}, {_place(text, name)}: {error}") from error
        if isinstance(found, Range | Choices):
            space.searched[name] = found
        else:
            space.fixed[name] = found
    if "model" not in content:
        known = " or ".join(f'"{model}"' for model in options["model"].choices or ())
        raise UsageError(f"--space: {path} names no network: add a line as model = {known}")
    if not space.searched:
        raise UsageError(
            f"--space: {path} leaves nothing to search: give an option a range or choices, "
            "as lr = {low = 1e-4, high = 1e-2, log = true}"
        )
    return space


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise UsageError(f"--space: {path} is no file; name a TOML file, as space.toml")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UsageError(f"--space: {path} is larger than {LARGEST} bytes: no space is")
        return content.decode()
    except OSError as error:
        raise UsageError(f"--space: {path}: {error.strerror}; name a TOML file") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--space: {path} is not in UTF-8: {error.reason}") from error


def _place(text: str, name: str) -> str:
    """Return the option and its line; tomllib does not tell where a key stands."""
    key = re.compile(rf"""\s*\[?\s*["']?{re.escape(name)}["']?\s*[.=\]]""")
    lines = (number for number, line in enumerate(text.splitlines(), 1) if key.match(line))
    line = next(lines, None)
    return f"line {line}, {name}" if line else name


def _values(value: Any, kind: type, option: argparse.Action) -> Any:
    """Return what the value of a key in the file stands for."""
    if not isinstance(value, dict):
        return _one(value, kind, option)
    if set(value) == {"choices"}:
        return _choices(value["choices"], kind, option)
    if kind is not str and {"low", "high"} <= set(value) <= {"low", "high", "log"}:
        return _range(value, kind, option)
    ways = ["a value", "{choices = [...]}"] + ["{low = ..., high = ...}"] * (kind is not str)
    raise ValueError(f"expected {', '.join(ways)}, not a table of {', '.join(value) or 'nothing'}")


def _choices(values: Any, kind: type, option: argparse.Action) -> Choices:
    if not isinstance(values, list) or not 0 < len(values) <= MOST_CHOICES:
        raise ValueError(f"choices: expected a list of 1 to {MOST_CHOICES} values")
    found = tuple(_one(value, kind, option) for value in values)
    if len(set(found)) < len(found):
        raise ValueError("choices: one of them is there twice")
    return Choices(found)


def _range(value: dict[str, Any], kind: type, option: argparse.Action) -> Range:
    low, high = (_one(value[end], kind, option) for end in ("low", "high"))
    log = value.get("log", False)
    if not isinstance(log, bool):
        raise ValueError(f"log: expected true or false, not {log!r}")
    if not low < high:
        raise ValueError(f"low = {low} is not below high = {high}")
    if log and low <= 0:
        raise ValueError(f"low = {low}: a logarithmic scale has numbers above 0 alone")
    return Range(low, high, log)


def _one(value: Any, kind: type, option: argparse.Action) -> Any:
    """Return a value if it has the type and the command would take it."""
    wanted = (int, float) if kind is float else kind
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise ValueError(f"expected {TYPES[kind]}, not {value!r}")
    allowed = [*(option.choices or ()), *[NOTHING] * (option.dest == "without")]
    if option.choices and value not in allowed:
        raise ValueError(f"expected one of {', '.join(allowed)}, not {value!r}")
    if callable(option.type):
        try:
            option.type(str(value))
        except argparse.ArgumentTypeError as error:
            raise ValueError(str(error)) from error
    return kind(value)
