"""Another set written before the checker was asked, and measured once: 66 of 86 named right."""

from .mistake import mistake

SUMMED = "grad_output.sum(axis=(0, 2, 3))"
CROP = "grad_padded[:, :, top : top + h, left : left + w]"
KERNEL = 'np.einsum("ngoij,ngcij->goc", g, part)'
PUT = "grad_padded[samples, channels, row, col] += g[:, :, i, j]"
WINNER = "winner[:, :, i, j] = (won & real).argmax(axis=2)"
GRAD_X = "return grad_output - p * grad_output.sum(axis=dim, keepdims=True)"
PAID = "grad_x[np.arange(len(t)), t] = -scale * grad_output / divisor"
STEP = "p -= lr / (1 - beta1**t) * m / u"
M = "m = beta1 * m + (1 - beta1) * g\n"
U = "u = maximum(beta2 * u, abs(g) + eps)"
# fmt: off
# ruff: noqa: E501
UNSEEN_AGAIN = [
    mistake("Linear", "samples of x in reverse in the weight gradient", "flipped", "g.T @ rows", "g.T @ rows[::-1]"),
    mistake("Linear", "bias gradient from the input", "shape | wrong_operand", "g.sum(axis=0)", "rows.sum(axis=0)"),
    mistake("Linear", "weight reshaped in place of transposed", "transposed | permuted", "y = x @ weight.T", "y = x @ weight.reshape(x.shape[-1], -1)"),
    mistake("Linear", "weight gradient clipped to length 1", "scaled", "grad_weight = g.T @ rows", "grad_weight = g.T @ rows\n    grad_weight = grad_weight / max(1, np.sqrt((grad_weight**2).sum()))"),
    mistake("Linear", "weight decay within backward", "wrong_operand | backward_differs", "g.T @ rows", "g.T @ rows + 0.1 * weight"),

    mistake("Conv2d", "one stride for both axes in backward", "transposed | misuses_option:stride | ignores_option:stride", "grad_kernel = np.zeros_like(kernel)", "grad_kernel = np.zeros_like(kernel)\n    sw = sh"),
    mistake("Conv2d", "weight gradients of the groups added up", "misuses_option:groups | ignores_option:groups | summed_over_wrong_axis", KERNEL, KERNEL + ".sum(axis=0)"),
    mistake("Conv2d", "bias gradient times the pixels", "scaled", SUMMED, SUMMED + " * oh * ow"),
    mistake("Conv2d", "crop of the rows used for the columns", "transposed | misuses_option:padding", CROP, "grad_padded[:, :, left : left + h, top : top + w]"),
    mistake("Conv2d", "first row of the kernel left out", "boundary", "ow), x.dtype)\n    for u in range(kh):", "ow), x.dtype)\n    for u in range(min(1, kh - 1), kh):"),
    mistake("Conv2d", "kernel upside down, forward and backward", "flipped", "kernel = weight.reshape(", "kernel = weight[..., ::-1, :].reshape(", "grad_kernel.reshape(shape)", "grad_kernel[..., ::-1, :].reshape(shape)"),
    mistake("Conv2d", "channels of the image reversed", "flipped", "padded = np.pad(x,", "padded = np.pad(x[:, ::-1],"),
    mistake("Conv2d", "batch of one loses its axis", "shape", "return y[0] if single else y, cache", "return y[0] if n == 1 else y, cache", classes=("return y[0] if single else y", "return y[0] if n == 1 else y")),
    mistake("Conv2d", "float64 whatever the input", "dtype", "y = np.zeros((n, groups, o // groups, oh, ow), x.dtype)", "y = np.zeros((n, groups, o // groups, oh, ow))"),
    mistake("Conv2d", "padded twice", "shifted | misuses_option:padding", "padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))", "padded = np.pad(x, ((0, 0), (0, 0), (2 * top, 2 * bottom), (2 * left, 2 * right)))"),
    mistake("Conv2d", "all outputs use the first kernel", "wrong_operand | boundary", 'kernel[..., u, v])\n    y = y', 'kernel[:, [0] * (o // groups)][..., u, v])\n    y = y'),
    mistake("Conv2d", "weight gradient pads with the edge", "padding_value | misuses_option:padding | ignores_option:padding", "cache = padded,", "padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), mode='edge')\n    cache = padded,"),

    mistake("MaxPool2d", "gradient goes to the minimum", "permuted | sign | wrong_operand", WINNER, "winner[:, :, i, j] = np.where(real, window, np.inf).argmin(axis=2)"),
    mistake("MaxPool2d", "default stride 2", "wrong_default:stride", "kernel_size if stride is None", "2 if stride is None"),
    mistake("MaxPool2d", "padding at the end only", "shifted | misuses_option:padding", "(ph, ph + sh + kh), (pw, pw + sw + kw)", "(0, 2 * ph + sh + kh), (0, 2 * pw + sw + kw)"),
    mistake("MaxPool2d", "stride read as (columns, rows)", "transposed", "(kh, kw), (sh, sw) = pair", "(kh, kw), (sw, sh) = pair"),
    mistake("MaxPool2d", "pads with -1", "padding_value", "constant_values=-np.inf", "constant_values=-1"),
    mistake("MaxPool2d", "gradient in whole numbers", "dtype", "grad_padded = np.zeros(shape, g.dtype)", "grad_padded = np.zeros(shape, int)", PUT, PUT.replace("g[:, :, i, j]", "g[:, :, i, j].astype(int)")),

    mistake("ReLU", "mask of the output with >=", "leaks", "(x > 0)", "(np.maximum(x, 0) >= 0)"),
    mistake("ReLU", "threshold 1", "saturates | forward_differs | zero", "np.maximum(x, 0)", "x * (x > 1)"),

    mistake("LogSoftmax", "exp forgotten in the sum", "not_finite", "np.exp(z).sum(", "z.sum("),
    mistake("LogSoftmax", "log1p of the sum", "offset | inexact", "np.log(total)", "np.log1p(total)"),
    mistake("LogSoftmax", "gradient divided by N", "averaged | scaled", GRAD_X, GRAD_X.replace("return ", "return (") + ") / len(grad_output)"),
    mistake("LogSoftmax", "exp(x) for the softmax in backward", "wrong_operand | unstable", "y = z - np.log(total)", "y = z - np.log(total)\n    pair.x = x", "p = np.exp(y)", "p = np.exp(pair.x)"),
    mistake("LogSoftmax", "both terms turned round", "sign", GRAD_X, "return p * grad_output.sum(axis=dim, keepdims=True) - grad_output"),

    mistake("NLLLoss", "largest log-probability in place of the target's", "wrong_operand | forward_differs", "-scale * x[np.arange(n), t]", "-scale * x.max(axis=1)"),
    mistake("NLLLoss", "gradient divided by the log-probability", "wrong_operand | backward_differs", "n, c = x.shape", "n, c = x.shape\n    pair.x = x", PAID, PAID + " / pair.x[np.arange(len(t)), t]"),
    mistake("NLLLoss", "gradient of the targets' places only", "shape", "return grad_x", "return grad_x[np.arange(len(t)), t]"),
    mistake("NLLLoss", "negative targets ignored", "ignores_option:ignore_index", "kept = target != ignore_index", "kept = target >= 0"),
    mistake("NLLLoss", "weight twice in the gradient", "misuses_option:weight", PAID, PAID.replace("-scale", "-scale * scale")),
    mistake("NLLLoss", "upstream of the first sample for all", "misuses_option:reduction | boundary | wrong_operand", PAID, PAID.replace("grad_output", "np.ravel(grad_output)[0]")),

    mistake("Adamax", "step counted twice", "scaled | misuses_option:betas", 'state.get("t", 0) + 1', 'state.get("t", 0) + 2'),
    mistake("Adamax", "bias correction multiplies", "scaled", STEP, "p -= lr * (1 - beta1**t) * m / u"),
    mistake("Adamax", "decay after the step", "misuses_option:weight_decay", "g = g + weight_decay * p", "pass", STEP, STEP + "\n            p -= lr * weight_decay * p"),
    mistake("Adamax", "square of the gradient in the norm", "wrong_operand | update_differs", U, "u = maximum(beta2 * u, g * g + eps)"),
    mistake("Adamax", "norm decays with beta1", "misuses_option:betas", U, "u = maximum(beta1 * u, abs(g) + eps)"),
    mistake("Adamax", "square root of eps", "misuses_option:eps | inexact", U, "u = maximum(beta2 * u, abs(g) + eps**0.5)"),
    mistake("Adamax", "mean of the gradient subtracted", "update_differs", "g = -g if maximize else g", "g = -g if maximize else g\n            g = g - g.mean()"),
]
# fmt: on
