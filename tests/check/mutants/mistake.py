"""A mistake: a right file with a small edit, and the cause that it must be given."""

from dataclasses import dataclass
from pathlib import Path

RIGHT = Path(__file__).with_name("right")
LAYERS = ("Linear", "Conv2d", "MaxPool2d", "ReLU", "LogSoftmax", "NLLLoss", "Adamax")


@dataclass(frozen=True)
class Mistake:
    """What a student wrote in place of what is right, in each style."""

    layer: str
    name: str
    causes: tuple[str, ...]  # any of these is right; more than one where both say it
    edits: dict[str, tuple[str, ...]]  # by style: old text, new text, old text, new text, ...
    equivalent: dict[str, str]  # by style: why no check can see it

    def source(self, style: str) -> str:
        """Return the student's file."""
        before, text, after = section(style, self.layer)
        edits = self.edits[style]
        for old, new in zip(edits[::2], edits[1::2], strict=True):
            if style == "classes" and self.layer != "Adamax":  # a method's body is further in
                old, new = old.replace("\n", "\n    "), new.replace("\n", "\n    ")
            assert old in text, (self.layer, self.name, style, old)
            text = text.replace(old, new, 1)
        return before + text + after


def mistake(
    layer: str,
    name: str,
    causes: str,
    *edits: str,
    equivalent: str = "",
    classes: tuple[str, ...] = (),
    other: tuple[str, ...] = (),
    equivalent_in_classes: str = "",
) -> Mistake:
    """Return a mistake; ``edits`` as in pairs.py, unless a style has its own."""
    second = styles(layer)[1]
    return Mistake(
        layer,
        name,
        tuple(causes.split(" | ")),
        {"classes": classes or edits, second: other or edits},
        {
            style: why
            for style, why in (
                ("classes", equivalent or equivalent_in_classes),
                (second, equivalent),
            )
            if why
        },
    )


def styles(layer: str) -> tuple[str, str]:
    """Return the two styles in which a layer's mistakes are written."""
    return "classes", "optimizers" if layer == "Adamax" else "pairs"


def section(style: str, layer: str) -> tuple[str, str, str]:
    """Return a right file in three parts: the middle one is the layer's."""
    text = (RIGHT / f"{style}.py").read_text()
    head, *parts = text.split("\n# ")
    names = [part.split("\n", 1)[0] for part in parts]
    before = [head, *parts[: names.index(layer)]]
    after = parts[names.index(layer) + 1 :]
    return (
        "\n# ".join([*before, ""]),
        parts[names.index(layer)],
        "".join(f"\n# {part}" for part in after),
    )
