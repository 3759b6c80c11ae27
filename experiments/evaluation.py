"""How good a model is: negative log-likelihood and classification error over a whole data set."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.backend import Backend
from experiments.console import say
from experiments.interruption import interruptible


@dataclass(frozen=True)
class Evaluation:
    """Mean negative log-likelihood, fraction of wrong labels, and what they were made from.

    The log-probabilities are (N, K), the labels predicted from them (N,).
    """

    nll: float
    ce: float
    predicted: np.ndarray
    log_probabilities: np.ndarray


def evaluation(
    loader: Any, model: Any, backend: Backend, epoch: int | None = None, print_freq: int = 10
) -> Evaluation:
    """Evaluate a model on all examples of a loader, and print the assignment's line.

    Sums over the examples are divided by their number: a mean of batch means would give the
    examples of a short last batch more weight than the others.
    Without an epoch it is the final evaluation; with one, only every `print_freq`-th is printed.
    """
    model.eval()
    batches = []
    with backend.no_grad():
        for batch in interruptible(loader):
            x, y = backend.batch(*batch)
            log_probabilities = model.classnet(x)  # (B, 10): one pass for the loss and the labels
            labels = log_probabilities.argmax(dim=1)  # (B,)
            nll = model.nll(log_probabilities, y).sum()
            batches.append((nll, (labels != y).sum(), labels, log_probabilities))
    # Looked at only now: each look at a GPU's number waits for all that it was given to do.
    sums = np.array([[nll.item(), errors.item()] for nll, errors, _, _ in batches])
    labels, log_probabilities = (
        np.concatenate([backend.array(batch[column]) for batch in batches]) for column in (2, 3)
    )
    sums, labels, log_probabilities = map(
        backend.processes.gather, (sums, labels, log_probabilities)
    )
    nll, errors = sum(sums)  # one batch after the other, as they come
    nll, ce = float(nll) / len(labels), float(errors) / len(labels)
    result = Evaluation(nll, ce, labels, log_probabilities)
    if epoch is None:
        say(f"-> FINAL PERFORMANCE: nll={result.nll}, ce={result.ce}")
    elif epoch % print_freq == 0:
        say(f"Epoch: {epoch}, val nll={result.nll}, val ce={result.ce}")
    return result
