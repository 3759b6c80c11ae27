"""Which of the mistakes are caught, and which causes they are given."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pt_reference.check.checker import check_file
from pt_reference.check.results import ERROR, PASS, Finding

from .mistake import Mistake, styles


@dataclass(frozen=True)
class Measured:
    """What the checker said of a mistake in a style."""

    mistake: Mistake
    style: str
    first: Finding | None  # the first finding, if it is not about the initialisation

    @property
    def equivalent(self) -> bool:
        """Whether no check can see it, as the catalogue says."""
        return self.style in self.mistake.equivalent

    @property
    def caught(self) -> bool:
        """Whether it is an error, or the note that it must be given."""
        return self.first is not None and (self.first.severity == ERROR or self.named)

    @property
    def named(self) -> bool:
        """Whether the first finding has the cause that the mistake must be given."""
        return self.first is not None and self.first.cause.id in self.mistake.causes

    def __str__(self) -> str:
        first = self.first
        said = f"{first.where}: {first.cause.id} ({first.cause.cause})" if first else "nothing"
        must = " or ".join(self.mistake.causes)
        return f"{self.mistake.layer}, {self.style}: {self.mistake.name}: {must}; was {said}"


def measure(mistakes: Iterable[Mistake]) -> Iterator[Measured]:
    """Check each mistake in both styles."""
    with tempfile.TemporaryDirectory() as folder:
        for mistake in mistakes:
            for style in styles(mistake.layer):
                path = Path(folder) / "student.py"
                path.write_text(mistake.source(style))
                report = check_file(path, [mistake.layer], shrink=False)
                assert not report.problem, report.problem
                layer = report.layers[mistake.layer]
                wanted = [f for f in layer.findings if f.check != "initialisation"]
                errors = [f for f in wanted if f.severity == ERROR]
                if layer.verdict != PASS:
                    assert errors, (mistake.name, layer.text)
                yield Measured(mistake, style, wanted[0] if wanted else None)
