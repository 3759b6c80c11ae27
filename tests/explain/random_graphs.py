"""Functions made at random: diamonds, broadcasts, views, changes in place, and what they make."""

import numpy as np

import minigrad


def leaves(seed, dtype="float32"):
    """Return tensors (3, 4), (4,), (3, 1) and () to compute from."""
    rng = np.random.default_rng(seed)
    kind = getattr(minigrad, dtype)
    shapes = [(3, 4), (4,), (3, 1), ()]
    return [minigrad.tensor(rng.standard_normal(s), dtype=kind).requires_grad_() for s in shapes]


def random_function(seed, steps=12):
    """Return a function of the leaves; its loss weights every value by a random number."""

    def function(a, b, c, d):
        rng = np.random.default_rng(seed)
        values = [a, b, c, d, (a * b + c) * d]
        for _ in range(steps):
            x = values[rng.integers(len(values))]
            y = values[rng.integers(len(values))]
            wholes = [v for v in values if v.shape == a.shape]
            whole = wholes[rng.integers(len(wholes))]
            values.append(OPERATIONS[rng.integers(len(OPERATIONS))](x, y, whole))
        loss = d
        for v in values[4:]:
            upstream = minigrad.tensor(rng.standard_normal(tuple(v.shape)), dtype=v.dtype)
            loss = loss + (v.tanh() * upstream).sum()
        return loss

    return function


def in_place(x, y, whole):
    z = x.clone()
    z *= whole.mean()
    z += z  # its own old value, twice
    return z


def overwritten(x, y, whole):
    z = whole.clone()
    z[1] = x.sum() * 2
    return z


OPERATIONS = [
    lambda x, y, whole: whole + x,
    lambda x, y, whole: x * whole,
    lambda x, y, whole: whole - x * x,
    lambda x, y, whole: whole / (x * x + 1),
    lambda x, y, whole: x.tanh(),
    lambda x, y, whole: (x * 0.25).exp(),
    lambda x, y, whole: whole.relu() @ whole.T @ whole,
    lambda x, y, whole: whole.reshape(2, 6).transpose(0, 1).reshape(3, 4),
    lambda x, y, whole: whole[1:, ::2].sum(dim=1, keepdim=True).max(),
    lambda x, y, whole: whole[[0, 2, 2]] * x,
    lambda x, y, whole: minigrad.cat([whole, whole * 2])[1:4],
    lambda x, y, whole: minigrad.where(whole > 0, whole, x.mean()),
    lambda x, y, whole: minigrad.log_softmax(whole, 1),
    lambda x, y, whole: whole.max(dim=1, keepdim=True).values,
    in_place,
    overwritten,
]
