"""What PyTorch takes and minigrad does not is refused by name: nothing is accepted and ignored."""

from __future__ import annotations


def refuse(what: str, **options: object) -> None:
    """Raise NotImplementedError for an option of PyTorch's that is asked for and not there.

    >>> refuse("SGD", foreach=None, fused=True)
    Traceback (most recent call last):
    NotImplementedError: minigrad's SGD has no fused=True
    """
    for name, value in options.items():
        if value:
            raise NotImplementedError(f"minigrad's {what} has no {name}={value}")
