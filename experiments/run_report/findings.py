"""What a finished run has found, as its report takes it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.report import Published
from experiments.training import Epoch


@dataclass(frozen=True)
class LayerRow:
    """A layer of the network: what it gives, what it holds, how long it takes for one batch."""

    name: str
    kind: str  # the name of its class
    output_shape: tuple[int, ...]  # of one image, without the batch
    parameters: int
    forward_ms: float
    backward_ms: float


@dataclass(frozen=True)
class Findings:
    """A finished run, and what it is held against."""

    config: dict[str, Any]  # config.json
    history: list[Epoch]
    best_epoch: int
    test_nll: float
    test_ce: float
    log_probabilities: np.ndarray  # float32 (N, 10) of the test images, in the file's order
    labels: np.ndarray  # int64 (N,)
    images: Any  # images[indices] is uint8 (k, 3, 32, 32)
    filters: np.ndarray  # the first convolution's weight (O, 3, kH, kW)
    layers: list[LayerRow]
    sources: list[dict[str, Any]]  # the data files: name, bytes, md5, images, official
    published: Published | None
    ablation: dict[str, Any] | None  # ablation.json
    baseline: dict[str, Any] | None  # the published network's run of the same command: test_ce ...
