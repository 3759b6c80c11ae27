"""The convolution of images, in groups and with padding of every mode."""

from ..mutant import Target, editor, mutant, record

edit = editor("minigrad/functions/conv2d.py")
arguments, windows, strips = (
    editor(f"minigrad/functions/{name}.py") for name in ("conv_window", "windows", "strips")
)
layer = editor("minigrad/nn/conv.py")

Y = "y = np.empty((b, oh, m * ow, len(weight)), x.dtype)"
GRAD_BIAS = "grad_bias = grad_output.sum(0).sum((1, 2))"
MATRICES = "o, c, kh, kw = weight.shape"
KERNEL, TURNED = "kernel = _kernel_rows(weight, groups)", "_turned(weight, groups), groups)"
BACK = "_, c, height, width = shape"
PUT_BACK = "_add(x[part, h], strip[:, :, i], row)"
GRAD_WEIGHT = "return kernel.reshape(o, c, kh, kw)"
PRODUCT = "row += (pixels.swapaxes(2, 3) @ matrices(strip[:, :, h])).sum(1)"
BY_GROUP = "return pixels.reshape(b, h, w, groups, c // groups).transpose(3, 0, 1, 2, 4)"
ROWS = "rows = weight.reshape(groups, o // groups, c, kh, kw).transpose(3, 0, 4, 2, 1)"
BIAS = "0 if bias is None else bias"
TRANSPOSED = "weight.swapaxes(2, 3).reshape(weight.shape)"
SPREAD = "return padded[..., left : left + width + reach - 1, :]"
STRIDES = 'strides = pair(stride, "conv2d", "stride", _PAIR)'
SAME = "return total // 2, total - total // 2"
PLACES = "height, (oh, ow) = x.shape[2], window.places(*x.shape[2:])"
Y_APART = "return channels_first(apart(y, m))"
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
            edit(
                "return channels_first(apart(x, m))",
                "return channels_first(window.pad(apart(x, m)))",
            ),
        ),
        mutant(
            "crop starts at 0",
            windows(SPREAD, "return padded[..., : width + reach - 1, :]"),
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
                PLACES,
                "oh, ow = window.places(*x.shape[2:])\n"
                "        around = ((0, 0), (0, 0), *zip(window.before, window.after))\n"
                '        x = np.pad(x, around, mode="edge")\n'
                "        height = x.shape[2]\n"
                "        window = window._replace(before=(0, 0), after=(0, 0))",
            ),
        ),
        mutant(
            "3-D (unbatched) input not supported",
            arguments("if len(shape) not in (3, 4):", "if len(shape) != 4:"),
        ),
        mutant(
            "im2col result reshaped in the wrong order (N and O mixed)",
            edit(
                Y_APART,
                "y = apart(y, m)\n        return y.reshape(y.shape[0], y.shape[3], *y.shape[1:3])",
            ),
        ),
        mutant(
            "dW from the last sample only",
            edit(PRODUCT, PRODUCT.replace(".sum(1)", "[:, -1]")),
        ),
        mutant(
            # Of the image as it lies in C order: (N, H, W, C) where a border was put around it.
            "as_strided with hand-computed C-order strides",
            strips(
                "wide, image, row, column, channel = images.strides",
                "w, size = images.shape[3], images.itemsize\n"
                "    row, column, channel, image = size * w, size, size * h * w, size * c * h * w\n"
                "    wide = m * image\n"
                "    if any(window.before + window.after):\n"
                "        wide, image, row, column, channel = images.strides",
            ),
        ),
        mutant(
            "N=0 crashes (reshape with -1 of a size-0 array)",
            edit(Y, f"{Y}.reshape(b, oh, m * ow, -1)"),
        ),
        mutant(
            "range(OH-1): last row of outputs never contributes to dx",
            edit("b, m, oh = g.shape[:3]", "b, m, oh = *g.shape[:2], g.shape[2] - 1"),
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
            strips("(block * channel, wide", "(0 * channel, wide"),
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
            strips(
                BY_GROUP,
                "return pixels.reshape(b, h, w, c // groups, groups).transpose(4, 0, 1, 2, 3)",
            ),
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
            "images side by side are rows of one image",
            strips("row, image, step, cell, channel)", "m * row, row, step, cell, channel)"),
        ),
        mutant(
            "images that lay side by side come apart as rows",
            strips("c).swapaxes(1, 2).reshape(b * m", "c).reshape(b * m"),
        ),
        mutant(
            "gradients that lie side by side were rows",
            strips("images.swapaxes(1, 2)", "images"),
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
