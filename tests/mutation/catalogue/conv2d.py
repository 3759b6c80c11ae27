"""The convolution of images, in groups and with padding of every mode."""

from ..mutant import Target, editor, mutant, record

edit = editor("minigrad/functions/conv2d.py")
arguments, windows = (
    editor(f"minigrad/functions/{name}.py") for name in ("conv_window", "windows")
)
layer = editor("minigrad/nn/conv.py")

Y = "y = np.empty((len(x), oh, ow, len(weight)), x.dtype)"
GRAD_BIAS = "grad_bias = grad_output.sum(0).sum((1, 2))"
MATRICES = "o, c, kh, kw = weight.shape"
KERNEL, TURNED = "kernel = _kernel_rows(weight, groups)", "_turned(weight, groups), groups)"
BACK = "g, x = channels_last(grad), np.empty((n, height, width, c), grad.dtype)"
ROWS_BACK = "i, h = window.rows(u, height, g.shape[1])"
PUT_BACK = "_add(x[part, h], strips[:, :, i], row)"
GRAD_WEIGHT = "return kernel.reshape(o, c, kh, kw)"
PRODUCT = "row += (pixels.swapaxes(2, 3) @ _pixels(strips[:, :, h])).sum(1)"
BY_GROUP = "return y.reshape(n, h * w, groups, o // groups).transpose(2, 0, 1, 3)"
ROWS = "rows = weight.reshape(groups, o // groups, c, kh, kw).transpose(3, 0, 4, 2, 1)"
BIAS = "0 if bias is None else bias"
TRANSPOSED = "weight.swapaxes(2, 3).reshape(weight.shape)"
SPREAD = "return padded[:, :, left : left + width + reach - 1]"
STRIDES = 'strides = pair(stride, "conv2d", "stride", _PAIR)'
SAME = "return total // 2, total - total // 2"
IMAGES = "images, (oh, ow) = channels_last(x), window.places(*x.shape[2:])\n        y ="
FIRST = "first = max(0, -(shift // stride))"


def put_back(**changed: str):
    """An edit by which the gradient of the image is put back by another window."""
    window = ", ".join(f"{name}={value}" for name, value in changed.items())
    return edit(BACK, f"window = window._replace({window})\n        {BACK}")


