"""The logarithm of the softmax."""

from ..mutant import Target, editor, mutant, record

edit = editor("minigrad/functions/log_softmax.py")
SHIFT = "shifted = x - x.max(axis=dim, keepdims=True, initial=-np.inf)"
FORWARD = "y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))"
BACKWARD = "return grad_output - Exp.apply(y) * grad_output.sum(ctx.dim, keepdims=True), None"
CALL = "LogSoftmax.apply(x, normalize_dim(dim, x.ndim))"

LOG_SOFTMAX = Target(
    "log_softmax",
    record("log_softmax", layers="log_softmax"),
    (
        mutant("no max subtraction", edit(SHIFT, "shifted = x")),
        mutant(
            "normalises over the wrong axis (consistent backward)",
            edit("ctx.dim = dim", "ctx.dim = dim = 0 if x.ndim > 1 else dim"),
        ),
        mutant(
            'backward hard-codes the "p - onehot" shortcut',
            edit(BACKWARD, "return Exp.apply(y) - (grad_output != 0) * 1.0, None"),
        ),
        mutant(
            "diagonal Jacobian only",
            edit(BACKWARD, "return grad_output * (1 - Exp.apply(y)), None"),
        ),
        mutant(
            "log(softmax + 1e-8)",
            edit(
                FORWARD,
                "p = np.exp(shifted) / np.exp(shifted).sum(axis=dim, keepdims=True)\n"
                "        y = np.log(p + 1e-8)",
            ),
        ),
        mutant(
            "modifies its input (x -= max)",
            edit(
                SHIFT,
                "shifted = np.subtract(x, x.max(axis=dim, keepdims=True, initial=-np.inf), out=x)",
            ),
        ),
        mutant(
            "softmax normalised over the whole array",
            edit(FORWARD, "y = shifted - np.log(np.exp(shifted).sum(keepdims=True))"),
        ),
        mutant(
            "softmax before log_softmax",
            edit(CALL, f"LogSoftmax.apply({CALL}.exp(), normalize_dim(dim, x.ndim))"),
        ),
        mutant(
            "the maximum of the whole array is subtracted",
            edit(SHIFT, "shifted = x - x.max(initial=-np.inf)"),
        ),
        mutant("logarithm to base 2", edit(FORWARD, FORWARD.replace("np.log(", "np.log2("))),
        mutant(
            "the sum in backward runs over the whole array",
            edit(BACKWARD, "return grad_output - Exp.apply(y) * grad_output.sum(), None"),
        ),
        mutant(
            "backward with y in the place of p",
            edit(BACKWARD, BACKWARD.replace("Exp.apply(y)", "y")),
        ),
    ),
)
