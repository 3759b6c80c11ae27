"""What can be counted in the predictions for a test set."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

DIGITS = 10
BINS = 15  # of the calibration error
Z = 1.96  # standard errors to either side: 95 %


@dataclass(frozen=True)
class Rate:
    """So many wrong of so many images."""

    wrong: int
    images: int

    @property
    def error(self) -> float:
        """The share of wrong ones; a NaN of no images."""
        return self.wrong / self.images if self.images else math.nan

    @property
    def se(self) -> float:
        """The standard error of the share, if each image is wrong by chance and by itself."""
        p = self.error
        return math.sqrt(p * (1 - p) / self.images) if self.images else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the true share: of use also where few or none are wrong.

        >>> ["%.3f" % end for end in Rate(0, 10).interval]
        ['0.000', '0.278']
        """
        n, p = self.images, self.error
        if not n:
            return 0.0, 1.0
        middle = p + Z**2 / (2 * n)
        half = Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        low, high = ((middle + side) / (1 + Z**2 / n) for side in (-half, half))
        return max(low, 0.0), min(high, 1.0)


@dataclass(frozen=True)
class Mistake:
    """A test image with a wrong label: its row in the file, and what was made of it."""

    row: int
    label: int
    predicted: int
    probability: float  # of the predicted label
    nll: float  # of the true one


@dataclass(frozen=True)
class Pair:
    """So many images of one digit that were taken for another; `share` of those of the digit."""

    label: int
    predicted: int
    images: int
    share: float


@dataclass(frozen=True)
class Measurements:
    """Log-probabilities (N, 10) for a test set, and its labels (N,)."""

    log_probabilities: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def predicted(self) -> np.ndarray:
        """The most probable labels (N,)."""
        return self.log_probabilities.argmax(axis=1)

    @cached_property
    def nll(self) -> np.ndarray:
        """The negative log-likelihood of each label (N,), in float64."""
        rows = np.arange(len(self))
        return -self.log_probabilities[rows, self.labels].astype(np.float64)

    @cached_property
    def confidence(self) -> np.ndarray:
        """The probability of each predicted label (N,), in float64."""
        return np.exp(self.log_probabilities.max(axis=1).astype(np.float64))

    @cached_property
    def confusion(self) -> np.ndarray:
        """How many images of each label (rows) got each prediction (columns): (10, 10)."""
        pairs = DIGITS * self.labels + self.predicted
        return np.bincount(pairs, minlength=DIGITS**2).reshape(DIGITS, DIGITS)

    @cached_property
    def rate(self) -> Rate:
        """The errors over all images."""
        return Rate(int((self.predicted != self.labels).sum()), len(self))

    @cached_property
    def rates(self) -> list[Rate]:
        """The errors among the images of each digit."""
        images, right = self.confusion.sum(axis=1), self.confusion.diagonal()
        return [Rate(int(n - r), int(n)) for n, r in zip(images, right, strict=True)]

    def pairs(self, count: int) -> list[Pair]:
        """Return the digits most often taken for another."""
        wrong = self.confusion - np.diag(self.confusion.diagonal())
        found = []
        for place in np.argsort(-wrong, axis=None, kind="stable")[:count]:
            label, predicted = map(int, divmod(place, DIGITS))
            if images := int(wrong[label, predicted]):
                share = images / self.rates[label].images
                found.append(Pair(label, predicted, images, share))
        return found

    def most_confident(self, count: int) -> list[Mistake]:
        """Return the mistakes whose wrong label had the highest probability."""
        return self._mistakes(self.confidence, count)

    def worst(self, count: int) -> list[Mistake]:
        """Return the mistakes whose true label had the lowest probability."""
        return self._mistakes(self.nll, count)

    def _mistakes(self, key: np.ndarray, count: int) -> list[Mistake]:
        wrong = np.flatnonzero(self.predicted != self.labels)
        rows = wrong[np.argsort(-key[wrong], kind="stable")[:count]]
        return [
            Mistake(
                int(row),
                int(self.labels[row]),
                int(self.predicted[row]),
                float(self.confidence[row]),
                float(self.nll[row]),
            )
            for row in rows
        ]

    @cached_property
    def calibration_error(self) -> float:
        """How far confidence is from accuracy, image by image, in 15 bins of equal width."""
        right = self.predicted == self.labels
        bins = np.minimum((BINS * self.confidence).astype(int), BINS - 1)
        gaps = np.bincount(bins, self.confidence - right, minlength=BINS)
        return float(np.abs(gaps).sum() / len(self))
