"""The rectifier."""

from ..mutant import Target, editor, mutant, record

edit = editor("minigrad/functions/relu.py")
SAVE = "ctx.save_for_backward(y)"
BACKWARD = "return Mask.apply(grad_output, y != 0)"
FORWARD = "y = np.maximum(0, x)"

RELU = Target(
    "relu",
    record("relu", layers="relu", others=("tests/nn/test_activation.py",)),
    (
        mutant(
            "gradient 1 at x = 0 (x >= 0)",
            edit(SAVE, "ctx.save_for_backward(x)"),
            edit(BACKWARD, "return Mask.apply(grad_output, ~(y < 0))"),
        ),
        mutant(
            "mask from the sign of the incoming gradient",
            edit(BACKWARD, "return Mask.apply(grad_output, grad_output > 0)"),
        ),
        mutant("multiplies by x (derivative of x²/2)", edit(BACKWARD, "return grad_output * y")),
        mutant(
            # A layer is a call of the function: what it keeps between calls, the class keeps.
            "layer keeps one mask, overwritten by the next call",
            edit(SAVE, f"ReLU.mask = y != 0\n        {SAVE}"),
            edit(BACKWARD, "return Mask.apply(grad_output, ReLU.mask)"),
        ),
        mutant(
            "leaky gradient (0.01 for x<0)",
            edit(BACKWARD, f"{BACKWARD} + 0.01 * Mask.apply(grad_output, y == 0)"),
        ),
        mutant(
            "mutates the upstream gradient (g[x<=0] = 0)",
            edit(BACKWARD, "grad_output[y == 0] = 0\n        return grad_output"),
        ),
        mutant("overwrites its input", edit(FORWARD, "y = np.maximum(0, x, out=x)")),
        mutant("NaN becomes 0", edit(FORWARD, "y = np.where(x > 0, x, 0).astype(x.dtype)")),
        mutant("passes every gradient", edit(BACKWARD, "return grad_output")),
        mutant("absolute value", edit(FORWARD, "y = np.abs(x)")),
        mutant("returns the mask, not the gradient", edit(BACKWARD, "return (y != 0) * 1.0")),
    ),
)
