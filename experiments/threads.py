"""Computing on one thread."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread, in NumPy as in PyTorch.

    For networks as small as those for Digits it is the fastest, and the numbers do not depend on
    how many cores a machine has. It holds for the libraries that are loaded by now.
    """
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 1
    with threadpool_limits(1):
        if torch:
            torch.set_num_threads(1)
        try:
            yield
        finally:
            if torch:
                torch.set_num_threads(before)
