"""The mistakes that students are known to make, each with the cause that it must be given."""

from .mistake import mistake

EVERY_CELL = "grad_padded[:, :, rows, cols] += back.reshape(n, groups * per, oh, ow)"
CROP = "grad_x = grad_padded[:, :, top : top + h, left : left + w]"
ROWS = "rows = slice(u * dh, u * dh + (oh - 1) * sh + 1, sh)"
BACKWARD_ROWS = "for u in range(kh):\n        for v in range(kw):\n            " + ROWS
# fmt: off
# ruff: noqa: E501
CLASSIC = [
    mistake("Linear", "weight gradient transposed", "transposed", "g.T @ rows", "rows.T @ g"),
    mistake("Linear", "bias gradient is the mean of the rows", "averaged | scaled", "g.sum(axis=0)", "g.mean(axis=0)"),
    mistake("Linear", "bias gradient not reduced", "not_summed", "g.sum(axis=0)", "g.copy()"),
    mistake("Linear", "weight gradient divided by N again", "averaged | scaled", "g.T @ rows", "g.T @ rows / len(rows)"),
    mistake("Linear", "bias added along the batch axis", "wrong_axis", "y = y + bias", "y = y + bias[:, None]"),
    mistake("Linear", "bias never added", "ignores_option:bias", "y = y + bias", "pass"),
    mistake("Linear", "computes in float32", "dtype", "y = x @ weight.T", "x, weight = x.astype(np.float32), weight.astype(np.float32)\n    y = x @ weight.T"),
    mistake("Linear", "weight gradient of the last sample", "overwritten_not_added", "grad_weight = g.T @ rows", "grad_weight = np.zeros_like(weight)\n    for n in range(len(g)):\n        grad_weight = np.outer(g[n], rows[n])"),

    mistake("Conv2d", "kernel flipped, forward and backward", "flipped", "kernel = weight.reshape(", "kernel = weight[..., ::-1, ::-1].reshape(", "grad_kernel.reshape(shape)", "grad_kernel[..., ::-1, ::-1].reshape(shape)"),
    mistake("Conv2d", "weight gradient flipped", "flipped", "grad_kernel.reshape(shape)", "grad_kernel[..., ::-1, ::-1].reshape(shape)"),
    mistake("Conv2d", "stride ignored in grad_input", "ignores_option:stride", EVERY_CELL, "grad_padded[:, :, u * dh : u * dh + oh, v * dw : v * dw + ow] += back.reshape(n, groups * per, oh, ow)"),
    mistake("Conv2d", "padding not cropped", "not_cropped", CROP, "grad_x = grad_padded"),
    mistake("Conv2d", "crop starts at 0", "shifted", CROP, "grad_x = grad_padded[:, :, :h, :w]"),
    mistake("Conv2d", "'same' pads k // 2 on both sides", "shape | ignores_option:padding", "top, left = dh * (kh - 1) // 2, dw * (kw - 1) // 2\n        bottom, right = dh * (kh - 1) - top, dw * (kw - 1) - left", "top, left = bottom, right = dh * kh // 2, dw * kw // 2"),
    mistake("Conv2d", "dilation ignored everywhere", "ignores_option:dilation", "pair(stride), pair(dilation)", "pair(stride), (1, 1)"),
    mistake("Conv2d", "output size without dilation", "ignores_option:dilation", "oh = (h + top + bottom - dh * (kh - 1) - 1)", "oh = (h + top + bottom - kh)", "ow = (w + left + right - dw * (kw - 1) - 1)", "ow = (w + left + right - kw)"),
    mistake("Conv2d", "weight gradient: groups in the wrong order", "permuted", "grad_kernel.reshape(shape)", "grad_kernel.swapaxes(0, 1).reshape(shape)"),
    mistake("Conv2d", "bias gradient summed over the batch only", "not_summed", "sum(axis=(0, 2, 3))", "sum(axis=0)"),
    mistake("Conv2d", "bias gradient keeps the batch axis", "summed_over_wrong_axis", "sum(axis=(0, 2, 3))", "sum(axis=(1, 2, 3))"),
    mistake("Conv2d", "stride read as (columns, rows)", "transposed", "(sh, sw), (dh, dw) = pair(stride)", "(sw, sh), (dh, dw) = pair(stride)"),
    mistake("Conv2d", "kernel transposed, forward and backward", "transposed", "kernel = weight.reshape(groups, o // groups, per, kh, kw)", "kernel = weight.swapaxes(2, 3).reshape(groups, o // groups, per, kh, kw)", "grad_kernel.reshape(shape)", "grad_kernel.swapaxes(3, 4).reshape(shape)"),
    mistake("Conv2d", "pads with the edge", "padding_value", "(left, right)))", "(left, right)), mode='edge')"),
    mistake("Conv2d", "no unbatched input", "beyond_contract", "single = x.ndim == 3", "single = False"),
    mistake("Conv2d", "im2col reshaped in the wrong order", "permuted", "y = y.reshape(n, o, oh, ow)", "y = y.reshape(n, o, oh, ow).swapaxes(0, 1).reshape(n, o, oh, ow)"),
    mistake("Conv2d", "weight gradient of the last sample", "overwritten_not_added", "np.einsum(\"ngoij,ngcij->goc\", g, part)", "np.einsum(\"ngoij,ngcij->goc\", g[-1:], part[-1:])"),
    mistake("Conv2d", "as_strided with strides of C order", "layout", "padded = np.pad(x,", "s = x.itemsize\n    x = np.lib.stride_tricks.as_strided(x, x.shape, (x[0].size * s, h * w * s, w * s, s))\n    padded = np.pad(x,"),
    mistake("Conv2d", "N = 0 crashes", "beyond_contract", "y = y.reshape(n, o, oh, ow)", "y = y.reshape(n, -1, oh, ow)"),
    mistake("Conv2d", "last row of outputs gives no grad_input", "boundary", "back = np.einsum(", "g = g.copy()\n            g[..., -1, :] = 0\n            back = np.einsum("),

    mistake("MaxPool2d", "overlapping windows overwrite", "overwritten_not_added", "col] += g", "col] = g"),
    mistake("MaxPool2d", "every tied maximum is paid", "ties", "winner[:, :, i, j] = (won & real).argmax(axis=2)", "winner[:, :, i, j] = (won & real) @ (1 << np.arange(kh * kw))", "row, col = i * sh + k // kw * dh, j * sw + k % kw * dw\n            grad_padded[samples, channels, row, col] += g[:, :, i, j]", "for a in range(int(k.max(initial=0)).bit_length()):\n                row, col = i * sh + a // kw * dh, j * sw + a % kw * dw\n                grad_padded[:, :, row, col] += g[:, :, i, j] * (k >> a & 1)"),
    mistake("MaxPool2d", "last maximum wins", "convention:ties", "(won & real).argmax(axis=2)", "kh * kw - 1 - (won & real)[..., ::-1].argmax(axis=2)"),
    mistake("MaxPool2d", "default stride 1", "wrong_default:stride", "kernel_size if stride is None", "1 if stride is None"),
    mistake("MaxPool2d", "output size by ceil", "wrong_default:ceil_mode | shape", "if ceil_mode and", "if"),
    mistake("MaxPool2d", "argmax decoded with kh", "transposed", "winner, kw, (sh", "winner, kh, (sh"),
    mistake("MaxPool2d", "NaN ignored", "convention:nan", "best = window.max(axis=2)", "best = np.nanmax(window, axis=2)", "| np.isnan(window)", ""),
    mistake("MaxPool2d", "padding may win", "convention:infinity", "(won & real)", "won"),
    mistake("MaxPool2d", "dilation ignored in backward", "ignores_option:dilation", "k // kw * dh, j * sw + k % kw * dw", "k // kw, j * sw + k % kw"),
    mistake("MaxPool2d", "gradient divided by the window", "scaled | averaged", "+= g[:, :, i, j]", "+= g[:, :, i, j] / kw**2"),
    mistake("MaxPool2d", "reshaped into the wrong windows", "permuted", "window = padded[:, :, rows, cols].reshape(n, c, kh * kw)", "rows, cols = slice(i, i + (kh - 1) * oh + 1, oh), slice(j, j + (kw - 1) * ow + 1, ow)\n            window = padded[:, :, rows, cols].reshape(n, c, kh * kw)", "row, col = i * sh + k // kw * dh, j * sw + k % kw * dw", "row, col = i + k // kw * g.shape[2], j + k % kw * g.shape[3]"),
    mistake("MaxPool2d", "return inside the loop", "boundary", "+= g[:, :, i, j]\n    grad_x", "+= g[:, :, i, j]\n        break\n    grad_x"),
    mistake("MaxPool2d", "remainder padded with zeros", "wrong_default:ceil_mode | shape", "constant_values=-np.inf", "constant_values=0", "if ceil_mode and", "if"),

    mistake("ReLU", "gradient 1 at 0", "convention:kink", "(x > 0)", "(x >= 0)"),
    mistake("ReLU", "mask from the upstream gradient", "wrong_operand", "(x > 0)", "(grad_output > 0)"),
    mistake("ReLU", "multiplied by x", "wrong_operand", "(x > 0)", "np.maximum(x, 0)"),
    mistake("ReLU", "one mask for all calls", "stateful", "return y, x", "relu_forward.x = x\n    return y, x", "x = cache", "x = relu_forward.x", classes=("self.cache = x", "ReLU.cache = x", "x = self.cache", "x = ReLU.cache")),
    mistake("ReLU", "leaky gradient", "leaks", "(x > 0)", "np.where(x > 0, 1, 0.01).astype(x.dtype)"),
    mistake("ReLU", "changes the upstream gradient", "mutates_grad_output", "return grad_output * (x > 0)", "grad_output[x <= 0] = 0\n    return grad_output"),

    mistake("LogSoftmax", "no maximum subtracted", "unstable", "z = x - x.max(axis=dim, keepdims=True)", "z = x"),
    mistake("LogSoftmax", "normalises over the other axis", "wrong_axis", "z = x -", "dim = 0 if dim in (1, -1) else 1\n    z = x -"),
    mistake("LogSoftmax", "p - onehot", "ignores_grad_output", "grad_output - p * grad_output.sum(axis=dim, keepdims=True)", "p - (grad_output == grad_output.max(axis=dim, keepdims=True))"),
    mistake("LogSoftmax", "diagonal of the Jacobian only", "not_summed", "grad_output.sum(axis=dim, keepdims=True)", "grad_output"),
    mistake("LogSoftmax", "log(softmax + 1e-8)", "inexact | unstable", "y = z - np.log(total)", "y = np.log(np.exp(z) / total + 1e-8)"),
    mistake("LogSoftmax", "changes its input", "mutates_input", "z = x - x.max", "z = x\n    z -= x.max"),
    mistake("LogSoftmax", "normalised over the whole array", "wrong_axis", "x.max(axis=dim, keepdims=True)", "x.max()", "np.exp(z).sum(axis=dim, keepdims=True)", "np.exp(z).sum()"),
    mistake("LogSoftmax", "softmax before log_softmax", "applied_twice", "z = x - x.max(axis=dim, keepdims=True)", "z = np.exp(x - x.max(axis=dim, keepdims=True))\n    z = z / z.sum(axis=dim, keepdims=True)"),

    mistake("NLLLoss", "sign missing", "sign", "-scale * x[", "scale * x["),
    mistake("NLLLoss", "mean over N * C", "scaled | averaged", "divisor = scale.sum()", "divisor = scale.sum() * c"),
    mistake("NLLLoss", "gradient divided by N twice", "averaged | scaled", "-scale * grad_output / divisor", "-scale * grad_output / divisor / len(t)"),
    mistake("NLLLoss", "ignored samples counted in the mean", "ignores_option:ignore_index | scaled | averaged", "divisor = scale.sum()", "divisor = w[t].sum()"),
    mistake("NLLLoss", "negative targets count from the end", "accepts_invalid", "(target[kept] < 0) | ", ""),
    mistake("NLLLoss", "x[:, t]", "all_pairs", "-scale * x[np.arange(n), t]", "-scale * x[:, t]"),
    mistake("NLLLoss", "(N, 1) targets broadcast", "accepts_invalid", "if target.shape != (n,):\n        raise ValueError(f\"expected {n} targets, got {target.shape}\")", "pass"),
    mistake("NLLLoss", "'sum' has the gradient of 'mean'", "ignores_option:reduction | averaged | scaled", "-scale * grad_output / divisor", "-scale * grad_output / (divisor if np.ndim(grad_output) else scale.sum())"),
    mistake("NLLLoss", "the mean of nothing is 0", "convention:empty_mean", "losses.sum() / divisor", "losses.sum() / (divisor or 1)"),
    mistake("NLLLoss", "weight in forward only", "ignores_option:weight", "grad_x[np.arange(len(t)), t] = -scale * grad_output", "grad_x[np.arange(len(t)), t] = -1.0 * (scale != 0) * grad_output"),

    mistake("Adamax", "no bias correction", "scaled", "lr / (1 - beta1**t)", "lr"),
    mistake("Adamax", "no eps", "ignores_option:eps | unstable", "abs(g) + eps", "abs(g)"),
    mistake("Adamax", "infinity norm never decays", "ignores_option:betas", "beta2 * u, abs", "u, abs"),
    mistake("Adamax", "decoupled weight decay", "misuses_option:weight_decay", "g = g + weight_decay * p", "p -= lr * weight_decay * p"),
    mistake("Adamax", "step counter starts at 0", "raises | not_finite | unstable", "state.get(\"t\", 0) + 1", "state.get(\"t\", -1) + 1"),
    mistake("Adamax", "default lr 1e-3", "wrong_default:lr", "lr=0.002", "lr=0.001"),
    mistake("Adamax", "bias correction 1 - beta1 * t", "scaled", "beta1**t", "beta1 * t"),
    mistake("Adamax", "no absolute value in the norm", "only_negative", "abs(g) + eps", "g + eps"),
    mistake("Adamax", "one step counter for all parameters", "shared_state", "t = state[\"t\"] = state.get(\"t\", 0) + 1", "t = self.t = getattr(self, \"t\", 0) + 1"),
    mistake("Adamax", "weight decay written into the gradient", "mutates_gradients", "g = g + weight_decay * p", "g += weight_decay * p"),
    mistake("Adamax", "state in float64 for a float32 parameter", "dtype", "p -= lr / (1 - beta1**t) * m / u", "p -= (lr / (1 - beta1**t) * m / u).astype(np.float64)", other=("p -= lr / (1 - beta1**t) * m / u", "p.data = (p.double() - lr / (1 - beta1**t) * m.double() / u.double()).detach()"), equivalent_in_classes="an array that is changed in place keeps its type, and the state is the optimizer's own"),
    mistake("Adamax", "update uses the last step's m", "lagging", "m = beta1 * m + (1 - beta1) * g\n", "old, m = m, beta1 * m + (1 - beta1) * g\n", "* m / u", "* old / u"),
    mistake("Adamax", "gradient ascent", "sign", "p -= lr", "p += lr"),
]
# fmt: on
