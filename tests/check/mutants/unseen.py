"""Mistakes written without sight of the checker, and measured once before anything was mended.

The first set of 78, in two styles: 150 of 156 were caught, 115 named as the author wanted (123 where
an option that is misused may also be called ignored, as it may in the list below);
the second of 53: 106 of 106 caught, 74 named. Authors are strict: x + bias before the product is
"offset" here, and wanted is `forward_differs`.
"""

from .mistake import mistake

SUMMED = "grad_output.sum(axis=(0, 2, 3))"
CROP = "grad_padded[:, :, top : top + h, left : left + w]"
KERNEL = 'np.einsum("ngoij,ngcij->goc", g, part)'
FORWARD = 'y += np.einsum("ngcij,goc->ngoij", part, kernel[..., u, v])'
BACK = 'np.einsum("ngoij,goc->ngcij", g, kernel[..., u, v])'
ASSIGNED = "back = " + BACK
PUT = "grad_padded[samples, channels, row, col] += g[:, :, i, j]"
PLACE = "row, col = i * sh + k // kw * dh, j * sw + k % kw * dw"
WINNER = "winner[:, :, i, j] = (won & real).argmax(axis=2)"
GRAD_X = "return grad_output - p * grad_output.sum(axis=dim, keepdims=True)"
PAID = "grad_x[np.arange(len(t)), t] = -scale * grad_output / divisor"
DEFAULT = "pair(kernel_size if stride is None else stride)"
LOSSES = "losses = np.where(kept, -scale * x[np.arange(n), t], 0)"
STEP = "p -= lr / (1 - beta1**t) * m / u"
M = "m = beta1 * m + (1 - beta1) * g\n"
U = "u = maximum(beta2 * u, abs(g) + eps)"
# fmt: off
# ruff: noqa: E501
UNSEEN = [
    mistake("Linear", "weight gradient reshaped in place of transposed", "permuted | transposed", "g.T @ rows", "(rows.T @ g).reshape(weight.shape)"),
    mistake("Linear", "last output unit missing in grad_input", "boundary", "grad_output @ weight", "grad_output[..., :-1] @ weight[:-1]"),
    mistake("Linear", "a step of SGD within backward", "mutates_parameters", "grad_weight = g.T @ rows", "grad_weight = g.T @ rows\n    weight -= 0.01 * grad_weight"),
    mistake("Linear", "upstream divided by N in place", "mutates_grad_output | averaged", "g = grad_output.reshape", "grad_output /= len(grad_output)\n    g = grad_output.reshape"),
    mistake("Linear", "an activation within the layer", "saturates", classes=("self.cache = x, weight, bias", "y = np.maximum(y, 0)\n    self.cache = x, weight, bias"), other=("return y, (x", "return np.maximum(y, 0), (x")),
    mistake("Linear", "bias gradient summed in float32", "dtype", "g.sum(axis=0)", "g.sum(axis=0, dtype=np.float32)"),
    mistake("Linear", "product of the sums in the weight gradient", "backward_differs | all_pairs", "g.T @ rows", "np.outer(g.sum(axis=0), rows.sum(axis=0))"),
    mistake("Linear", "output rounded for printing", "inexact", "y = x @ weight.T", "y = np.round(x @ weight.T, 3)"),

    mistake("Conv2d", "stride of the rows used for the columns", "ignores_option:stride | misuses_option:stride", "(sh, sw), (dh, dw) = pair(stride), pair(dilation)", "(sh, sw), (dh, dw) = pair(pair(stride)[0]), pair(dilation)"),
    mistake("Conv2d", "padding read as (columns, rows)", "transposed | misuses_option:padding | ignores_option:padding", "(top, left) = (bottom, right) =", "(left, top) = (right, bottom) ="),
    mistake("Conv2d", "stride and dilation exchanged", "misuses_option:stride | misuses_option:dilation | ignores_option:stride | ignores_option:dilation", "= pair(stride), pair(dilation)", "= pair(dilation), pair(stride)"),
    mistake("Conv2d", "'same' pads without the dilation", "ignores_option:dilation | misuses_option:padding | ignores_option:padding", "top, left = dh * (kh - 1) // 2, dw * (kw - 1) // 2", "top, left = (kh - 1) // 2, (kw - 1) // 2", "bottom, right = dh * (kh - 1) - top, dw * (kw - 1) - left", "bottom, right = kh - 1 - top, kw - 1 - left"),
    mistake("Conv2d", "'same' puts the odd pixel first", "shifted | misuses_option:padding | ignores_option:padding", "top, left = dh * (kh - 1) // 2, dw * (kw - 1) // 2", "top, left = (dh * (kh - 1) + 1) // 2, (dw * (kw - 1) + 1) // 2"),
    mistake("Conv2d", "border cut off with a negative index", "shape", CROP, "grad_padded[:, :, top:-top, left:-left]"),
    mistake("Conv2d", "crop counted from the end", "shifted", CROP, "grad_padded[:, :, -h:, -w:]"),
    mistake("Conv2d", "size of a dilated kernel is d * k", "misuses_option:dilation | shape | ignores_option:dilation", "oh = (h + top + bottom - dh * (kh - 1) - 1) // sh + 1", "oh = (h + top + bottom - dh * kh) // sh + 1", "ow = (w + left + right - dw * (kw - 1) - 1) // sw + 1", "ow = (w + left + right - dw * kw) // sw + 1"),
    mistake("Conv2d", "pads circularly", "padding_value", "(left, right)))", "(left, right)), mode='wrap')"),
    mistake("Conv2d", "columns of the kernel counted by its rows", "raises | boundary", "y = np.zeros((n, groups, o // groups, oh, ow), x.dtype)\n    for u in range(kh):\n        for v in range(kw):", "y = np.zeros((n, groups, o // groups, oh, ow), x.dtype)\n    for u in range(kh):\n        for v in range(kh):"),
    mistake("Conv2d", "mean over the input channels", "averaged | scaled", FORWARD, FORWARD + " / per"),
    mistake("Conv2d", "bias added for each cell of the kernel", "misuses_option:bias | offset | ignores_option:bias", "y += np.einsum(", "y += (0 if bias is None else bias.reshape(groups, o // groups, 1, 1)) + np.einsum(", "y = y + bias[:, None, None]", "pass"),
    mistake("Conv2d", "all groups see the first group's channels", "misuses_option:groups | ignores_option:groups", FORWARD, FORWARD.replace("part,", "part[:, [0] * groups],")),
    mistake("Conv2d", "grad_input from the first output channel", "not_summed | boundary", BACK, 'np.einsum("ngoij,goc->ngcij", g[:, :, :1], kernel[:, :1, :, u, v])'),
    mistake("Conv2d", "weight gradient without upstream", "ignores_grad_output", KERNEL, 'np.einsum("ngcij->gc", part)[:, None]'),
    mistake("Conv2d", "weight gradient written at [v, u]", "transposed | raises", "grad_kernel[..., u, v] =", "grad_kernel[..., v, u] ="),
    mistake("Conv2d", "kernel read at [v, u] in grad_input", "transposed | raises", BACK, BACK.replace("u, v", "v, u")),
    mistake("Conv2d", "output of np.empty", "random | stateful", "y = np.zeros(", "y = np.empty("),
    mistake("Conv2d", "upstream set to zero when it is used up", "mutates_grad_output", SUMMED, SUMMED + "\n    grad_output[...] = 0"),
    mistake("Conv2d", "backward clears what forward saved", "stateful", SUMMED, SUMMED + "\n    padded[...] = 0"),

    mistake("MaxPool2d", "place of the window by the other stride", "misuses_option:stride | raises | ignores_option:stride", PLACE, PLACE.replace("i * sh", "i * sw")),
    mistake("MaxPool2d", "rows padded, columns not", "ignores_option:padding | shape", "(ph, pw), (dh, dw) = pair(padding), pair(dilation)", "(ph, pw), (dh, dw) = (pair(padding)[0], 0), pair(dilation)"),
    mistake("MaxPool2d", "kernel_size read as (columns, rows)", "transposed | shape", "(kh, kw), (sh, sw) = pair", "(kw, kh), (sh, sw) = pair"),
    mistake("MaxPool2d", "one channel's winners for all", "permuted | backward_differs", "k = winner[:, :, i, j]", "k = winner[:, [0] * c, i, j]"),
    mistake("MaxPool2d", "ceil_mode adds a window where none is left over", "misuses_option:ceil_mode | shape | ignores_option:ceil_mode", "if ceil_mode and left_over % s and", "if ceil_mode and"),
    mistake("MaxPool2d", "ceil_mode in the rows only", "ignores_option:ceil_mode | misuses_option:ceil_mode", "count(w, kw, sw, pw, dw, ceil_mode)", "count(w, kw, sw, pw, dw, False)"),
    mistake("MaxPool2d", "float64 whatever the input", "dtype", "y = np.zeros((n, c, oh, ow), x.dtype)", "y = np.zeros((n, c, oh, ow))"),
    mistake("MaxPool2d", "first row of windows gives no gradient", "boundary", "for i in range(g.shape[2])", "for i in range(1, g.shape[2])"),
    mistake("MaxPool2d", "last window of each row left at 0", "boundary", "for j in range(ow):", "for j in range(ow - 1):"),
    mistake("MaxPool2d", "ties share the gradient", "convention:ties", "winner = np.zeros((n, c, oh, ow), int)", "winner = np.zeros((n, c, oh, ow, kh * kw), x.dtype)", WINNER, "winner[:, :, i, j] = (won & real) / (won & real).sum(axis=2, keepdims=True)", "            k = winner[:, :, i, j]\n            " + PLACE + "\n            " + PUT, "            for k in range(winner.shape[-1]):\n                " + PLACE + "\n                grad_padded[:, :, row, col] += g[:, :, i, j] * winner[:, :, i, j, k]"),
    mistake("MaxPool2d", "first tie by columns wins", "convention:ties", WINNER, "k = (won & real).reshape(n, c, kh, kw).swapaxes(2, 3).reshape(won.shape).argmax(axis=2)\n            winner[:, :, i, j] = k % kh * kw + k // kh"),
    mistake("MaxPool2d", "gradient adds up over calls", "stateful", classes=("grad_padded = np.zeros(shape, g.dtype)", "grad_padded = self.__dict__.setdefault(str(shape), np.zeros(shape, g.dtype))"), other=("grad_padded = np.zeros(shape, g.dtype)", "grad_padded = pair.__dict__.setdefault(str(shape), np.zeros(shape, g.dtype))")),
    mistake("MaxPool2d", "all windows at once with +=", "overwritten_not_added", "    for i in range(g.shape[2]):\n        for j in range(g.shape[3]):\n            k = winner[:, :, i, j]\n            " + PLACE + "\n            " + PUT, "    i, j = np.indices(g.shape[2:])\n    k = winner\n    " + PLACE + "\n    grad_padded[samples[..., None, None], channels[:, None, None], row, col] += g"),

    mistake("ReLU", "np.max in place of np.maximum", "shape", "np.maximum(x, 0)", "np.max(x, 0)"),
    mistake("ReLU", "ReLU6", "saturates", "np.maximum(x, 0)", "np.clip(x, 0, 6)"),
    mistake("ReLU", "gradient times the sign of x", "leaks", "(x > 0)", "np.sign(x)"),
    mistake("ReLU", "its own input when nothing is negative", "aliases", "y = np.maximum(x, 0)", "y = x if (x >= 0).all() else np.maximum(x, 0)"),
    mistake("ReLU", "input overwritten by its mask", "mutates_input", "return grad_output * (x > 0)", "x[x > 0] = 1\n    x[x < 0] = 0\n    return grad_output * x"),
    mistake("ReLU", "negative upstream gradients dropped", "only_negative | saturates", "return grad_output * (x > 0)", "return np.maximum(grad_output, 0) * (x > 0)"),

    mistake("LogSoftmax", "softmax not normalised in backward", "wrong_operand | backward_differs", classes=("self.cache = y, dim", "self.cache = z, dim"), other=("return y, (y, dim)", "return y, (z, dim)")),
    mistake("LogSoftmax", "p * g summed in place of g", "wrong_operand | backward_differs", GRAD_X, GRAD_X.replace("grad_output.sum(", "(p * grad_output).sum(")),
    mistake("LogSoftmax", "maximum without keepdims", "raises | wrong_axis", "x.max(axis=dim, keepdims=True)", "x.max(axis=dim)"),
    mistake("LogSoftmax", "maximum of the columns subtracted", "wrong_axis", "x.max(axis=dim, keepdims=True)", "x.max(axis=0, keepdims=True)"),
    mistake("LogSoftmax", "largest absolute value subtracted", "unstable", "x.max(axis=dim, keepdims=True)", "np.abs(x).max(axis=dim, keepdims=True)"),
    mistake("LogSoftmax", "output overwritten by backward", "stateful | aliases", "p = np.exp(y)", "p = np.exp(y, out=y)"),
    mistake("LogSoftmax", "log-probabilities cut off at -20", "saturates", "y = z - np.log(total)", "y = np.maximum(z - np.log(total), -20)"),
    mistake("LogSoftmax", "upstream changed in place", "mutates_grad_output", GRAD_X, GRAD_X.replace("return grad_output - ", "grad_output -= ") + "\n    return grad_output"),
    mistake("LogSoftmax", "dim ignored everywhere", "ignores_option:dim", "z = x - x.max(", "dim = 1\n    z = x - x.max("),

    mistake("NLLLoss", "weights scaled to a sum of 1", "misuses_option:weight | scaled | ignores_option:weight", "scale = w[t] * kept", "w = w if weight is None else w / w.sum()\n    scale = w[t] * kept"),
    mistake("NLLLoss", "weighted mean divided by the weights of all classes", "misuses_option:weight | scaled | ignores_option:weight", "divisor = scale.sum() if", "divisor = (kept.sum() if weight is None else w.sum()) if"),
    mistake("NLLLoss", "weight of the sample's number", "misuses_option:weight | ignores_option:weight", "scale = w[t] * kept", "scale = w[np.arange(n) % c] * kept"),
    mistake("NLLLoss", "rows and columns of the gradient exchanged", "transposed | raises", "grad_x[np.arange(len(t)), t] =", "grad_x[t, np.arange(len(t))] ="),
    mistake("NLLLoss", "'sum' is a mean", "ignores_option:reduction | averaged", 'if reduction == "mean" else 1', 'if reduction != "none" else 1'),
    mistake("NLLLoss", "'none' has the gradient of 'mean'", "ignores_option:reduction | scaled", classes=("x.dtype, t, scale, divisor", 'x.dtype, t, scale, divisor if reduction != "none" else scale.sum()'), other=("x.dtype, t, scale, divisor)", 'x.dtype, t, scale, divisor if reduction != "none" else scale.sum())')),
    mistake("NLLLoss", "upstream of 'none' summed", "summed_over_wrong_axis | misuses_option:reduction | ignores_option:reduction", PAID, PAID.replace("grad_output", "np.sum(grad_output)")),
    mistake("NLLLoss", "ignored targets overwritten by 0", "mutates_input", "t = np.where(kept, target, 0)", "target[~kept] = 0\n    t = target"),
    mistake("NLLLoss", "the loss is an array of one number", "shape", "losses.sum() / divisor", "losses.sum(keepdims=True) / divisor"),
    mistake("NLLLoss", "class 0 counts as no target", "boundary | forward_differs", "kept = target != ignore_index", "kept = (target != ignore_index) & (target != 0)"),

    mistake("Adamax", "bias correction of the next step", "scaled", "beta1**t", "beta1 ** (t + 1)"),
    mistake("Adamax", "bias correction with beta2", "scaled | misuses_option:betas | ignores_option:betas", "beta1**t", "beta2**t"),
    mistake("Adamax", "corrected m is kept", "update_differs", STEP, "m = m / (1 - beta1**t)\n            p -= lr * m / u"),
    mistake("Adamax", "learning rate of Adam", "scaled", "p -= lr /", "p -= lr * (1 - beta2**t) ** 0.5 /"),
    mistake("Adamax", "sum in place of the maximum", "update_differs", U, "u = beta2 * u + abs(g) + eps"),
    mistake("Adamax", "norm of m in place of the gradient's", "wrong_operand | update_differs", U, "u = maximum(beta2 * u, abs(m) + eps)"),
    mistake("Adamax", "m does not decay", "ignores_option:betas | update_differs", M, "m = m + (1 - beta1) * g\n"),
    mistake("Adamax", "1 - beta2 in m", "scaled | misuses_option:betas | ignores_option:betas", M, "m = beta1 * m + (1 - beta2) * g\n"),
    mistake("Adamax", "norm without the weight decay", "misuses_option:weight_decay | ignores_option:weight_decay", "if weight_decay:", "raw = g\n            if weight_decay:", U, "u = maximum(beta2 * u, abs(raw) + eps)"),
    mistake("Adamax", "eps only as a floor", "misuses_option:eps | inexact | ignores_option:eps", U, "u = maximum(maximum(beta2 * u, abs(g)), 0 * g + eps)"),
    mistake("Adamax", "maximize turns the caller's gradient", "mutates_gradients", "g = -g if maximize else g", "if maximize:\n                g *= -1"),
    mistake("Adamax", "u starts at 1", "update_differs", 'state.get("u", zeros_like(p))', 'state.get("u", zeros_like(p) + 1)'),

    # The second set.
    mistake("Linear", "bias added to the input", "raises | forward_differs", "y = x @ weight.T\n    if bias is not None:\n        y = y + bias", "y = x @ weight.T if bias is None else (x + bias) @ weight.T"),
    mistake("Linear", "one buffer for the outputs of all calls", "aliases | stateful", "y = x @ weight.T\n    if bias is not None:\n        y = y + bias", "key = len(x), len(weight), x.dtype\n    y = pair.__dict__.setdefault(key, np.zeros(key[:2], x.dtype))\n    np.matmul(x, weight.T, out=y)\n    if bias is not None:\n        y += bias"),
    mistake("Linear", "bias gradient times the bias", "wrong_operand | backward_differs", "g.sum(axis=0)", "(g * bias).sum(axis=0)"),
    mistake("Linear", "output divided by the root of in_features", "scaled", "y = x @ weight.T", "y = x @ weight.T / x.shape[-1] ** 0.5"),
    mistake("Linear", "derivative of ReLU within grad_input", "backward_differs", "grad_output @ weight", "(grad_output @ weight) * (x > 0)"),

    mistake("Conv2d", "'valid' pads like 'same'", "misuses_option:padding | ignores_option:padding", 'if padding == "same":', 'if padding in ("same", "valid"):'),
    mistake("Conv2d", "output size is the input's by the stride", "raises | shape", "oh = (h + top + bottom - dh * (kh - 1) - 1) // sh + 1", "oh = (h + top + bottom) // sh", "ow = (w + left + right - dw * (kw - 1) - 1) // sw + 1", "ow = (w + left + right) // sw"),
    mistake("Conv2d", "grad_input of each group gets all groups", "ignores_option:groups | misuses_option:groups", ASSIGNED, 'back = np.einsum("ngoij,goc->ncij", g, kernel[..., u, v])[:, None].repeat(groups, axis=1)'),
    mistake("Conv2d", "dilation's rows and columns exchanged in backward", "misuses_option:dilation | ignores_option:dilation | raises | beyond_contract", "(top, left), (dh, dw), (h, w), shape, single = cache", "(top, left), (dw, dh), (h, w), shape, single = cache"),
    mistake("Conv2d", "crop with the padding's rows and columns exchanged", "misuses_option:padding | ignores_option:padding | shifted | shape", CROP, "grad_padded[:, :, left : left + h, top : top + w]"),
    mistake("Conv2d", "grad_input cropped to the size of the output", "shape", CROP, "grad_padded[:, :, top : top + oh, left : left + ow]"),
    mistake("Conv2d", "bias gradient not summed over the columns", "not_summed", SUMMED, "grad_output.sum(axis=(0, 2))"),
    mistake("Conv2d", "weight gradient averaged over the positions", "averaged | scaled", KERNEL, KERNEL + " / (oh * ow)"),
    mistake("Conv2d", "kernel turned in place by backward", "mutates_parameters", "grad_weight = grad_kernel.reshape(shape)", "grad_weight = grad_kernel.reshape(shape)\n    kernel[...] = kernel[..., ::-1, ::-1].copy()"),
    mistake("Conv2d", "padding is a switch: half a kernel or nothing", "misuses_option:padding | ignores_option:padding", 'pair(0 if padding == "valid" else padding)', '(0, 0) if padding in (0, (0, 0), "valid") else (kh // 2, kw // 2)'),
    mistake("Conv2d", "weight gradient collected in float32", "dtype", "np.zeros_like(kernel)", "np.zeros_like(kernel, dtype=np.float32)"),
    mistake("Conv2d", "each sample's upstream times all samples' windows", "all_pairs | backward_differs", KERNEL, 'np.einsum("ngoij,mgcij->goc", g, part)'),
    mistake("Conv2d", "kernel flattened with the channels last", "permuted | forward_differs", "kernel = weight.reshape(groups, o // groups, per, kh, kw)", "kernel = weight.reshape(groups, o // groups, kh, kw, per).transpose(0, 1, 4, 2, 3)"),

    mistake("MaxPool2d", "pads with the smallest positive number", "padding_value", "constant_values=-np.inf", "constant_values=np.finfo(x.dtype).tiny"),
    mistake("MaxPool2d", "gradient to the largest absolute value", "wrong_operand | backward_differs", WINNER, "winner[:, :, i, j] = np.where(real, np.abs(window), -1).argmax(axis=2)"),
    mistake("MaxPool2d", "stride is always the kernel", "ignores_option:stride | misuses_option:stride", DEFAULT, "pair(kernel_size)"),
    mistake("MaxPool2d", "default stride is the kernel's height", "wrong_default:stride", DEFAULT, "pair(pair(kernel_size)[0] if stride is None else stride)"),
    mistake("MaxPool2d", "stride counted in dilated steps", "misuses_option:dilation | ignores_option:dilation | raises", "rows = slice(i * sh, i * sh + dh * (kh - 1) + 1, dh)", "rows = slice(i * sh * dh, i * sh * dh + dh * (kh - 1) + 1, dh)", "cols = slice(j * sw, j * sw + dw * (kw - 1) + 1, dw)", "cols = slice(j * sw * dw, j * sw * dw + dw * (kw - 1) + 1, dw)"),
    mistake("MaxPool2d", "flat index counts rows by the height", "permuted | raises", PUT, "grad_padded.reshape(n, c, -1)[samples, channels, row * shape[2] + col] += g[:, :, i, j]"),
    mistake("MaxPool2d", "output in an array of integers", "dtype | inexact", "y = np.zeros((n, c, oh, ow), x.dtype)", "y = np.zeros((n, c, oh, ow), int)"),
    mistake("MaxPool2d", "last row of each window left out", "boundary | forward_differs", "rows = slice(i * sh, i * sh + dh * (kh - 1) + 1, dh)", "rows = slice(i * sh, i * sh + dh * (kh - 1), dh)", "reshape(n, c, kh * kw)", "reshape(n, c, (kh - 1) * kw)"),
    mistake("MaxPool2d", "gradient collected in np.empty", "random | stateful", "grad_padded = np.zeros(shape, g.dtype)", "grad_padded = np.empty(shape, g.dtype)"),

    mistake("ReLU", "ELU", "leaks", "np.maximum(x, 0)", "np.where(x > 0, x, np.expm1(np.minimum(x, 0)))"),
    mistake("ReLU", "derivative of the sigmoid in backward", "wrong_operand | backward_differs", "return grad_output * (x > 0)", "y = np.maximum(x, 0)\n    return grad_output * y * (1 - y)"),
    mistake("ReLU", "gradient divided by N", "averaged | scaled", "return grad_output * (x > 0)", "return grad_output * (x > 0) / len(x)"),

    mistake("LogSoftmax", "gradient with both terms' signs exchanged", "sign", GRAD_X, "return p * grad_output.sum(axis=dim, keepdims=True) - grad_output"),
    mistake("LogSoftmax", "p normalised over the batch in backward", "wrong_axis | backward_differs", "p = np.exp(y)", "p = np.exp(y)\n    p = p / p.sum(axis=0)"),
    mistake("LogSoftmax", "logits cut off against overflow", "saturates", "z = x - x.max(axis=dim, keepdims=True)", "z = np.clip(x, -20, 20)\n    z = z - z.max(axis=dim, keepdims=True)"),
    mistake("LogSoftmax", "exp in float32", "dtype", "np.exp(z).sum(", "np.exp(z.astype(np.float32)).sum("),
    mistake("LogSoftmax", "1 added within the logarithm", "inexact | forward_differs", "np.log(total)", "np.log1p(total)"),
    mistake("LogSoftmax", "own class left out of the sum in backward", "backward_differs | missing_term", GRAD_X, "return grad_output - p * (grad_output.sum(axis=dim, keepdims=True) - grad_output)"),

    mistake("NLLLoss", "weight applied twice in the gradient", "misuses_option:weight | ignores_option:weight", PAID, PAID.replace("-scale", "-scale * scale")),
    mistake("NLLLoss", "default ignore_index 0", "wrong_default:ignore_index", "ignore_index=-100", "ignore_index=0"),
    mistake("NLLLoss", "gradient at the likeliest class", "permuted | wrong_operand", "x.dtype, t, scale, divisor", "x.dtype, x.argmax(axis=1), scale, divisor"),
    mistake("NLLLoss", "losses of 'none' in a column", "shape", 'loss = losses if reduction == "none"', 'loss = losses[:, None] if reduction == "none"', "grad_x = np.zeros(shape, dtype)", "grad_x = np.zeros(shape, dtype)\n    grad_output = np.ravel(grad_output)"),
    mistake("NLLLoss", "upstream of the first sample for all", "misuses_option:reduction | ignores_option:reduction", PAID, PAID.replace("grad_output", "np.ravel(grad_output)[0]")),
    mistake("NLLLoss", "log-probabilities negated in place", "mutates_input", "losses = np.where(kept, -scale * x[np.arange(n), t], 0)", "x *= -1\n    losses = np.where(kept, scale * x[np.arange(n), t], 0)"),
    mistake("NLLLoss", "gradient of the last call not cleared", "stateful", classes=("grad_x = np.zeros(shape, dtype)", "grad_x = self.__dict__.setdefault((shape, dtype), np.zeros(shape, dtype))"), other=("grad_x = np.zeros(shape, dtype)", "grad_x = pair.__dict__.setdefault((shape, dtype), np.zeros(shape, dtype))")),
    mistake("NLLLoss", "gradient in an array of integers", "zero | dtype", "grad_x = np.zeros(shape, dtype)", "grad_x = np.zeros(shape, int)"),

    mistake("Adamax", "bias correction of the step before", "scaled | update_differs", "beta1**t", "beta1 ** max(t - 1, 1)"),
    mistake("Adamax", "eps in the norm and in the quotient", "misuses_option:eps | ignores_option:eps | inexact", STEP, STEP + " * (u / (u + eps))"),
    mistake("Adamax", "weight decay by the sign of the parameter", "misuses_option:weight_decay | ignores_option:weight_decay", "g = g + weight_decay * p", "g = g + weight_decay * p / abs(p)"),
    mistake("Adamax", "bias correction twice", "scaled", STEP, "p -= lr / (1 - beta1**t) * m / (1 - beta1**t) / u"),
    mistake("Adamax", "learning rate times the bias correction", "scaled", STEP, "p -= lr * (1 - beta1**t) * m / u"),
    mistake("Adamax", "norm decays by beta1", "misuses_option:betas | ignores_option:betas | update_differs", U, "u = maximum(beta1 * u, abs(g) + eps)"),
    mistake("Adamax", "norm is not kept", "ignores_option:betas | misuses_option:betas | update_differs", 'state["m"], state["u"] = m, u', 'state["m"] = m'),
    mistake("Adamax", "m starts as the gradient, changed in place", "mutates_gradients", 'm = state.get("m", zeros_like(p))', 'm = state.get("m", g)', M, "m *= beta1\n            m += (1 - beta1) * g\n"),
    mistake("Adamax", "Nesterov's look-ahead", "update_differs", STEP, "p -= lr / (1 - beta1**t) * (beta1 * m + (1 - beta1) * g) / u"),
]
# fmt: on
