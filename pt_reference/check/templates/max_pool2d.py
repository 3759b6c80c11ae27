"""MaxPool2d: the largest number of each window. A file to fill in.

    y[n, c, i, j] = max over u, v of  x[n, c, i s - p + u d, j s - p + v d]

with stride s (None: the kernel's size), padding p and dilation d. Places outside of x count as
minus infinity: they never win. With ceil_mode the last window may stick out at the end, if it
begins inside of x or its padding in front.

Replace each `raise NotImplementedError`, then type: minigrad check FILE.py
What still raises it is not attempted. An option that you do not want to write yet (padding,
dilation, ceil_mode) may be taken out of the signature: then it is not attempted either.

L is the loss at the end of the network. backward is given grad_output = dL/dy. Move one x a little:
which y moves with it, and how much? What if a number wins in two windows that overlap? Of equal
maxima, PyTorch takes the first one, reading the window row by row.
"""

import numpy as np


class MaxPool2d:
    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding, self.dilation, self.ceil_mode = padding, dilation, ceil_mode

    def forward(self, x):
        # x (N, C, H, W)
        # H_out = (H + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1, W_out likewise
        raise NotImplementedError  # return y (N, C, H_out, W_out)

    def backward(self, grad_output):
        # grad_output (N, C, H_out, W_out)
        raise NotImplementedError  # return grad_input (N, C, H, W)
