"""When to stop, and which epoch was the best."""

import math


class EarlyStopping:
    """The best epoch so far, and how long ago it was.

    An epoch is better if its validation nll is strictly below the best, and finite: a NaN is never
    the best, not even in epoch 1. Training is over when `patience`, the number of epochs since the
    best one, exceeds `max_patience`.

    >>> stopping = EarlyStopping(max_patience=2)
    >>> [stopping.improved(nll) for nll in (0.5, 0.4, 0.4, 0.6)], stopping.over
    ([True, True, False, False], False)
    >>> stopping.improved(0.5), stopping.over, stopping.best_epoch
    (False, True, 2)
    """

    def __init__(self, max_patience: int) -> None:
        self.max_patience = max_patience
        self.epoch = 0
        self.best_epoch: int | None = None
        self.best_nll = math.inf
        self.patience = 0

    def improved(self, nll: float) -> bool:
        """Take the validation nll of the next epoch; say whether it is the best so far."""
        self.epoch += 1
        if math.isfinite(nll) and nll < self.best_nll:
            self.best_epoch, self.best_nll, self.patience = self.epoch, nll, 0
            return True
        self.patience += 1
        return False

    @property
    def over(self) -> bool:
        """Whether patience is exhausted."""
        return self.patience > self.max_patience

    @property
    def last_epoch(self) -> int:
        """The epoch at which training ends if nothing improves from now on."""
        return self.epoch + self.max_patience + 1 - self.patience
