"""One line of the screen, and what has to be known about it."""

from dataclasses import dataclass, field


@dataclass
class Finding:
    """What was found, and warnings: each explains a trouble and says what to type."""

    text: str
    warnings: list[str] = field(default_factory=list)


def gigabytes(count: float) -> str:
    """Return bytes for reading.

    >>> gigabytes(25_300_000_000), gigabytes(182_040_794)
    ('25.3 GB', '0.18 GB')
    """
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e9:.2f} GB"
