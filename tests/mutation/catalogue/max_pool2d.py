"""The largest value of each window."""

from ..mutant import Target, editor, mutant, record

edit = editor("minigrad/functions/max_pool2d.py")
arguments, windows = (
    editor(f"minigrad/functions/{name}.py") for name in ("pool_window", "windows")
)
WON = "won = Mask.apply(g[part], winner[part] == number)"
PUT_BACK = "pixels[...] = pixels + won if overlap else won"
CELLS = "for number, pixels in enumerate(window.cells(padded[part])):"
PADDED = "padded = np.empty(window.padded((n, h, w, c)), g.dtype)"
LARGEST = "np.maximum(y, pixels, out=y)"
LOWEST = 'lowest = -np.inf if y.dtype.kind == "f" else np.iinfo(y.dtype).min'
CEIL = arguments("if ceil_mode:", "if True:")
CELL = "yield padded[:, u : u + height : sh, v : v + width : sw]"
CHOOSE = "np.maximum(winner, wins * winner.dtype.type(number), out=winner)"
NAN = "if has_nan:"

MAX_POOL2D = Target(
    "max_pool2d",
    record(
        "max_pool2d",
        "max_pool2d with indices",
        "max_pool2d_with_indices",
        layers="pool and not avg",
        others=("tests/functions/test_windows.py",),
    ),
    (
        mutant(
            "overlapping windows overwrite (= instead of +=)",
            edit(PUT_BACK, "np.copyto(pixels, won, where=winner[part] == number)"),
        ),
        mutant(
            # The winners become a set of bits, one a cell.
            "every tied maximum gets the full gradient (mask x == max)",
            edit(
                "    return y, winner\n",
                "    cells = window.cells(window.pad(images, -np.inf))\n"
                "    ties = [(pixels == y).astype(np.int64) << k for k, pixels in enumerate(cells)]\n"
                "    return y, sum(ties)\n",
            ),
            edit(WON, "won = Mask.apply(g[part], (winner[part] >> number) % 2 == 1)"),
        ),
        mutant(
            "last maximum wins (>= while scanning)",
            edit("wins = pixels > y", "wins = pixels >= y"),
        ),
        mutant(
            "default stride is 1",
            arguments("strides = kernel if omitted", "strides = (1, 1) if omitted"),
        ),
        mutant("ceil instead of floor output size", CEIL),
        mutant(
            "argmax decoded with kh instead of kw",
            edit(
                PADDED,
                "kh, kw = window.kernel\n"
                "        winner = winner // kw * kh + winner % kw\n"
                f"        {PADDED}",
            ),
        ),
        mutant(
            "NaN ignored (np.nanmax / strict comparison)",
            edit(NAN, "if False:"),
            edit(LARGEST, LARGEST.replace("maximum", "fmax")),
        ),
        mutant(
            "-inf window with padding: gradient goes to the padding",
            edit("if any(window.before):", "if False:"),
        ),
        mutant(
            "dilation ignored in backward",
            edit(CELLS, CELLS.replace("window", "window._replace(dilation=(1, 1))")),
            edit(PUT_BACK, PUT_BACK.replace("pixels", "pixels[:, : g.shape[1], : g.shape[2]]")),
        ),
        mutant(
            "gradient divided by window size",
            edit(WON, f"{WON} / (window.kernel[0] * window.kernel[1])"),
        ),
        mutant(
            # Reshaped to (N, C, k, H//k, k, W//k), a cell is a part of the image and not a comb.
            "reshape trick with axes in the wrong order",
            windows(
                CELL,
                "if self.kernel == self.stride and self.dilation == (1, 1):\n"
                "                    oh, ow = padded.shape[1] // kh, padded.shape[2] // kw\n"
                "                    yield padded[:, u * oh : u * oh + oh, v * ow : v * ow + ow]\n"
                "                else:\n"
                f"                    {CELL}",
            ),
        ),
        mutant(
            "return inside the loop: only the first row of windows is processed",
            edit(PUT_BACK, "pixels[:, :1] = (pixels + won if overlap else won)[:, :1]"),
        ),
        mutant(
            "kernel>remainder: pads the remainder with zeros (keeps an extra output)",
            CEIL,
            edit(LOWEST, "lowest = 0"),
        ),
        mutant("padding of 0 wins where all are negative", edit(LOWEST, "lowest = 0")),
        mutant(
            "indices counted in the padded image",
            edit(
                "cells = enumerate(window.cells(window.pad(channels_last(x))))",
                "cells = enumerate(window.cells(window.pad(channels_last(x), 1)))",
            ),
        ),
        mutant(
            "indices counted from 1",
            edit("Pick.apply(pixels, winner, window) - 1", "Pick.apply(pixels, winner, window)"),
        ),
        mutant(
            "indices counted column by column",
            edit(
                "np.arange(1, height * width + 1).reshape(1, 1, height, width)",
                "np.arange(1, height * width + 1).reshape(1, 1, width, height).swapaxes(2, 3)",
            ),
        ),
        mutant(
            "first NaN wins",
            edit("wins |= pixels != pixels", "wins |= (pixels != pixels) & (y == y)"),
        ),
        mutant(
            "windows never overlap", windows("return any(span >", "return False and any(span >")
        ),
        mutant("NaN loses the gradient", edit(NAN, "if False:")),
        mutant(
            "the number of a cell is a byte",
            edit("np.uint8 if window.kernel[0] * window.kernel[1] < 256 else np.int64", "np.uint8"),
        ),
        mutant(
            "the smallest wins",
            edit("wins = pixels > y", "wins = pixels < y"),
            edit(LARGEST, LARGEST.replace("maximum", "minimum")),
        ),
        mutant("the first cell gets the gradient", edit(CHOOSE, "pass")),
        mutant(
            "a last window of ceil_mode may begin in the padding",
            arguments("if last >= size + padding:", "if False:"),
        ),
        mutant("ceil_mode ignored", arguments("if ceil_mode:", "if False:")),
        mutant("crop starts at 0", edit("window.crop(padded, h, w)", "padded[:, :h, :w]")),
        mutant(
            "padding may be as large as the window",
            arguments("if pad > (d * (k - 1) + 1) // 2:", "if pad > d * (k - 1) + 1:"),
        ),
        mutant(
            "every block of images is the first",
            windows("yield slice(start, start + step)", "yield slice(0, step)"),
        ),
        mutant(
            "second derivative dropped",
            edit(
                "return Pick.apply(grad_output, winner, ctx.window), None, None, None",
                "return 0 * Pick.apply(grad_output, winner, ctx.window), None, None, None",
            ),
        ),
    ),
)
