"""minigrad: a small PyTorch in NumPy, to read in an evening.

Every name is PyTorch's and means what it means there, so code for one runs on the other:
``import minigrad as torch``. Read the files in this order:

1.  ``tensor.py``      an array that remembers how it was made
2.  ``function.py``    one operation: forward and backward, and ``apply``, which records it;
                       ``graph.py``, what it is recorded in; ``array_function.py``, its form for
                       operations written in NumPy
3.  ``engine.py``      backward(): the walk from the loss to the leaves
4.  ``functions/``     the operations: ``arithmetic``, ``matmul``, ``linear``, ``relu``,
                       ``log_softmax``, ``nll_loss``, ``conv2d``, ``max_pool2d``, and the rest
5.  ``nn/``            modules, which own parameters: ``module.py`` first
6.  ``optim/``         what is done with a gradient: ``optimizer.py``, ``sgd.py``, ``adam.py``,
                       ``adamax.py``; ``lr_scheduler.py``
7.  ``utils/data.py``  batches; ``generator.py``: PyTorch's random stream, ``random.py``: tensors of
                       it; ``serialization.py``: files
8.  ``gradcheck.py``   whether a gradient is right: differences of the function itself;
                       ``autograd/profiler.py``: where the time goes
9.  ``explain/``       a pass to look at, step by step: where each number of a gradient comes from

>>> x = tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> y = (x * x).sum()
>>> y.backward()
>>> x.grad
tensor([2., 4., 6.])
"""

import importlib
import typing

from minigrad import _memory  # noqa: F401 (to be run)
from minigrad.tensor import Tensor  # first: the operations need it

# isort: split
from minigrad import autograd
from minigrad.creation import (
    arange,
    as_tensor,
    empty,
    empty_like,
    full,
    full_like,
    ones,
    ones_like,
    tensor,
    zeros,
    zeros_like,
)
from minigrad.device import device
from minigrad.dtypes import (
    bool_ as bool,
)
from minigrad.dtypes import (
    dtype,
    float32,
    float64,
    get_default_dtype,
    int8,
    int16,
    int32,
    int64,
    promote_types,
    set_default_dtype,
    uint8,
)
from minigrad.dtypes import (
    float32 as float,
)
from minigrad.dtypes import (
    float64 as double,
)
from minigrad.dtypes import (
    int16 as short,
)
from minigrad.dtypes import (
    int32 as int,
)
from minigrad.dtypes import (
    int64 as long,
)
from minigrad.functions import (
    abs,
    add,
    all,
    allclose,
    any,
    argmax,
    argmin,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    cat,
    clone,
    div,
    eq,
    equal,
    exp,
    flatten,
    floor_divide,
    from_numpy,
    ge,
    gt,
    isfinite,
    isnan,
    le,
    log,
    log_softmax,
    lt,
    matmul,
    max,
    mean,
    min,
    mul,
    ne,
    neg,
    permute,
    pow,
    relu,
    remainder,
    reshape,
    result_type,
    sigmoid,
    softmax,
    sqrt,
    squeeze,
    stack,
    sub,
    sum,
    t,
    take_along_dim,
    tanh,
    transpose,
    unflatten,
    unsqueeze,
    where,
)
from minigrad.grad_mode import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from minigrad.gradcheck import gradcheck
from minigrad.size import Size

if typing.TYPE_CHECKING:
    from minigrad import explain as explain  # no name of PyTorch's, so not in __all__
    from minigrad import nn, optim, utils
    from minigrad.random import (
        Generator,
        default_generator,
        get_rng_state,
        initial_seed,
        manual_seed,
        rand,
        rand_like,
        randint,
        randn,
        randn_like,
        randperm,
        seed,
        set_rng_state,
    )
    from minigrad.serialization import load, save
    from minigrad.tensor_types import (
        BoolTensor,
        ByteTensor,
        CharTensor,
        DoubleTensor,
        FloatTensor,
        IntTensor,
        LongTensor,
        ShortTensor,
    )

__version__ = "0.1.0"


# What is imported only when it is asked for, so that importing minigrad is quick.
_LATER = {
    "random": (
        "Generator",
        "default_generator",
        "get_rng_state",
        "initial_seed",
        "manual_seed",
        "rand",
        "rand_like",
        "randint",
        "randn",
        "randn_like",
        "randperm",
        "seed",
        "set_rng_state",
    ),
    "serialization": ("load", "save"),
    "tensor_types": (
        "BoolTensor",
        "ByteTensor",
        "CharTensor",
        "DoubleTensor",
        "FloatTensor",
        "IntTensor",
        "LongTensor",
        "ShortTensor",
    ),
}


def __getattr__(name: str) -> typing.Any:
    """Import what was left for later."""
    if name in ("explain", "nn", "optim", "utils"):
        return importlib.import_module(f"minigrad.{name}")
    for module, names in _LATER.items():
        if name in names:
            found = getattr(importlib.import_module(f"minigrad.{module}"), name)
            globals()[name] = found  # from now on it is here
            return found
    raise AttributeError(f"module 'minigrad' has no attribute {name!r}")


__all__ = [
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "Generator",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "Size",
    "Tensor",
    "abs",
    "add",
    "all",
    "allclose",
    "any",
    "arange",
    "argmax",
    "argmin",
    "as_tensor",
    "autograd",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "bool",
    "cat",
    "clone",
    "default_generator",
    "device",
    "div",
    "double",
    "dtype",
    "empty",
    "empty_like",
    "enable_grad",
    "eq",
    "equal",
    "exp",
    "flatten",
    "float",
    "float32",
    "float64",
    "floor_divide",
    "from_numpy",
    "full",
    "full_like",
    "ge",
    "get_default_dtype",
    "get_rng_state",
    "gradcheck",
    "gt",
    "initial_seed",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_grad_enabled",
    "isfinite",
    "isnan",
    "le",
    "load",
    "log",
    "log_softmax",
    "long",
    "lt",
    "manual_seed",
    "matmul",
    "max",
    "mean",
    "min",
    "mul",
    "ne",
    "neg",
    "nn",
    "no_grad",
    "ones",
    "ones_like",
    "optim",
    "permute",
    "pow",
    "promote_types",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "relu",
    "remainder",
    "reshape",
    "result_type",
    "save",
    "seed",
    "set_default_dtype",
    "set_grad_enabled",
    "set_rng_state",
    "short",
    "sigmoid",
    "softmax",
    "sqrt",
    "squeeze",
    "stack",
    "sub",
    "sum",
    "t",
    "take_along_dim",
    "tanh",
    "tensor",
    "transpose",
    "uint8",
    "unflatten",
    "unsqueeze",
    "utils",
    "where",
    "zeros",
    "zeros_like",
]
