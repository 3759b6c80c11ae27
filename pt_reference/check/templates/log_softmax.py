"""LogSoftmax: the logarithms of probabilities, along one axis. A file to fill in.

    y[j] = log(exp(x[j]) / sum over k of exp(x[k]))  =  x[j] - log(sum over k of exp(x[k]))

for each row x along `dim`. exp(1000) is infinity: which number may be added to a whole row without
changing y, so that exp never sees a large one?

Replace each `raise NotImplementedError`, then type: minigrad check FILE.py
What still raises it is not attempted.

L is the loss at the end of the network. backward is given grad_output = dL/dy. Every y[k] of a row
depends on every x[j] of that row, so the chain rule is a sum:

    dL/dx[j] = sum over k of  dL/dy[k]  dy[k]/dx[j]

Derive dy[k]/dx[j] for k = j and for k != j; then write the sum without a loop.
"""

import numpy as np


class LogSoftmax:
    def __init__(self, dim):
        self.dim = dim

    def forward(self, x):
        # x (N, C), and in each row along dim the probabilities exp(y) add up to 1
        raise NotImplementedError  # return y (N, C)

    def backward(self, grad_output):
        # grad_output (N, C)
        raise NotImplementedError  # return grad_input (N, C)
