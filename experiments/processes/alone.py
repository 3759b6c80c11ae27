"""The usual case: one process, which takes all rows of all batches and waits for nobody."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # the command line is there without NumPy, to say that it is missing
    import numpy as np

T = TypeVar("T")


class Alone:
    """What a training asks of the processes that share it; `Together` answers for several."""

    number = 1
    local_number = 1
    first = True  # the one that prints and writes

    def rows(self, n: int) -> slice:
        """Return which rows of a training batch of n are this process's."""
        return slice(0, n)

    def whole(self, n: int) -> int:
        """Return how many examples the batch at hand has in all, of which n are here."""
        return n

    def rounds(self, batches: int) -> range:
        """Return which batches of an evaluation are this process's.

        All processes get the same number of rounds: some go beyond the last batch.
        """
        return range(batches)

    def gather(self, rows: "np.ndarray") -> "np.ndarray":
        """Return the rows of all processes, in the order of the processes."""
        return rows

    def largest(self, number: int) -> int:
        """Return the largest of all processes' numbers; all ask at the same step."""
        return number

    def prepare(self, model: Any) -> None:
        """Change a model's layers that look at more than one example; its weights stay."""

    def loss(self, model: Any) -> Callable[[Any, Any], Any]:
        """Return the function of x and y that gives the mean loss of the batch at hand."""
        return model

    def agreed(self, function: Callable[..., T], *arguments: Any) -> T:
        """Return what a function returns; its ExperimentError in one process is raised in all."""
        return function(*arguments)

    def by_first(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Let the first process do something, as long as it may take; the others wait."""
        function(*arguments)

    def watched(self, advice: str) -> AbstractContextManager[None]:
        """Return the context in which the loss of a process is an error that gives an advice."""
        return nullcontext()
