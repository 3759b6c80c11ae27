"""A run's findings, made up: random log-probabilities, random images."""

import dataclasses

import numpy as np

from experiments.report import Published
from experiments.run_report import Findings, LayerRow
from experiments.svhn.settings import SVHNSettings
from experiments.training import Epoch

SETTINGS = SVHNSettings(
    experiment="svhn",
    backend="torch",
    model="improved",
    seed=3,
    dtype="float32",
    device="cpu",
    epochs=15,
    patience=2,
    lr=0.01,
    weight_decay=1e-5,
    batch_size=64,
    data="data",
    subset=False,
    protocol="assignment",
    val_fraction=0.1,
    without=None,
    amp=False,
    compile=False,
    threads=1,
    extra="not used",
)


def log_softmax(scores):
    scores = scores - scores.max(axis=1, keepdims=True)
    return (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))).astype(np.float32)


def sources(train=1000, test=300, extra=None):
    files = {"train": train, "test": test} | ({"extra": extra} if extra else {})
    return [
        {"name": f"{name}_32x32.mat", "bytes": 3072 * n, "md5": f"{n:032x}",
         "images": n, "official": False}
        for name, n in files.items()
    ]  # fmt: skip


def made_up(rng, n=300, labels=None, scores=None, **changes):
    """Findings of n test images; `changes` are of the settings or of the findings."""
    labels = rng.integers(0, 10, n) if labels is None else labels
    if scores is None:
        scores = 2 * rng.normal(size=(len(labels), 10)) + 2.5 * np.eye(10)[labels]
    log_probabilities = log_softmax(scores)
    names = {field.name for field in dataclasses.fields(SVHNSettings)}
    settings = {key: value for key, value in changes.items() if key in names}
    config = dataclasses.asdict(dataclasses.replace(SETTINGS, **settings)) | {"data_files": []}
    nll = [2.4, *rng.uniform(0.5, 1.5, 6)]
    wrong = log_probabilities.argmax(axis=1) != labels
    findings = Findings(
        config=config,
        history=[
            Epoch(i, rng.uniform(0.2, 1) if i else None, value, rng.uniform(0.2, 0.9), 1.5)
            for i, value in enumerate(nll)
        ],
        best_epoch=1 + int(np.argmin(nll[1:])),
        test_nll=float(-log_probabilities[np.arange(len(labels)), labels].mean()),
        test_ce=float(wrong.mean()),
        log_probabilities=log_probabilities,
        labels=labels,
        images=rng.integers(0, 256, (len(labels), 3, 32, 32), np.uint8),
        filters=rng.normal(size=(16, 3, 3, 3)).astype(np.float32),
        layers=[
            LayerRow("0", "Conv2d", (16, 32, 32), 448, *rng.uniform(0, 20, 2)),
            LayerRow("1", "ReLU", (16, 32, 32), 0, *rng.uniform(0, 20, 2)),
            LayerRow("2", "Conv2d", (8, 32, 32), 1160, *rng.uniform(0, 20, 2)),
            LayerRow("3", "Linear", (10,), 90, *rng.uniform(0, 20, 2)),
        ],
        sources=sources(test=len(labels)),
        published=Published(nll=0.26, ce=0.0643),
        ablation=None,
        baseline=None,
    )
    others = {key: value for key, value in changes.items() if key not in names}
    return dataclasses.replace(findings, **others)


def ablation(rng, *components):
    """An ablation.json of three seeds."""
    runs = [
        {"without": without, "seed": seed, "test_ce": rng.uniform(0.05, 0.2), "test_nll": 0.3,
         "val_nll": 0.3, "epochs": 15, "seconds": 40.0}
        for without in (None, *components)
        for seed in range(3)
    ]  # fmt: skip
    return {"command": "minigrad svhn --ablation", "remarks": [], "runs": runs}
