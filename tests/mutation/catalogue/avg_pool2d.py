"""The means of windows, and of as many parts as are asked for."""

from ..mutant import Target, editor, mutant, record

edit, adaptive = (
    editor(f"minigrad/functions/{name}.py") for name in ("avg_pool2d", "adaptive_avg_pool2d")
)
arguments = editor("minigrad/functions/pool_window.py")
COUNTS = "_counts(images._array, window, count_include_pad)"
WHOLE = "window = window._replace(before=(0, 0), after=(bottom - top, right - left))"
RANGES = "(i * n // parts, -(-(i + 1) * n // parts))"

AVG_POOL2D = Target(
    "avg_pool2d",
    record("avg_pool2d", layers="avg_pool", others=("tests/functions/test_windows.py",)),
    (
        mutant("padding never counts", edit(COUNTS, COUNTS.replace("count_include_pad", "False"))),
        mutant("padding always counts", edit(COUNTS, COUNTS.replace("count_include_pad", "True"))),
        mutant("divided by the kernel's size whatever a window holds", edit(COUNTS, "window.kernel[0] * window.kernel[1]")),
        mutant("divisor_override ignored", edit("divisor = divisor_override or ", "divisor = ")),
        mutant("divisor_override multiplies", edit(f"divisor_override or {COUNTS}", f"(1 / divisor_override if divisor_override else {COUNTS})")),
        mutant("what ceil_mode adds counts", edit(WHOLE, "height, width = height + bottom - top, width + right - left\n        window = window._replace(before=(0, 0), after=(0, 0))")),
        mutant("sums, not means", edit("divisor = divisor_override or", "divisor = divisor_override or 1 or")),
        mutant("overlapping windows overwrite", edit("pixels += g", "pixels[...] = g")),
        mutant("crop starts at 0", edit("window.crop(padded, h, w)", "padded[:, :h, :w]")),
        mutant("the first cell counts twice", edit("y = next(cells).copy()", "y = next(cells) * 2")),
        mutant("the gradient goes to the first pixel alone", edit("for pixels in window.cells(padded):\n            pixels += g", "pixels = next(window.cells(padded))\n        pixels += g")),
        mutant("int64 rounded down", edit('"trunc"', '"floor"')),
        mutant("default stride is 1", arguments("strides = kernel if omitted", "strides = (1, 1) if omitted")),
    ),
)  # fmt: skip

ADAPTIVE_AVG_POOL2D = Target(
    "adaptive_avg_pool2d",
    record("adaptive_avg_pool2d", layers="adaptive", others=("tests/functions/test_windows.py",)),
    (
        mutant("parts end at the floor", adaptive(RANGES, "(i * n // parts, max((i + 1) * n // parts, i * n // parts + 1))")),
        mutant("parts begin at the ceiling", adaptive(RANGES, "(min(-(-i * n // parts), n - 1), -(-(i + 1) * n // parts))")),
        mutant("parts of one length, the rest left out", adaptive(RANGES, "(i * max(n // parts, 1) % n, i * max(n // parts, 1) % n + max(n // parts, 1))")),
        mutant("overlapping parts overwrite", adaptive("x[start:end] += lines[k]", "x[start:end] = lines[k]")),
        mutant("divided by the first part's length", adaptive("end - start for start, end in ranges]", "ranges[0][1] - ranges[0][0] for start, end in ranges]")),
        mutant("lengths along the other axis", adaptive("if axis == -1 else", "if axis == -2 and len(set(size)) == 1 else")),
        mutant("rows and columns exchanged", adaptive("return rows, columns\n", "return columns, rows\n")),
        mutant("None is 1", adaptive("[n if size is None else size", "[1 if size is None else size")),
    ),
)  # fmt: skip
