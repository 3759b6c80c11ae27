"""The convolution of images, in groups and with padding of every mode."""

from ..mutant import Target, editor, mutant, record

edit = editor("minigrad/functions/conv2d.py")
arguments, windows = (
    editor(f"minigrad/functions/{name}.py") for name in ("conv_window", "windows")
)
layer = editor("minigrad/nn/conv.py")

FORWARD = "y = y.transpose(1, 0, 2).reshape(*patches.shape[1:4], len(weight))"
GRAD_BIAS = "grad_bias = grad_output.sum(0).sum((1, 2))"
MATRICES = "o, *cell = weight.shape"
CELLS = "for cell, pixels in enumerate(window.cells(padded)):"
PUT_BACK = "pixels += patches[..., cell, :].transpose(1, 2, 3, 0, 4)"
CROPPED = "channels_first(window.crop(padded, h, w).reshape(n, h, w, shape[1]))"
GRAD_WEIGHT = "return channels_first(kernel.reshape(grad.shape[1], *p.shape[4:]))"
PRODUCT = "kernel = _by_group(grad, groups).transpose(0, 2, 1) @ _rows(p)"
BY_GROUP = "channels_last(y).reshape(n * h * w, groups, o // groups).transpose(1, 0, 2)"
COLUMNS = "columns = weight.transpose(2, 3, 1, 0)"
STRIDES = 'strides = pair(stride, "conv2d", "stride", _PAIR)'
SAME = "return total // 2, total - total // 2"
PADDED = "image = window.pad(channels_last(x))"


def put_back(**changed: str):
    """Edits by which the gradient of the image is put back by another window."""
    window = ", ".join(f"{name}={value}" for name, value in changed.items())
    return (
        edit(CELLS, CELLS.replace("window", f"window._replace({window})")),
        edit(PUT_BACK, PUT_BACK.replace("pixels", "pixels[:, :oh, :ow]")),
    )


CONV2D = Target(
    "conv2d",
    record("conv2d", layers="conv"),
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
        mutant("stride ignored in dx", *put_back(stride="(1, 1)")),
        mutant(
            "padding not cropped from dx",
            edit(CROPPED, "channels_first(padded.reshape(*padded.shape[:3], shape[1]))"),
        ),
        mutant(
            "crop starts at 0",
            edit(CROPPED, CROPPED.replace("window.crop(padded, h, w)", "padded[:, :h, :w]")),
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
            edit(COLUMNS, "columns = weight.transpose(3, 2, 1, 0)"),
            edit(
                GRAD_WEIGHT,
                "kh, kw, c = p.shape[4:]\n"
                "        kernel = kernel.reshape(grad.shape[1], kw, kh, c)\n"
                "        return channels_first(kernel.swapaxes(1, 2))",
            ),
        ),
        mutant(
            "pads with edge values, not zeros",
            edit(
                PADDED,
                "around = ((0, 0), *zip(window.before, window.after), (0, 0))\n"
                '    image = np.pad(channels_last(x), around, mode="edge")',
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
            edit(PRODUCT, PRODUCT.replace("(grad,", "(grad[-1:],").replace("(p)", "(p[:, -1:])")),
        ),
        mutant(
            # Of the image as it lies in C order: (N, H, W, C) where a border was put around it.
            "as_strided with hand-computed C-order strides",
            edit(
                "n, row, column, channel = image.strides",
                "(_, c, h, w), size = x.shape, x.itemsize\n"
                "    n, row, column, channel = size * c * h * w, size * w, size, size * h * w\n"
                "    if any(window.before + window.after):\n"
                "        n, row, column, channel = image.strides",
            ),
        ),
        mutant(
            "N=0 crashes (reshape with -1 of a size-0 array)",
            edit(FORWARD, FORWARD.replace("len(weight)", "-1")),
        ),
        mutant(
            "range(OH-1): last row of outputs never contributes to dx",
            edit(
                PUT_BACK,
                "g = patches[:, :, : oh - 1, :, cell]\n"
                "            pixels[:, : oh - 1] += g.transpose(1, 2, 3, 0, 4)",
            ),
        ),
        mutant("dilation ignored in dx", *put_back(dilation="(1, 1)")),
        mutant("overlapping patches overwrite", edit(PUT_BACK, PUT_BACK.replace("+=", "[...] ="))),
        mutant(
            "padding='same' puts the odd pixel above and to the left",
            windows(SAME, "return total - total // 2, total // 2"),
        ),
        mutant(
            "dx without the kernel's last column",
            edit(
                CELLS,
                CELLS.replace(
                    "window.cells(padded)",
                    "list(window.cells(padded))[: window.kernel[0] * window.kernel[1] - 1]",
                ),
            ),
        ),
        mutant(
            "every group sees the first channels",
            edit("(block * channel, n, sh * row", "(0 * channel, n, sh * row"),
        ),
        mutant(
            "the outputs of the groups are interleaved",
            edit(
                FORWARD,
                "y = y.transpose(1, 2, 0).reshape(*patches.shape[1:4], len(weight))",
            ),
        ),
        mutant(
            "the kernels of the groups are interleaved",
            edit(
                "reshape(math.prod(cell), groups, o // groups)\n    return columns.transpose(1, 0, 2)",
                "reshape(math.prod(cell), o // groups, groups)\n    return columns.transpose(2, 0, 1)",
            ),
        ),
        mutant(
            "the gradients of the groups are interleaved",
            edit(
                BY_GROUP,
                "channels_last(y).reshape(n * h * w, o // groups, groups).transpose(2, 0, 1)",
            ),
        ),
        mutant("bias doubled", edit("y += bias", "y += 2 * bias")),
        mutant(
            "bias of the first group for all",
            edit("y += bias", "y += np.tile(bias[: len(bias) // groups], groups)"),
        ),
        mutant(
            "the second derivative by the weight is forgotten",
            edit(
                "Conv2dWeight.apply(grad, grad_output, *how, None) if needs_weight else None",
                "None",
            ),
        ),
        mutant(
            "the second derivative by the upstream is forgotten",
            edit("Conv2d.apply(x, grad_output, None, *how) if needs_grad else None", "None"),
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
