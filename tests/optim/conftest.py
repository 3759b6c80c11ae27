"""One training run of an optimizer, in whichever framework is given."""

import numpy as np
import pytest

SHAPES = [(3,), (2, 3), (2, 3), ()]  # two of one shape: state must not be mixed up


def make_params(torch, dtype, seed=0):
    rng = np.random.default_rng(seed)
    drawn = [rng.standard_normal(shape) for shape in SHAPES]
    return [torch.tensor(a, dtype=getattr(torch, dtype), requires_grad=True) for a in drawn]


def make_gradients(torch, dtype, step, scale=1.0, seed=0):
    """Gradients of one step; some coordinates are always 0, and some parameters have none."""
    rng = np.random.default_rng([seed, step])
    gradients = []
    for position, shape in enumerate(SHAPES):
        a = rng.standard_normal(shape) * scale * 10.0 ** rng.integers(-2, 3)
        a = np.where(np.arange(a.size).reshape(shape) % 3 == 1, 0.0, a)
        skipped = position == 2 and step % 4 == 1
        gradients.append(None if skipped else torch.tensor(a, dtype=getattr(torch, dtype)))
    return gradients


def follow(torch, params, optimizer, steps, dtype, scale=1.0, seed=0):
    for step in steps:
        for p, g in zip(params, make_gradients(torch, dtype, step, scale, seed), strict=True):
            p.grad = g
        optimizer.step()


class Run:
    """Parameters, an optimizer of them, and its steps."""

    def __init__(self, torch, name, options, dtype="float64", scale=1.0, seed=0):
        self.torch, self.dtype, self.scale, self.seed = torch, dtype, scale, seed
        self.params = make_params(torch, dtype, seed)
        self.optimizer = getattr(torch.optim, name)(self.params, **options)

    def follow(self, first, last):
        follow(
            self.torch,
            self.params,
            self.optimizer,
            range(first, last),
            self.dtype,
            self.scale,
            self.seed,
        )
        return self.params


@pytest.fixture(scope="session")
def run():
    return Run
