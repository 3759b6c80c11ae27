"""Each layer's definition in plain loops, called as PyTorch calls the layer.

A definition has less to read for what it leaves out: it takes batches alone, and sizes in pairs.
Here all of PyTorch's ways are brought to that. Each returns y, and the function from g to the
gradients.
"""

from functools import partial
from importlib import import_module


def definition(name, part):
    """One of the functions of a file: conv2d_forward, for 'conv2d' and 'forward'."""
    return getattr(import_module(f"minigrad.functions.loops.{name}"), f"{name}_{part}")


def run(name, *args, **options):
    """Call the pair of one file; the gradients of what is None are left out."""
    y, cache = definition(name, "forward")(*args, **options)

    def back(g):
        grads = definition(name, "backward")(g, cache)
        return [x for x in (grads if isinstance(grads, tuple) else (grads,)) if x is not None]

    return y, back


def reshaped(shape, name, x, *args, **options):
    """Run on an input of another shape; shape the results as if it had not been."""
    y, back = run(name, x.reshape(shape), *args, **options)
    y_shape = (*x.shape[:-1], y.shape[-1]) if name == "linear" else y.shape[y.ndim - x.ndim :]

    def back_reshaped(g):
        first, *rest = back(g.reshape(y.shape))
        return [first.reshape(x.shape), *rest]

    return y.reshape(y_shape), back_reshaped


def images(name, x, *args, **options):
    """Any number of axes, up to (N, C, H, W)."""
    return reshaped((1,) * (4 - x.ndim) + x.shape, name, x, *args, **options)


def pair(value):
    """PyTorch takes a number, one in a list, and nothing for what is unset; here all are two."""
    if not isinstance(value, tuple | list):
        return value if value is None or isinstance(value, str) else (value, value)
    return tuple(value) * 2 if len(value) == 1 else tuple(value) or None


def linear(x, w, b=None):
    return reshaped((x[..., 0].size, x.shape[-1]), "linear", x, w, b)


def conv2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    return images("conv2d", x, w, b, pair(stride), pair(padding), pair(dilation), groups)


def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    window = [pair(v) for v in (kernel_size, stride, padding, dilation)]
    return images("max_pool2d", x, *window, ceil_mode)


def avg_pool2d(x, kernel_size, stride=None, padding=0, **options):
    return images("avg_pool2d", x, pair(kernel_size), pair(stride), pair(padding), **options)


def adaptive_avg_pool2d(x, output_size):
    sizes = zip(pair(output_size), x.shape[-2:], strict=True)
    return images("adaptive_avg_pool2d", x, tuple(n if o is None else o for o, n in sizes))


def pad(x, pad, mode="constant", value=None):
    return run("pad", x, pad, mode, value or 0.0)


def along_an_axis(name):
    return lambda x, dim, dtype=None: reshaped(x.shape or (1,), name, x, dim)


def loss(name):
    def one_or_many(x, target, **options):
        if x.ndim > 1:
            return run(name, x, target, **options)
        y, back = run(name, x[None], target[None], **options)
        y = y.reshape(())
        return y, lambda g: [x[0] for x in back(g)]

    return one_or_many


def batch_norm(x, w=None, b=None, running_mean=None, running_var=None, momentum=0.1, **options):
    return run("batch_norm", x, running_mean, running_var, w, b, **options)


def of_any_shape(name):
    return lambda x, *args, **options: run(name, x, *args, **options)


LAYERS = {
    "linear": linear,
    "conv2d": conv2d,
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "adaptive_avg_pool2d": adaptive_avg_pool2d,
    "pad": pad,
    "pad with its own": pad,
    "softmax": along_an_axis("softmax"),
    "log_softmax": along_an_axis("log_softmax"),
    "nll_loss": loss("nll_loss"),
    "cross_entropy": loss("cross_entropy"),
    "cross_entropy of probabilities": loss("cross_entropy"),
    "batch_norm in training": partial(batch_norm, training=True),
    "batch_norm in evaluation": batch_norm,
    **{name: of_any_shape(name) for name in ("relu", "leaky_relu", "sigmoid", "tanh")},
}
