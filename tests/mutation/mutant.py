"""What the catalogue is made of: operations, their tests, and the ways to break them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class StaleError(Exception):
    """The catalogue does not fit the sources any more."""


class Edit(NamedTuple):
    """A change of one file; the old text must be there exactly once."""

    file: str
    old: str
    new: str

    def apply(self, text: str) -> str:
        if (count := text.count(self.old)) != 1:
            raise StaleError(f"{self.file} has this text {count} times, not once: {self.old!r}")
        return text.replace(self.old, self.new)


class Mutant(NamedTuple):
    """One mistake: its name, the edits that make it, and why no test can see it, if none can."""

    name: str
    edits: tuple[Edit, ...]
    equivalent: str = ""

    def texts(self, root: Path) -> dict[str, str]:
        """The files that the mistake is made in, as they are with it."""
        texts: dict[str, str] = {}
        for edit in self.edits:
            before = texts.get(edit.file) or (root / edit.file).read_text(encoding="utf-8")
            texts[edit.file] = edit.apply(before)
        return texts


@dataclass(frozen=True)
class Target:
    """An operation, pytest's arguments for the tests that concern it, and the ways to break it."""

    name: str
    tests: tuple[str, ...]
    mutants: tuple[Mutant, ...]

    def __post_init__(self) -> None:
        names = [mutant.name for mutant in self.mutants]
        assert len(set(names)) == len(names), f"{self.name}: a mistake is listed twice"


def editor(file: str) -> Callable[[str, str], Edit]:
    """Edits of one file, without its name each time."""
    return lambda old, new: Edit(file, old, new)


def mutant(name: str, *edits: Edit, equivalent: str = "") -> Mutant:
    """One mistake, an edit an argument."""
    return Mutant(name, edits, equivalent)


def record(*names: str, layers: str = "", others: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The tests that come from an operation's record, those of its layers, and other files."""
    folders = ["test_gradients.py", "test_memory.py", "test_errors.py"]
    paths = [f"tests/functions/{file}" for file in folders]
    keys = [f"[{name}] or [{name}-" if name.isidentifier() else _words(name) for name in names]
    if layers:
        paths.append("tests/nn/test_layers.py")
        keys.append(f"(test_layers.py and {layers})")
    keys += [Path(file).name for file in others]
    return (*paths, *others, "-k", " or ".join(keys))


def _words(name: str) -> str:
    """Pytest's -k takes no spaces: a name of several words is asked for word by word."""
    return f"([{name.replace(' ', ' and ')})"
