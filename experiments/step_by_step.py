"""Two runs once more, side by side, to find the step in which they part."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from experiments.backend import Backend
from experiments.run import beginning
from experiments.settings import Settings
from pt_reference.lockstep import Outcome, Twin, lockstep


def step_by_step(
    sides: Sequence[tuple[Settings, Backend]],
    network: Callable[[Any], Any],
    datasets: dict[str, Any],
    epochs: int,
) -> Outcome:
    """Repeat two runs, minigrad's and PyTorch's, up to an epoch or to the step that parts them.

    At least one epoch is trained: what parts the runs before it shows in its first loss.
    """
    ours, theirs = (twin(*side, network, datasets, max(1, epochs)) for side in sides)
    return lockstep(ours, theirs)


def twin(
    settings: Settings,
    backend: Backend,
    network: Callable[[Any], Any],
    datasets: dict[str, Any],
    epochs: int,
) -> Twin:
    """Return a run's model and optimizer at the beginning, with the batches that the run saw."""
    state, training_loader, val_loader, *_ = beginning(settings, backend, network, datasets)

    def loaded() -> Iterator[Iterator[tuple[Any, Any]]]:
        """Use the loaders in the run's order: each use draws from the run's random stream."""
        for _ in range(epochs):
            for _ in val_loader:  # the validation of the epoch before
                pass
            yield (backend.batch(*batch) for batch in training_loader)

    return Twin(state.model, state.optimizer, loaded())
