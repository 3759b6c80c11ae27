"""Passes to put on a page: the assignment's networks, and one of all other operations it knows."""

import numpy as np

import minigrad
from minigrad import nn
from minigrad.explain.as_json import to_json
from minigrad.explain.trace import trace
from minigrad.optim import Adamax
from pt_reference import networks

SAMPLES = [{"label": n, "pixels": [(7 * k + 3 * n) % 17 for k in range(64)]} for n in range(3)]


def network(name, steps=0):
    """Return the JSON of an image's way through the MLP or CNN, after ``steps`` of training."""
    minigrad.manual_seed(0)
    model = networks.classifier(getattr(networks, name)(nn), nn)
    optimizer = Adamax(model.parameters(), lr=1e-3, weight_decay=1e-2)
    pixels = np.random.default_rng(0).integers(0, 17, (1, 64)).astype(np.float32)
    x, y = minigrad.from_numpy(pixels).requires_grad_(), minigrad.tensor([3])
    for _ in range(steps):
        optimizer.zero_grad()
        model(x, y).backward()
        optimizer.step()
    return to_json(trace(model, x, y, optimizer=optimizer)) | {"samples": SAMPLES}


def variety():
    """Return the JSON of a pass in which values are broadcast, used twice, strided and padded."""
    minigrad.manual_seed(1)
    conv = nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2)
    mixing = minigrad.randn(6, 6, requires_grad=True)
    pool, scale = nn.MaxPool2d(3, stride=2, padding=1), minigrad.rand(6, 1, 1, requires_grad=True)

    def loss(x):
        h = pool(conv(x))
        h = h * scale + minigrad.tanh(h) - minigrad.sigmoid(h * h)
        rows = h.mean(dim=3).sum(dim=(2,), keepdim=True).reshape(2, 6)
        rows = rows @ mixing + (rows.abs() / (1 + rows.exp())).log() - (1 + rows**2).sqrt()
        target = minigrad.tensor([4, -100])
        picked = nn.functional.nll_loss(minigrad.log_softmax(rows, dim=1), target)
        soft = nn.functional.leaky_relu(0.2 + -minigrad.softmax(rows.T, dim=0), 0.3).mean()
        pooled = nn.functional.avg_pool2d(h, 2, stride=1, padding=1)
        return picked + pooled.mean() * soft

    return to_json(trace(loss, minigrad.randn(2, 4, 7, 6, requires_grad=True)))


def unknown():
    """Return the JSON of a pass with an operation that the page does not know."""
    x = minigrad.tensor([1.0, 4.0, 9.0], requires_grad=True)
    return to_json(trace(lambda x: (x.max() * x).sum(), x))


def remembered():
    """Return the JSON of a loss that nobody watched: of some arrays the graph kept no numbers."""
    minigrad.manual_seed(2)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 2), nn.ReLU())
    return to_json(trace(model(minigrad.randn(1, 1, 4, 4)).sum()))
