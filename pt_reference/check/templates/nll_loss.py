"""NLLLoss: how unlikely the right classes were. A file to fill in.

    l[n] = -w[n] log_probs[n, target[n]]      with w[n] = weight[target[n]], or 1 without weight

and then, by `reduction`, all l[n] ("none"), their sum ("sum"), or their weighted mean ("mean"):
sum of l[n] / sum of w[n]. A row whose target is ignore_index counts in neither sum; its l[n] is 0.

Replace each `raise NotImplementedError`, then type: minigrad check FILE.py
What still raises it is not attempted. An option that you do not want to write yet (weight,
ignore_index) may be taken out of the signature: then it is not attempted either.
A target that is no class (-1, or C) must raise an error, and so must one of the shape (N, 1).

backward is given grad_output = dL/dloss: a number, or with "none" an array (N,). It returns
dL/dlog_probs, by the chain rule: which elements of log_probs have a part in the loss at all, and
with what factor?
"""

import numpy as np


class NLLLoss:
    def __init__(self, weight=None, ignore_index=-100, reduction="mean"):
        self.weight, self.ignore_index, self.reduction = weight, ignore_index, reduction

    def forward(self, log_probs, target):
        # log_probs (N, C), target (N,) integers, weight (C,) or None
        raise NotImplementedError  # return the loss: a number, or (N,) with "none"

    def backward(self, grad_output=1.0):
        raise NotImplementedError  # return grad_log_probs (N, C)
