"""Softmax, sigmoid, tanh and the rectifier that leaks."""

from ..mutant import Target, editor, mutant, record

softmax, sigmoid, tanh, leaky = (
    editor(f"minigrad/functions/{name}.py") for name in ("softmax", "sigmoid", "tanh", "leaky_relu")
)
EXP = "y = np.exp(x - x.max(axis=dim, keepdims=True, initial=-np.inf))"
SOFTMAX_BACKWARD = "return weighted - y * weighted.sum(ctx.dim, keepdims=True), None"
FACTOR = "factor = np.where(x > 0, 1, slope).astype(x.dtype)"

SOFTMAX = Target(
    "softmax",
    record("softmax", layers="softmax and not log", others=("tests/nn/test_activation.py",)),
    (
        mutant("no max subtraction", softmax(EXP, "y = np.exp(x)")),
        mutant("the maximum of the whole array is subtracted", softmax(EXP, "y = np.exp(x - x.max(initial=-np.inf))")),
        mutant("normalised over the whole array", softmax("y /= y.sum(axis=dim, keepdims=True)", "y /= y.sum()")),
        mutant("normalises over the wrong axis (consistent backward)", softmax("ctx.dim = dim", "ctx.dim = dim = 0 if x.ndim > 1 else dim")),
        mutant("diagonal Jacobian only", softmax(SOFTMAX_BACKWARD, "return weighted - y * weighted, None")),
        mutant("backward of log_softmax", softmax(SOFTMAX_BACKWARD, "return grad_output - y * grad_output.sum(ctx.dim, keepdims=True), None")),
        mutant("backward sums g, not g y", softmax(SOFTMAX_BACKWARD, SOFTMAX_BACKWARD.replace("weighted.sum", "grad_output.sum"))),
        mutant("modifies its input", softmax(EXP, "y = np.exp(np.subtract(x, x.max(axis=dim, keepdims=True, initial=-np.inf), out=x))")),
        mutant("an epsilon in the denominator", softmax("y /= y.sum(axis=dim, keepdims=True)", "y /= y.sum(axis=dim, keepdims=True) + 1e-8")),
        mutant("dtype ignored", softmax("x = input if dtype is None else input.to(dtype)", "x = input")),
    ),
)  # fmt: skip

SIGMOID = Target(
    "sigmoid",
    record("sigmoid", layers="sigmoid"),
    (
        mutant("the exponent's sign", sigmoid("np.exp(-x)", "np.exp(x)")),
        mutant("exp(x) / (1 + exp(x)) overflows", sigmoid("y = 1 / (1 + np.exp(-x))", "y = np.exp(x) / (1 + np.exp(x))")),
        mutant("derivative of tanh", sigmoid("grad_output * (1 - y) * y", "grad_output * (1 - y * y)")),
        mutant("1 - y forgotten", sigmoid("grad_output * (1 - y) * y", "grad_output * y")),
        mutant("upstream forgotten", sigmoid("grad_output * (1 - y) * y", "(1 - y) * y")),
        mutant("derivative taken at x, not y", sigmoid("ctx.save_for_backward(y)", "ctx.save_for_backward(x)")),
    ),
)  # fmt: skip

TANH = Target(
    "tanh",
    record("tanh", layers="tanh"),
    (
        mutant("derivative of the sigmoid", tanh("grad_output * (1 - y * y)", "grad_output * (1 - y) * y")),
        mutant("not squared", tanh("grad_output * (1 - y * y)", "grad_output * (1 - y)")),
        mutant("sign of the square", tanh("grad_output * (1 - y * y)", "grad_output * (1 + y * y)")),
        mutant("derivative taken at x, not y", tanh("ctx.save_for_backward(y)", "ctx.save_for_backward(x)")),
        mutant("as a ratio that overflows", tanh("y = np.tanh(x)", "y = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))")),
    ),
)  # fmt: skip

LEAKY_RELU = Target(
    "leaky_relu",
    record("leaky_relu", "leaky_relu in place", layers="leaky_relu", others=("tests/nn/test_activation.py",)),
    (
        mutant("gradient 1 at 0", leaky("ctx.save_for_backward(factor)", "ctx.save_for_backward(np.where(x >= 0, 1, slope).astype(x.dtype))")),
        mutant("no leak in backward", leaky("return grad_output * factor, None", "return grad_output * (factor == 1), None")),
        mutant("no leak in forward", leaky("return x * factor", "return x * (factor == 1)")),
        mutant("the slope is always 0.01", leaky(FACTOR, FACTOR.replace("slope", "0.01"))),
        mutant("default slope 0.1", leaky("negative_slope: float = 0.01", "negative_slope: float = 0.1")),
        mutant("the larger of x and slope x: wrong for slopes above 1", leaky(FACTOR, "factor = np.where(x > slope * x, 1, slope).astype(x.dtype)")),
        mutant("slope on both sides", leaky(FACTOR, "factor = np.full_like(x, slope)")),
        mutant("in place is not", leaky("if inplace else result", "if False else result")),
    ),
)  # fmt: skip
