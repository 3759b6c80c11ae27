"""The names of ``torch.autograd``."""

from minigrad.autograd import profiler
from minigrad.engine import backward, grad
from minigrad.function import Function
from minigrad.grad_mode import enable_grad, no_grad, set_grad_enabled
from minigrad.gradcheck import gradcheck, gradgradcheck

__all__ = [
    "Function",
    "backward",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "no_grad",
    "profiler",
    "set_grad_enabled",
]
