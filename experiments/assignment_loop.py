"""How the published notebook trained on house numbers: what ours is faster than.

It is kept as it was in all that takes time: one float32 array of all images, a data set that gives
one sample after the other to a DataLoader, images channels-first, labels cast in each step, and a
graph that is kept longer than it is needed. Do not learn from it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.io import loadmat
from torch.utils.data import DataLoader, Dataset

from pt_reference import networks


class Numbers(Dataset):
    """Nine of ten images of a training file; (3, 32, 32) float32 of 0..255, and its label 0..9."""

    def __init__(self, path: Path) -> None:
        file = loadmat(path)
        images, labels = file["X"], file["y"].reshape(-1)  # (32, 32, 3, N), (N,)
        order = np.random.RandomState(0).choice(range(len(labels)), len(labels), replace=False)
        images, labels = images[:, :, :, order], labels[order]
        threshold = 9 * len(labels) // 10
        images = np.moveaxis(images[:, :, :, :threshold], [-1, -2], [0, 1])
        self.images, self.labels = images.astype(np.float32), labels[:threshold]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.images[index], self.labels[index] % 10


class AssignmentLoop:
    """The published network's training at batch size 256."""

    def __init__(self, path: Path, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.model = networks.classifier(networks.svhn())
        self.optimizer = torch.optim.Adamax(self.model.parameters(), lr=1e-3, weight_decay=1e-5)
        self.loader = DataLoader(Numbers(path), batch_size=256, shuffle=True)

    def train(self, steps: int) -> None:
        """Take the first steps of an epoch."""
        self.model.train()
        for step, (x, y) in enumerate(self.loader, start=1):
            loss = self.model(x, y.type(torch.LongTensor))
            self.optimizer.zero_grad()
            loss.backward(retain_graph=True)
            self.optimizer.step()
            if step == steps:
                break
