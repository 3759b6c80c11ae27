"""The assignment's three networks and its classifier.

Each is a function of the namespace its layers come from: `torch.nn`, the default, gives the
reference; `minigrad.nn` gives its twin, from the same text. Layers stand at the positions of the
published code, so the keys of a state_dict are the published ones: `classnet.0.weight`, ...

PyTorch is imported only when it is asked for, so that minigrad's twins do without it.
"""

from importlib import import_module
from typing import Any


def mlp(nn: Any = None) -> Any:
    """Four hidden layers for Digits: 64 pixels to the log-probabilities of 10 labels.

    Input (B, 64), output (B, 10).

    >>> sum(p.numel() for p in mlp().parameters())
    23146
    """
    nn = nn or import_module("torch.nn")
    return nn.Sequential(
        nn.Linear(64, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
        nn.LogSoftmax(dim=1),
    )


def cnn(nn: Any = None) -> Any:
    """Two convolutions for Digits, as published: pooled, with no activation between them.

    Input (B, 64), output (B, 10).

    >>> sum(p.numel() for p in cnn().parameters())
    43626
    """
    nn = nn or import_module("torch.nn")
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),  # (B, 1, 8, 8)
        nn.Conv2d(1, 16, 3, stride=1, padding="same"),  # (B, 16, 8, 8)
        nn.MaxPool2d(2, stride=2),  # (B, 16, 4, 4)
        nn.Conv2d(16, 64, 3, stride=1, padding="same"),  # (B, 64, 4, 4)
        nn.MaxPool2d(2, stride=2),  # (B, 64, 2, 2)
        nn.Flatten(),  # (B, 256)
        nn.Linear(256, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
        nn.LogSoftmax(dim=1),
    )


def svhn(nn: Any = None) -> Any:
    """Three convolutions for house numbers, as published.

    Input (B, 3, 32, 32), output (B, 10).

    >>> sum(p.numel() for p in svhn().parameters())
    303082
    """
    nn = nn or import_module("torch.nn")
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=1, padding="same"),  # (B, 16, 32, 32)
        nn.MaxPool2d(2, stride=2),  # (B, 16, 16, 16)
        nn.Conv2d(16, 32, 3, stride=1, padding="same"),  # (B, 32, 16, 16)
        nn.MaxPool2d(2, stride=2),  # (B, 32, 8, 8)
        nn.Conv2d(32, 64, 3, stride=1, padding="same"),  # (B, 64, 8, 8)
        nn.MaxPool2d(2, stride=2),  # (B, 64, 4, 4)
        nn.Flatten(),  # (B, 1024)
        nn.Linear(1024, 256),
        nn.ReLU(),
        nn.Linear(256, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
        nn.LogSoftmax(dim=1),
    )


def classifier(classnet: Any, nn: Any = None) -> Any:
    """Wrap a network of log-probabilities into the assignment's `ClassifierNeuralNet`.

    Its `forward` is the loss of a batch, `classify` its predicted labels.

    >>> import torch
    >>> model = classifier(mlp())
    >>> x, y = torch.zeros(5, 64), torch.arange(5)
    >>> model(x, y).shape, model(x, y, reduction="sum").shape, model.classify(x).shape
    (torch.Size([]), torch.Size([]), torch.Size([5]))
    >>> next(iter(model.state_dict()))
    'classnet.0.weight'
    """
    nn = nn or import_module("torch.nn")

    class ClassifierNeuralNet(nn.Module):
        """A classifier given by a network that ends in LogSoftmax."""

        def __init__(self, classnet: Any) -> None:
            super().__init__()
            self.classnet = classnet
            self.nll = nn.NLLLoss(reduction="none")

        def classify(self, x: Any) -> Any:
            """Return the most probable labels, int64 (B,), of x (B, ...)."""
            return self.classnet(x).argmax(dim=1)

        def forward(self, x: Any, y: Any, reduction: str = "avg") -> Any:
            """Return the negative log-likelihood of labels y (B,): the mean, or the sum."""
            loss = self.nll(self.classnet(x), y)  # (B,)
            return loss.sum() if reduction == "sum" else loss.mean()

    return ClassifierNeuralNet(classnet)
