"""The layers as functions, without parameters of their own."""

from minigrad.functions import log_softmax, relu
from minigrad.functions.conv2d import conv2d
from minigrad.functions.linear import linear
from minigrad.functions.max_pool2d import max_pool2d
from minigrad.functions.nll_loss import nll_loss

__all__ = ["conv2d", "linear", "log_softmax", "max_pool2d", "nll_loss", "relu"]
