"""The fully connected layer."""

from ..mutant import Edit, Target, editor, mutant, record

edit = editor("minigrad/functions/linear.py")
GRAD_X = "grad_x = grad_output @ weight"
GRAD_WEIGHT = "grad_weight = rows.T @ x.reshape(-1, weight.shape[1])"
GRAD_BIAS = "grad_bias = rows.sum(0)"
FORWARD = "y = x @ weight.T"
ADD_BIAS = "y += bias"

LINEAR = Target(
    "linear",
    record("linear", layers="linear"),
    (
        mutant(
            "weight gradient transposed",
            edit(GRAD_WEIGHT, "grad_weight = x.reshape(-1, weight.shape[1]).T @ rows"),
        ),
        mutant(
            "bias gradient is the batch mean",
            edit(GRAD_BIAS, "grad_bias = rows.sum(0) / max(rows.shape[0], 1)"),
        ),
        mutant(
            "bias gradient not reduced (broadcast forgotten)",
            edit(GRAD_BIAS, "grad_bias = rows"),
            # The engine would make up for it: there the broadcast has to be forgotten too.
            Edit("minigrad/engine.py", "grad = unbroadcast(grad, shape)", "grad = grad[...]"),
        ),
        mutant(
            "weight gradient divided by N again (double mean)",
            edit(GRAD_WEIGHT, f"{GRAD_WEIGHT} / max(rows.shape[0], 1)"),
        ),
        mutant("bias added along the batch axis", edit(ADD_BIAS, "y += bias[:, None]")),
        mutant("bias silently ignored", edit(ADD_BIAS, "y += 0 * bias")),
        mutant(
            "computes in float32",
            edit(FORWARD, 'y = x.astype("float32") @ weight.T.astype("float32")'),
        ),
        mutant(
            "weight gradient from last sample only (= instead of += in loop)",
            edit(GRAD_WEIGHT, "grad_weight = rows[-1:].T @ x.reshape(-1, weight.shape[1])[-1:]"),
        ),
        mutant(
            "computes in float32, and returns float64",
            edit(FORWARD, 'y = (x.astype("float32") @ weight.T.astype("float32")).astype(x.dtype)'),
        ),
        mutant("input gradient multiplied by W^T", edit(GRAD_X, "grad_x = grad_output @ weight.T")),
        mutant("input gradient doubled", edit(GRAD_X, f"{GRAD_X} * 2")),
        mutant(
            "bias gradient counts the first row twice",
            edit(GRAD_BIAS, f"{GRAD_BIAS} + rows[:1].sum(0)"),
        ),
        mutant(
            "weight gradient without the upstream",
            edit(GRAD_WEIGHT, GRAD_WEIGHT.replace("rows.T", "(rows.T * 0 + 1)")),
        ),
        mutant(
            "the upstream gradient is changed",
            edit(
                "rows = grad_output.reshape",
                "grad_output *= 1 + 1e-3\n        rows = grad_output.reshape",
            ),
        ),
        mutant(
            "the weight's own memory is changed by the bias",
            edit(
                "ctx.save_for_backward(x, weight)",
                "ctx.save_for_backward(x, weight)\n        if bias is not None:\n            bias *= 1.5",
            ),
        ),
    ),
)
