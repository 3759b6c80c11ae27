"""The operations, one file each: derivation, forward and backward on one screen."""

from minigrad.functions.arithmetic import (
    abs,
    add,
    div,
    floor_divide,
    mul,
    neg,
    pow,
    remainder,
    sub,
)
from minigrad.functions.casting import clone, contiguous, parse_to, to
from minigrad.functions.comparison import (
    allclose,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    eq,
    equal,
    ge,
    gt,
    isfinite,
    isnan,
    le,
    lt,
    ne,
    where,
)
from minigrad.functions.conv2d import conv2d
from minigrad.functions.exponential import exp, log, sqrt
from minigrad.functions.indexing import array_index, assign, getitem, index_put, take_along_dim
from minigrad.functions.linear import linear
from minigrad.functions.log_softmax import log_softmax
from minigrad.functions.matmul import matmul
from minigrad.functions.max_pool2d import check_pool_options, max_pool2d
from minigrad.functions.nll_loss import nll_loss
from minigrad.functions.operands import (
    as_operand,
    binary,
    from_numpy,
    normalize_dim,
    result_type,
)
from minigrad.functions.reductions import (
    all,
    any,
    argmax,
    argmin,
    max,
    mean,
    min,
    sum,
    sum_to_size,
)
from minigrad.functions.relu import relu
from minigrad.functions.shapes import (
    cat,
    expand,
    flatten,
    permute,
    reshape,
    squeeze,
    stack,
    t,
    transpose,
    unflatten,
    unsqueeze,
    view,
)

__all__ = [name for name in dir() if not name.startswith("_")]
