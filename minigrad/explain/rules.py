"""The rule of each operation in a line: forward, and backward for each argument."""

from __future__ import annotations

import inspect

from minigrad.explain.parts import Step

# x is an argument, y the output, g its gradient; dx is the gradient of x.
_FORWARD = {
    "Linear": "y = x @ W.T + b",
    "ReLU": "y = max(x, 0)",
    "Conv2d": "y[n,o,i,j] = b[o] + sum_cuv w[o,c,u,v] x[n,c,s*i+d*u-p,s*j+d*v-p]",
    "MaxPool2d": "y[n,c,i,j] = the largest x in the window at (i, j)",
    "LogSoftmax": "y_c = x_c - log(sum_k exp(x_k))",
    "NLLLoss none": "y_n = -x[n, target_n]",
    "NLLLoss mean": "y = mean over n of -x[n, target_n]",
    "NLLLoss sum": "y = sum over n of -x[n, target_n]",
    "Mean": "y = (sum of x) / n",
    "Sum": "y = sum of x",
    "View": "y = x in another shape",
    "Clone": "y = x, copied",
    "Permute": "y = x with its axes in another order",
    "MatMul": "y = a @ b",
    "Add": "y = a + b",
    "Sub": "y = a - b",
    "Mul": "y = a * b",
    "Div": "y = a / b",
    "Exp": "y = exp(x)",
    "Log": "y = log(x)",
    "Tanh": "y = tanh(x)",
    "Sigmoid": "y = 1 / (1 + exp(-x))",
    "Softmax": "y_c = exp(x_c) / sum_k exp(x_k)",
}
_BACKWARD = {
    "Linear": {"x": "dx = g @ W", "weight": "dW = g.T @ x", "bias": "db = sum_n g"},
    "ReLU": {"x": "dx = g where y > 0, else 0"},
    "Conv2d": {
        "x": "dx = sum_oij g w, over all outputs that the pixel reached",
        "weight": "dw = sum_nij g x, over all pixels that the weight met",
        "bias": "db[o] = sum_nij g[n,o,i,j]",
    },
    "MaxPool2d": {"x": "dx = g at the winner of each window, else 0"},
    "LogSoftmax": {"x": "dx_c = g_c - exp(y_c) sum_k g_k"},
    "NLLLoss none": {"x": "dx[n,c] = -g_n where c = target_n, else 0"},
    "NLLLoss mean": {"x": "dx[n,c] = -g / N where c = target_n, else 0"},
    "NLLLoss sum": {"x": "dx[n,c] = -g where c = target_n, else 0"},
    "Mean": {"x": "dx = g / n, for each x"},
    "Sum": {"x": "dx = g, for each x"},
    "View": {"x": "dx = g in the shape of x"},
    "Clone": {"x": "dx = g"},
    "Permute": {"x": "dx = g with its axes in their old order"},
    "MatMul": {"a": "da = g @ b.T", "b": "db = a.T @ g"},
    "Add": {"a": "da = g", "b": "db = g"},
    "Sub": {"a": "da = g", "b": "db = -g"},
    "Mul": {"a": "da = g * b", "b": "db = g * a"},
    "Div": {"a": "da = g / b", "b": "db = -g * a / b**2"},
    "Exp": {"x": "dx = g * y"},
    "Log": {"x": "dx = g / x"},
    "Tanh": {"x": "dx = g * (1 - y**2)"},
    "Sigmoid": {"x": "dx = g * y * (1 - y)"},
    "Softmax": {"x": "dx_c = y_c (g_c - sum_k y_k g_k)"},
}


def forward_rule(step: Step) -> str:
    """Return what the operation computes; of one that is not listed, what its docstring says."""
    return _FORWARD.get(_key(step)) or _first_line(step)


def backward_rule(step: Step) -> dict[str, str]:
    """Return the gradient's rule for each argument that has one."""
    known = _BACKWARD.get(_key(step), {})
    return {name: known[name] for name in step.needs_grad if name in known}


def _key(step: Step) -> str:
    """Return the name of the operation, with that of its reduction if it is unweighted."""
    reduction = step.arguments.get("reduction")
    return f"{step.op} {reduction}" if reduction and not step.arguments["weight"] else step.op


def _first_line(step: Step) -> str:
    text = inspect.getdoc(step.function) or ""
    return " ".join(text.split("\n\n")[0].split())
