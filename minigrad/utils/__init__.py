"""The names of ``torch.utils``."""

from minigrad.utils import data

__all__ = ["data"]
