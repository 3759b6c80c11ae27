"""The border around an image, or along any axes: each element of y shows one of x.

Along an axis, element i of y shows element k = i - before of x. Where x has no such element, the
mode says which one is shown instead:

    constant    none: y is ``value``            v v a b c d v v
    reflect     the mirrored one                c b a b c d c b
    replicate   the one at the end              a a a b c d d d
    circular    the one at the other end        c d a b c d a b
"""

from typing import Any

import numpy as np


def pad_forward(
    x: np.ndarray, pad: tuple[int, ...], mode: str = "constant", value: float = 0.0
) -> tuple[np.ndarray, Any]:
    """Return y and the cache.

    ``pad`` is (left, right, top, bottom, ...): how many elements before and after the last axis,
    then the one before it; negative ones crop.

    >>> pad_forward(np.array([[1.0, 2.0, 3.0]]), (2, 1), "reflect")[0]
    array([[3., 2., 1., 2., 3., 2.]])
    """
    pad = pad + (0, 0) * x.ndim
    before, after = pad[0 : 2 * x.ndim : 2][::-1], pad[1 : 2 * x.ndim : 2][::-1]  # first axis first
    sizes = [b + size + a for b, size, a in zip(before, x.shape, after, strict=True)]
    y = np.zeros(sizes, x.dtype)
    for i in np.ndindex(y.shape):
        k = shown(i, before, after, x.shape, mode)
        y[i] = value if k is None else x[k]
    return y, (x.shape, before, after, mode)


def pad_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x: an element that is shown several times adds up all it receives."""
    shape, before, after, mode = cache
    grad_x = np.zeros(shape, grad_output.dtype)
    for i in np.ndindex(grad_output.shape):
        k = shown(i, before, after, shape, mode)
        if k is not None:
            grad_x[k] += grad_output[i]
    return grad_x


def shown(
    i: tuple[int, ...], before: Any, after: Any, shape: tuple[int, ...], mode: str
) -> tuple[int, ...] | None:
    """Return the index k of the element of x that element i of y shows; None if there is none."""
    k = [0] * len(shape)
    for axis, size in enumerate(shape):
        b, a = before[axis], after[axis]
        k[axis] = i[axis] - b
        if mode == "reflect" and k[axis] < 0:
            k[axis] = -k[axis]
        elif mode == "reflect" and k[axis] >= size:
            k[axis] = 2 * (size - 1) - k[axis]
        elif mode == "replicate":
            k[axis] = min(max(k[axis], 0), size - 1)
        elif mode == "circular":  # around what is left of the axis when it has been cropped
            first, left = max(-b, 0), size + min(b, 0) + min(a, 0)
            k[axis] = first + (k[axis] - first) % left
        if not 0 <= k[axis] < size:
            return None
    return tuple(k)
