"""Conv2d: a small image is laid over a large one, everywhere. A file to fill in.

    y[n, o, i, j] = bias[o] + sum over c, u, v of  weight[o, c, u, v] p[n, c, i s + u d, j s + v d]

with stride s and dilation d, where p is x with `padding` zeros on each of its four sides.
With groups = G, channels come in G equal groups: the outputs of group g see the inputs of group g
alone, so weight has in_channels / G channels.

Replace each `raise NotImplementedError`, then type: minigrad check FILE.py
What still raises it is not attempted. An option that you do not want to write yet (dilation,
groups) may be taken out of the signature: then it is not attempted either.

L is the loss at the end of the network. backward is given grad_output = dL/dy. By the chain rule
each y[n, o, i, j] sends grad_output[n, o, i, j], times a factor, to every number that it was made
of. Which numbers are these, and what are the factors? Loop over i, j, u, v first; make it fast when
it is right. The zeros of the padding are no part of x: what they are sent is cut off.
"""

import numpy as np


class Conv2d:
    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
    ):
        self.stride, self.padding = stride, padding
        self.dilation, self.groups = dilation, groups
        shape = (out_channels, in_channels // groups, kernel_size, kernel_size)
        bound = 1 / np.sqrt(in_channels // groups * kernel_size**2)  # as PyTorch draws them
        self.weight = np.random.uniform(-bound, bound, shape)
        self.bias = np.random.uniform(-bound, bound, out_channels) if bias else None

    def forward(self, x):
        # x (N, in_channels, H, W), weight (out_channels, in_channels / groups, K, K)
        # H_out = (H + 2 padding - dilation (K - 1) - 1) // stride + 1, W_out likewise
        self.x = x  # backward will need it
        raise NotImplementedError  # return y (N, out_channels, H_out, W_out)

    def backward(self, grad_output):
        # grad_output (N, out_channels, H_out, W_out)
        # self.grad_weight = ...  (out_channels, in_channels / groups, K, K)
        # self.grad_bias = ...    (out_channels,), where there is a bias
        raise NotImplementedError  # return grad_input (N, in_channels, H, W)