CONV2D = Target(
    "conv2d",
    record("conv2d", layers="conv", others=("tests/functions/test_windows.py",)),
    (
        mutant(
            "true convolution (kernel flipped) in forward, backward consistent",
            edit(MATRICES, f"weight = weight[:, :, ::-1, ::-1]\n    {MATRICES}"),
            edit(GRAD_WEIGHT, f"{GRAD_WEIGHT}[:, :, ::-1, ::-1]"),
        ),
        mutant(
            "dW flipped (arguments of the correlation swapped)",
            edit(GRAD_WEIGHT, f"{GRAD_WEIGHT}[:, :, ::-1, ::-1]"),
        ),
        mutant("stride ignored in dx", put_back(stride="(1, 1)")),
        mutant(
            "padding not cropped from dx",
            edit("return channels_first(x)", "return channels_first(window.pad(x))"),
        ),
        mutant(
            "crop starts at 0",
            windows(SPREAD, "return padded[:, :, : width + reach - 1]"),
        ),
        mutant(
            "padding='same' uses k//2 on both sides",
            windows(SAME, "return (total + 1) // 2, (total + 1) // 2"),
        ),
        mutant(
            "dilation ignored everywhere (consistent)",
            arguments(
                "_window(weight, stride, padding, dilation)\n    _check(",
                "_window(weight, stride, padding, 1)\n    _check(",
            ),
        ),
        mutant(
            "output size formula ignores dilation",
            windows(
                "(rows, columns), (sh, sw) = self.reach, self.stride",
                "(rows, columns), (sh, sw) = self.kernel, self.stride",
            ),
        ),
        mutant(
            "dW puts the groups in the wrong order",
            edit(GRAD_WEIGHT, GRAD_WEIGHT.replace("kernel.", "kernel[::-1].")),
        ),
        mutant(
            "bias gradient summed over the batch only",
            edit(GRAD_BIAS, "grad_bias = grad_output.sum(0)"),
        ),
        mutant(
            "bias gradient sums the channel axis and keeps the batch axis",
            edit(GRAD_BIAS, "grad_bias = grad_output.sum((1, 2, 3))"),
        ),
        mutant("stride tuple read as (w,h)", arguments(STRIDES, f"{STRIDES}[::-1]")),
        mutant(
            "kernel used transposed (h/w swapped), backward consistent",
            edit(KERNEL, KERNEL.replace("weight", TRANSPOSED)),
            edit(TURNED, TURNED.replace("weight", TRANSPOSED)),
            edit(GRAD_WEIGHT, "return kernel.reshape(o, c, kw, kh).swapaxes(2, 3)"),
        ),
        mutant(
            "pads with edge values, not zeros",
            edit(
                IMAGES,
                "around = ((0, 0), *zip(window.before, window.after), (0, 0))\n"
                '        images = np.pad(channels_last(x), around, mode="edge")\n'
                "        oh, ow = window.places(*x.shape[2:])\n"
                "        window = window._replace(before=(0, 0), after=(0, 0))\n"
                "        y =",
            ),
        ),
        mutant(
            "3-D (unbatched) input not supported",
            arguments("if len(shape) not in (3, 4):", "if len(shape) != 4:"),
        ),
        mutant(
            "im2col result reshaped in the wrong order (N and O mixed)",
            edit(
                "return channels_first(y)",
                "return y.reshape(y.shape[0], y.shape[3], *y.shape[1:3])",
            ),
        ),
        mutant(
            "dW from the last sample only",
            edit(PRODUCT, PRODUCT.replace(".sum(1)", "[:, -1]")),
        ),
        mutant(
            # Of the image as it lies in C order: (N, H, W, C) where a border was put around it.
            "as_strided with hand-computed C-order strides",
            edit(
                "image_step, row, column, channel = image.strides",
                "w, size = image.shape[2], image.itemsize\n"
                "    image_step, row, column, channel = size * c * h * w, size * w, size, size * h * w\n"
                "    if any(window.before + window.after):\n"
                "        image_step, row, column, channel = image.strides",
            ),
        ),
        mutant(
            "N=0 crashes (reshape with -1 of a size-0 array)",
            edit(Y, f"{Y}.reshape(len(x), oh, ow, -1)"),
        ),
        mutant(
            "range(OH-1): last row of outputs never contributes to dx",
            edit(ROWS_BACK, ROWS_BACK.replace("g.shape[1]", "g.shape[1] - 1")),
        ),
        mutant("dilation ignored in dx", put_back(dilation="(1, 1)")),
        mutant(
            "overlapping patches overwrite",
            edit(PUT_BACK, f"x[part, h] = 0\n                {PUT_BACK}"),
        ),
        mutant(
            "padding='same' puts the odd pixel above and to the left",
            windows(SAME, "return total - total // 2, total // 2"),
        ),
        mutant(
            "dx without the kernel's last column",
            edit(
                TURNED,
                TURNED.replace(
                    "weight", "weight * (np.arange(window.kernel[1]) < window.kernel[1] - 1)"
                ),
            ),
        ),
        mutant(
            "every group sees the first channels",
            edit("(block * channel, image_step", "(0 * channel, image_step"),
        ),
        mutant(
            "the outputs of the groups are interleaved",
            edit("product.transpose(1, 2, 0, 3)", "product.transpose(1, 2, 3, 0)"),
        ),
        mutant(
            "the kernels of the groups are interleaved",
            edit(
                ROWS,
                "rows = weight.reshape(o // groups, groups, c, kh, kw).transpose(3, 1, 4, 2, 0)",
            ),
        ),
        mutant(
            "the gradients of the groups are interleaved",
            edit(BY_GROUP, "return y.reshape(n, h * w, o // groups, groups).transpose(3, 0, 1, 2)"),
        ),
        mutant("bias doubled", edit(BIAS, f"{BIAS} * 2")),
        mutant(
            "bias of the first group for all",
            edit(
                BIAS, BIAS.replace("else bias", "else np.tile(bias[: len(bias) // groups], groups)")
            ),
        ),
        mutant(
            "the second derivative by the weight is forgotten",
            edit(
                "Conv2dWeight.apply(grad, grad_output, *how) if needs_weight else None",
                "None",
            ),
        ),
        mutant(
            "the second derivative by the upstream is forgotten",
            edit("Conv2d.apply(x, grad_output, None, *how) if needs_grad else None", "None"),
        ),
        mutant(
            "dx by rows of the kernel that are not flipped",
            edit("flipped = weight[..., ::-1]", "flipped = weight"),
        ),
        mutant(
            "the first row that meets the image is rounded down",
            windows(FIRST, "first = max(0, -shift // stride)"),
        ),
        mutant(
            "every block of images is the first",
            windows("yield slice(start, start + step)", "yield slice(0, step)"),
        ),
        mutant(
            "dW of the last block of images alone",
            edit(PRODUCT, PRODUCT.replace("row +=", "row[...] =")),
        ),
        mutant(
            "padding_mode pads rows for columns",
            layer("return (*columns, *rows)", "return (*rows, *columns)"),
        ),
        mutant(
            "padding_mode pads, and then zeros do again",
            layer(
                "input, padding = F.pad(input, self._pads(), self.padding_mode), (0, 0)",
                "input = F.pad(input, self._pads(), self.padding_mode)",
            ),
        ),
        mutant(
            "padding_mode ignored",
            layer(
                'if self.padding_mode != "zeros":\n            input',
                "if False:\n            input",
            ),
        ),
        mutant(
            "groups ignored by the first weights",
            layer("in_channels // groups, *self", "in_channels, *self"),
        ),
        mutant(
            "dilation ignored by padding_mode with 'same'",
            layer(
                "map(same_padding, self.kernel_size, self.dilation)",
                "map(same_padding, self.kernel_size, (1, 1))",
            ),
        ),
    ),
)
