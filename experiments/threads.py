"""Computing on as many threads as are wanted."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Compute on so many threads, in NumPy as in PyTorch.

    It holds for the libraries that are loaded by now. Another number of threads adds in another
    order: numbers are the same to the last bit on the same number only.
    """
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 1
    with threadpool_limits(number):
        if torch:
            torch.set_num_threads(number)
        try:
            yield
        finally:
            if torch:
                torch.set_num_threads(before)


def one_thread() -> AbstractContextManager[None]:
    """Compute on one thread.

    For networks as small as those for Digits it is the fastest, and the numbers do not depend on
    how many cores a machine has.
    """
    return threads(1)
