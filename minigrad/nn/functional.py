"""The layers as functions, without parameters of their own."""

from minigrad.functions import sigmoid, tanh
from minigrad.functions.adaptive_avg_pool2d import adaptive_avg_pool2d
from minigrad.functions.avg_pool2d import avg_pool2d
from minigrad.functions.batch_norm import batch_norm
from minigrad.functions.conv2d import conv2d
from minigrad.functions.cross_entropy import cross_entropy
from minigrad.functions.dropout import dropout, dropout2d
from minigrad.functions.leaky_relu import leaky_relu
from minigrad.functions.linear import linear
from minigrad.functions.max_pool2d import max_pool2d
from minigrad.functions.nll_loss import nll_loss
from minigrad.functions.pad import pad
from minigrad.nn.functional_activations import log_softmax, relu, softmax

__all__ = [
    "adaptive_avg_pool2d",
    "avg_pool2d",
    "batch_norm",
    "conv2d",
    "cross_entropy",
    "dropout",
    "dropout2d",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pool2d",
    "nll_loss",
    "pad",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
