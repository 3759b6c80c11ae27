"""Linear: y[n, o] = bias[o] + sum over i of weight[o, i] x[n, i]. A file to fill in.

Replace each `raise NotImplementedError`, then type: minigrad check FILE.py
What still raises it is not attempted, and nothing else in the file is needed for it.

L is the loss at the end of the network. backward is given grad_output = dL/dy, and the chain rule
asks, for each element of an array, which y[n, o] it has a part in, and with what factor:

    dL/dx[n, i]      = sum over o of     dL/dy[n, o]  dy[n, o]/dx[n, i]
    dL/dweight[o, i] = sum over n of     dL/dy[n, o]  dy[n, o]/dweight[o, i]
    dL/dbias[o]      = sum over n of     dL/dy[n, o]  dy[n, o]/dbias[o]

A gradient has the shape of the array it belongs to: that finds most mistakes on paper.
"""

import numpy as np


class Linear:
    def __init__(self, in_features, out_features, bias=True):
        bound = 1 / np.sqrt(in_features)  # as PyTorch draws them
        self.weight = np.random.uniform(-bound, bound, (out_features, in_features))
        self.bias = np.random.uniform(-bound, bound, out_features) if bias else None

    def forward(self, x):
        # x (N, in_features), weight (out_features, in_features), bias (out_features,) or None
        self.x = x  # backward will need it
        raise NotImplementedError  # return y (N, out_features)

    def backward(self, grad_output):
        # grad_output (N, out_features)
        # self.grad_weight = ...  (out_features, in_features)
        # self.grad_bias = ...    (out_features,), where there is a bias
        raise NotImplementedError  # return grad_input (N, in_features)
