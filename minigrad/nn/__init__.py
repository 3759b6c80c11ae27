"""Modules: layers that own their parameters, as in ``torch.nn``."""

from minigrad.nn import functional, init, utils
from minigrad.nn.activation import LogSoftmax, ReLU
from minigrad.nn.container import Sequential
from minigrad.nn.conv import Conv2d
from minigrad.nn.flatten import Flatten, Unflatten
from minigrad.nn.linear import Linear
from minigrad.nn.loss import NLLLoss
from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter
from minigrad.nn.pooling import MaxPool2d

__all__ = [
    "Conv2d",
    "Flatten",
    "Linear",
    "LogSoftmax",
    "MaxPool2d",
    "Module",
    "NLLLoss",
    "Parameter",
    "ReLU",
    "Sequential",
    "Unflatten",
    "functional",
    "init",
    "utils",
]
