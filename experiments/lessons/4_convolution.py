# %% [markdown]
# # Lesson 4: convolution, forward and backward
#
# A convolution lays a small image, the kernel, over a large one, everywhere, and says at each place
# how well the two agree. In this lesson you write its forward and its backward pass in loops, as
# the formula has it. Then you turn it into one matrix product, which is how it gets fast, and find
# that you know its backward pass already.
#
# You need [lesson 2](2_linear_by_hand.ipynb), and of [lesson 1](1_a_tensor_that_remembers.ipynb)
# the rule: each use of a value sends back what arrived at its result, times its local derivative,
# and what is sent adds up. Take an hour and a half.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
import torch

from experiments.lessons.checked import causes, check
from experiments.lessons.pictures import heat_maps

# %% [markdown]
# ## 1. A small image over a large one
#
# One image $x$, one kernel $w$, one output $y$. At the place $(i, j)$ the kernel covers a *window*
# of the image. Multiply what lies on each other, and add up:
#
# $$y_{ij} = \sum_{u, v} w_{uv} \, x_{i+u,\, j+v}.$$
#
# Our image is dark on the left and bright on the right. The kernel subtracts the left column of the
# window from its right column.
#
# **Predict:** how large is $y$, and where is it not zero?

# %%
x = np.array(
    [
        [0.0, 0.0, 1.0, 1.0],
        [0.0, 0.0, 1.0, 1.0],
        [0.0, 0.0, 1.0, 1.0],
        [0.0, 0.0, 1.0, 1.0],
    ]
)
w = np.array([[-1.0, 1.0], [-1.0, 1.0]])

y = np.zeros((3, 3))
for i, j in np.ndindex(3, 3):
    for u, v in np.ndindex(2, 2):
        y[i, j] += w[u, v] * x[i + u, j + v]

heat_maps({"x": x, "w": w, "y": y})
plt.show()
assert y.tolist() == [[0, 2, 0], [0, 2, 0], [0, 2, 0]]

# %% [markdown]
# It finds the edge. A kernel of 2 fits into 4 pixels at 3 places, so $y$ has 3 rows and 3 columns.
#
# Two numbers change how it moves. With the *stride* $s$ it moves $s$ pixels at a time. With
# *padding* $p$ the image first gets $p$ zeros on each side. A kernel of $K$ then finds place
#
# $$H_\text{out} = \Bigl\lfloor \frac{H + 2p - K}{s} \Bigr\rfloor + 1$$
#
# times: the first place, and as many steps of $s$ as fit into what is left.
#
# **Predict:** 8 pixels, a kernel of 3, padding 1: how many places with stride 1? With stride 2?


# %%
def places(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


print("stride 1:", places(8, 3, 1, 1), " stride 2:", places(8, 3, 2, 1))
assert (places(8, 3, 1, 1), places(8, 3, 2, 1)) == (8, 4)

# %% [markdown]
# ## 2. The whole layer, in loops
#
# Images have channels $c$, come in batches $n$, and a layer has several kernels $o$, each with a
# bias. A kernel has as many channels as the image, and sums over them too. With $\tilde x$ for the
# image and its padding:
#
# $$y_{noij} = b_o + \sum_{c, u, v} w_{ocuv} \; \tilde x_{n,\, c,\, is+u,\, js+v}.$$
#
# In code: take the window, multiply by the kernel, sum. Besides $y$ the function returns what the
# backward pass will need, the *cache*.


# %%
def conv2d_forward(x, weight, bias=None, stride=1, padding=0):
    # x (N, C, H, W), weight (O, C, KH, KW), bias (O,) or None -> y (N, O, OH, OW)
    kh, kw = weight.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    oh = (padded.shape[2] - kh) // stride + 1
    ow = (padded.shape[3] - kw) // stride + 1
    y = np.zeros((len(x), len(weight), oh, ow), x.dtype)
    for n, o, i, j in np.ndindex(y.shape):
        window = padded[n, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
        y[n, o, i, j] = (weight[o] * window).sum()  # (C, KH, KW) times (C, KH, KW)
        if bias is not None:
            y[n, o, i, j] += bias[o]
    return y, (padded, weight, bias, stride, padding)


report = check(conv2d_forward)
assert report.passed

# %% [markdown]
# The forward pass is right. The report also says what it has not looked at: there is no backward
# yet, and we left out the options `dilation` and `groups`. The note lists what PyTorch takes and a
# layer here need not, such as a stride of its own for rows and for columns.
#
# ## 3. Who uses whom?
#
# Backward is given $g_{ij} = \partial L / \partial y_{ij}$. As with every layer, we ask of each
# number: in which $y_{ij}$ has it a part, and with what factor?
#
# It is easier to ask the other way round: *to whom does one $y_{ij}$ send, and with what factor?*
# $y_{ij}$ is made of the products $w_{uv} \, x_{i+u, j+v}$. So
#
# * to the pixel $x_{i+u, j+v}$ it sends $g_{ij} \, w_{uv}$,
# * to the weight $w_{uv}$ it sends $g_{ij} \, x_{i+u, j+v}$,
# * to the bias it sends $g_{ij}$.
#
# **Predict:** let $g$ be 1 at $(1, 1)$ and 0 everywhere else. What does the gradient of $x$ look
# like? What does the gradient of $w$ look like? Sketch both.

# %%
x = np.arange(16.0).reshape(4, 4)
w = np.array([[1.0, -2.0], [3.0, 4.0]])


def sent_back(g):
    """Return the gradients of x and w."""
    grad_x, grad_w = np.zeros_like(x), np.zeros_like(w)
    for i, j in np.ndindex(g.shape):
        for u, v in np.ndindex(w.shape):
            grad_x[i + u, j + v] += g[i, j] * w[u, v]
            grad_w[u, v] += g[i, j] * x[i + u, j + v]
    return grad_x, grad_w


g = np.zeros((3, 3))
g[1, 1] = 1
grad_x, grad_w = sent_back(g)
heat_maps({"x": x, "g": g, "dL/dx": grad_x, "dL/dw": grad_w})
plt.show()
assert np.array_equal(grad_x[1:3, 1:3], w)
assert np.abs(grad_x).sum() == np.abs(w).sum()
assert np.array_equal(grad_w, x[1:3, 1:3])

# %% [markdown]
# The gradient of $x$ is **the kernel, stamped at the window's place**; the gradient of $w$ is **the
# window itself**. For a whole $g$, every place stamps the kernel, $g_{ij}$ times as strong, and
# where stamps overlap they add up. Here are two neighbours, one stamp after the other and then
# together:

# %%
left, right = np.zeros((3, 3)), np.zeros((3, 3))
left[1, 0], right[1, 1] = 1, 2
heat_maps(
    {
        "g = 1 at (1, 0)": sent_back(left)[0],
        "g = 2 at (1, 1)": sent_back(right)[0],
        "both": sent_back(left + right)[0],
    },
    one_scale=True,
)
plt.show()
assert np.array_equal(sent_back(left + right)[0], sent_back(left)[0] + sent_back(right)[0])
assert sent_back(left + right)[0][1, 1] == -2 * 1 + 1 * 2

# %% [markdown]
# In the shared column one stamp's right half and the other's left half meet:
# $-2 \cdot 1 + 1 \cdot 2 = 0$ above, $4 \cdot 1 + 3 \cdot 2 = 10$ below.
#
# We can now also answer the first question, seen from the pixel: $x_{rc}$ is sent something by
# every place $(i, j)$ whose window covers it, by $i = r - u$ and $j = c - v$:
#
# $$\frac{\partial L}{\partial x_{rc}} = \sum_{u, v} w_{uv} \, g_{r-u,\, c-v}.$$
#
# Compare that with the forward formula. There the indices went up, $i + u$; here they go down. Turn
# the kernel by 180 degrees and they go up again: **the gradient of the image is a convolution of
# $g$ with the turned kernel**, with enough padding around $g$ that every pixel is reached. And the
# gradient of the kernel, $\sum_{ij} g_{ij} \, x_{i+u, j+v}$, is a convolution too: of the image,
# with $g$ as the kernel. (All that with stride 1. A larger stride first puts zeros between the
# numbers of $g$.)

# %%
rng = np.random.default_rng(0)
g = rng.normal(size=(3, 3))
grad_x, grad_w = sent_back(g)

image, grad_image = x[None, None], g[None, None]  # (1, 1, 4, 4) and (1, 1, 3, 3)
turned = w[::-1, ::-1][None, None]
by_turned_kernel, _ = conv2d_forward(grad_image, turned, padding=1)
by_g_as_kernel, _ = conv2d_forward(image, grad_image)
print("the same for x:", np.allclose(by_turned_kernel[0, 0], grad_x))
print("the same for w:", np.allclose(by_g_as_kernel[0, 0], grad_w))
assert np.allclose(by_turned_kernel[0, 0], grad_x)
assert np.allclose(by_g_as_kernel[0, 0], grad_w)

# %% [markdown]
# ## 4. Backward, in loops
#
# Before you read on, write it yourself, with the loops of the forward pass and what is sent to whom
# from above. `conv2d_backward(grad_output, cache)` gets what arrives at $y$ and what
# `conv2d_forward` has put aside; it returns the gradients of `x`, of `weight` and of `bias` (None
# where there is no bias). Put it into a cell of its own, and let `check(conv2d_forward,
# conv2d_backward)` judge it. In a terminal, `minigrad check --template Conv2d > conv2d.py` prints a
# class to fill in, and `minigrad check conv2d.py` does the same for that.
#
# Here it is. Where the forward pass took a window and made a number of it, the backward pass takes
# a number and gives it back to the window. The zeros of the padding are sent something, too; they
# are no part of $x$, and it is cut off at the end.


# %%
def conv2d_backward(grad_output, cache):
    # grad_output (N, O, OH, OW)
    padded, weight, bias, stride, padding = cache
    kh, kw = weight.shape[2:]
    grad_padded, grad_weight = np.zeros_like(padded), np.zeros_like(weight)
    for n, o, i, j in np.ndindex(grad_output.shape):
        g = grad_output[n, o, i, j]
        rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
        grad_padded[n, :, rows, columns] += g * weight[o]  # the stamp
        grad_weight[o] += g * padded[n, :, rows, columns]  # the window
    grad_bias = None if bias is None else grad_output.sum(axis=(0, 2, 3))
    height, width = padded.shape[2] - padding, padded.shape[3] - padding
    return grad_padded[:, :, padding:height, padding:width], grad_weight, grad_bias


report = check(conv2d_forward, conv2d_backward)
assert report.passed
in_loops = conv2d_forward, conv2d_backward  # we shall need them again

# %% [markdown]
# ## 5. As a matrix product
#
# The loops visit every number of every window, in Python. Lesson 2 showed what that costs. The way
# out: write each window as a *row* of a matrix. Then "multiply by the kernel and sum" is a row
# times a column, and all of them at once are a matrix product.
#
# **Predict:** an image of $3 \times 3$ and a kernel of $2 \times 2$. How many rows does the matrix
# have, how many columns? In how many rows does the pixel in the middle stand?


# %%
def im2col(x, kh, kw, stride, padding):
    # x (N, C, H, W) -> (N, OH, OW, C, KH, KW): at each place its window
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, c, h, w = padded.shape
    oh, ow = (h - kh) // stride + 1, (w - kw) // stride + 1
    columns = np.empty((n, oh, ow, c, kh, kw), x.dtype)
    for u, v in np.ndindex(kh, kw):  # the pixel (u, v) of all windows at once
        pixels = padded[:, :, u : u + stride * oh : stride, v : v + stride * ow : stride]
        columns[..., u, v] = pixels.transpose(0, 2, 3, 1)
    return columns


image = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
rows = im2col(image, 2, 2, stride=1, padding=0).reshape(4, 4)
heat_maps({"x": image[0, 0], "a row for each window": rows}, signed=False)
plt.show()
assert rows.tolist() == [[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]
assert (rows == 5).sum() == 4

# %% [markdown]
# Four windows of four pixels. The 5 in the middle lies under all four windows, and is copied four
# times. The name of this is `im2col`, for the windows used to be columns.
#
# Now look at what is left of the convolution. With the rows in $X$, a matrix
# $(N H_\text{out} W_\text{out},\; C K K)$, and each kernel as a row of $W$, $(O,\; C K K)$:
#
# $$Y = X W^\top + b.$$
#
# **That is the linear layer of lesson 2**, with a window in the place of a sample. Its backward
# pass is known, three lines:
#
# $$\frac{\partial L}{\partial X} = G W, \qquad
# \frac{\partial L}{\partial W} = G^\top X, \qquad
# \frac{\partial L}{\partial b} = \text{the sum of the rows of } G.$$
#
# One step is left: from the gradient of the rows to that of the image. `im2col` only copies. A
# pixel that was copied four times was used four times, so its gradient is the sum of four:
# everything goes back to where it came from, and is *added*. That is `col2im`, and it is `im2col`
# read backwards.


# %%
def col2im(grad_columns, shape, stride, padding):
    # grad_columns (N, OH, OW, C, KH, KW) -> (N, C, H, W), the shape of x
    (n, oh, ow, c, kh, kw), (_, _, h, w) = grad_columns.shape, shape
    grad_padded = np.zeros((n, c, h + 2 * padding, w + 2 * padding), grad_columns.dtype)
    for u, v in np.ndindex(kh, kw):
        pixels = grad_columns[..., u, v].transpose(0, 3, 1, 2)
        grad_padded[:, :, u : u + stride * oh : stride, v : v + stride * ow : stride] += pixels
    return grad_padded[:, :, padding : padding + h, padding : padding + w]


def conv2d_forward(x, weight, bias=None, stride=1, padding=0):
    o, c, kh, kw = weight.shape
    columns = im2col(x, kh, kw, stride, padding)
    n, oh, ow = columns.shape[:3]
    rows = columns.reshape(n * oh * ow, c * kh * kw)
    y = rows @ weight.reshape(o, -1).T  # (N OH OW, C KH KW) @ (C KH KW, O)
    if bias is not None:
        y = y + bias
    y = y.reshape(n, oh, ow, o).transpose(0, 3, 1, 2)
    return y, (rows, columns.shape, x.shape, weight, bias, stride, padding)


def conv2d_backward(grad_output, cache):
    rows, columns_shape, shape, weight, bias, stride, padding = cache
    o = len(weight)
    g = grad_output.transpose(0, 2, 3, 1).reshape(-1, o)  # (N OH OW, O)
    grad_rows = g @ weight.reshape(o, -1)  # (N OH OW, C KH KW)
    grad_weight = (g.T @ rows).reshape(weight.shape)
    grad_bias = None if bias is None else g.sum(axis=0)
    grad_x = col2im(grad_rows.reshape(columns_shape), shape, stride, padding)
    return grad_x, grad_weight, grad_bias


report = check(im2col, col2im, conv2d_forward, conv2d_backward)
assert report.passed

# %% [markdown]
# ## 6. The same numbers, sooner
#
# Loops, matrix product and PyTorch, on a batch of the size of the Digits network.

# %%
x = rng.normal(size=(16, 4, 8, 8))
weight, bias = rng.normal(size=(8, 4, 3, 3)), rng.normal(size=8)
grad_output = rng.normal(size=(16, 8, 4, 4))
results, seconds = {}, {}
for name, (forward, backward) in {
    "loops": in_loops,
    "matrix product": (conv2d_forward, conv2d_backward),
}.items():
    start = time.perf_counter()
    y, cache = forward(x, weight, bias, stride=2, padding=1)
    results[name] = (y, *backward(grad_output, cache))
    seconds[name] = time.perf_counter() - start

tensors = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
y = torch.nn.functional.conv2d(*tensors, stride=2, padding=1)
y.backward(torch.from_numpy(grad_output))
expected = [y.detach().numpy(), *(tensor.grad.numpy() for tensor in tensors)]

for name, found in results.items():
    worst = max(np.abs(a - b).max() for a, b in zip(found, expected, strict=True))
    print(f"{name:<15} {1e3 * seconds[name]:6.1f} ms, largest difference to PyTorch {worst:.0e}")
    assert worst < 1e-12

# %% [markdown]
# The price is memory: each pixel is copied up to $K^2$ times. minigrad's own convolution, in
# `minigrad/functions/conv2d.py`, is laid out so that it copies less; its first lines say how.
#
# ## 7. Break it
#
# **Predict:** in `col2im`, `=` in the place of `+=`. Which gradients are wrong: those of $x$, of
# the weight, of the bias? Is there a convolution for which it does not matter?

# %%
report = check(
    im2col,
    col2im,
    conv2d_forward,
    conv2d_backward,
    instead_of="v : v + stride * ow : stride] += pixels",
    write="v : v + stride * ow : stride] = pixels",
)
assert causes(report) == ["overwritten_not_added"]
finding = report.layers["Conv2d"].findings[0]
unseen = set(report.layers["Conv2d"].ran["grad_input"]) - set(finding.cases)
print("\nnot seen in:", *sorted(unseen), sep="\n  ")
assert {"kernel 1", "stride 3, kernel 2", "kernel as large as the image"} <= unseen

# %% [markdown]
# Only `grad_input` is wrong: the other two never pass through `col2im`. And the cases that do not
# show it say what the mistake is about. With a kernel of 1, with a stride of 3 and a kernel of 2,
# with a kernel as large as the image, no two windows overlap. Each pixel is used once at most, and
# the last contribution is the only one.
#
# The smallest example has two windows that share their second column. Into it one step writes
# $1 \cdot 2$ and a later one writes $1 \cdot 1$ over it. The sum would be 3, and yours is 1.
#
# **Predict:** now the last line of `col2im` forgets where the image lies in the padded one and
# returns its first rows and columns. What will the report say, and when is it seen?

# %%
report = check(
    im2col,
    col2im,
    conv2d_forward,
    conv2d_backward,
    instead_of="return grad_padded[:, :, padding : padding + h, padding : padding + w]",
    write="return grad_padded[:, :, :h, :w]",
)
assert causes(report) == ["shifted"]
assert all("padding" in case for case in report.layers["Conv2d"].findings[0].cases)

# %% [markdown]
# `shifted`, and seen with padding alone. The shape is right, so nothing crashes. Nobody uses the
# gradient of the pixels of a photograph. But the *second* convolution of a network would now tell
# the first one about the wrong pixels.
#
# ## 8. Why images like it
#
# A linear layer from 8 × 8 pixels to 16 maps of 8 × 8 numbers has a weight for each pair of input
# and output. A convolution with 16 kernels of 3 × 3 and padding 1 has an output of the same size.
#
# **Predict:** how many numbers does each of them learn?

# %%
linear = 64 * (16 * 64) + 16 * 64
convolution = 16 * (1 * 3 * 3) + 16
print(f"Linear: {linear:,}   Conv2d: {convolution}")
assert (linear, convolution) == (66_560, 160)

picture = rng.normal(size=(1, 1, 8, 8))
moved = np.roll(picture, 1, axis=3)  # to the right; what falls off enters on the left
kernel = rng.normal(size=(16, 1, 3, 3))
y, y_moved = (conv2d_forward(each, kernel)[0] for each in (picture, moved))
print("the output has moved along:", np.array_equal(y[..., 1:-1], y_moved[..., 2:]))
np.testing.assert_allclose(y_moved[..., 2:], y[..., 1:-1])

# %% [markdown]
# A convolution *is* that linear layer, with most weights zero and the others shared by all places.
# Two beliefs about images are built in: what belongs together lies close together, and an edge is
# an edge wherever it is. So if the picture moves by a pixel, the output moves along. And since each
# weight is used at every place of every image, its gradient is a sum over all of them: it has much
# to learn from.
#
# ## Your turn
#
# With *dilation* $d$, the kernel is spread out: it looks at every $d$-th pixel,
#
# $$y_{ij} = \sum_{u, v} w_{uv} \; \tilde x_{is + ud,\; js + vd}.$$
#
# Add the option to `im2col`, `col2im` and the two functions of the layer, so that the report no
# longer says `no option dilation`. How many places are there now? Where do $u$ and $v$ enter?
#
# <details><summary>Solution</summary>
#
# A kernel of $K$ now spans $d(K - 1) + 1$ pixels. `u` and `v` become `u * dilation` and `v *
# dilation`, in both helpers; the matrix product does not notice.
#
# ```python
# def window(k, out, stride, dilation):
#     """Return the slice of the pixels k of all windows."""
#     return slice(k * dilation, k * dilation + stride * out, stride)
#
#
# def im2col(x, kh, kw, stride, padding, dilation):
#     padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
#     n, c, h, w = padded.shape
#     oh = (h - dilation * (kh - 1) - 1) // stride + 1
#     ow = (w - dilation * (kw - 1) - 1) // stride + 1
#     columns = np.empty((n, oh, ow, c, kh, kw), x.dtype)
#     for u, v in np.ndindex(kh, kw):
#         rows, cols = window(u, oh, stride, dilation), window(v, ow, stride, dilation)
#         columns[..., u, v] = padded[:, :, rows, cols].transpose(0, 2, 3, 1)
#     return columns
#
#
# def col2im(grad_columns, shape, stride, padding, dilation):
#     (n, oh, ow, c, kh, kw), (_, _, h, w) = grad_columns.shape, shape
#     grad_padded = np.zeros((n, c, h + 2 * padding, w + 2 * padding), grad_columns.dtype)
#     for u, v in np.ndindex(kh, kw):
#         rows, cols = window(u, oh, stride, dilation), window(v, ow, stride, dilation)
#         grad_padded[:, :, rows, cols] += grad_columns[..., u, v].transpose(0, 3, 1, 2)
#     return grad_padded[:, :, padding : padding + h, padding : padding + w]
#
#
# def conv2d_forward(x, weight, bias=None, stride=1, padding=0, dilation=1):
#     o, c, kh, kw = weight.shape
#     columns = im2col(x, kh, kw, stride, padding, dilation)
#     n, oh, ow = columns.shape[:3]
#     rows = columns.reshape(n * oh * ow, c * kh * kw)
#     y = rows @ weight.reshape(o, -1).T
#     if bias is not None:
#         y = y + bias
#     y = y.reshape(n, oh, ow, o).transpose(0, 3, 1, 2)
#     return y, (rows, columns.shape, x.shape, weight, bias, stride, padding, dilation)
#
#
# def conv2d_backward(grad_output, cache):
#     rows, columns_shape, shape, weight, bias, stride, padding, dilation = cache
#     o = len(weight)
#     g = grad_output.transpose(0, 2, 3, 1).reshape(-1, o)
#     grad_columns = (g @ weight.reshape(o, -1)).reshape(columns_shape)
#     grad_x = col2im(grad_columns, shape, stride, padding, dilation)
#     grad_bias = None if bias is None else g.sum(axis=0)
#     return grad_x, (g.T @ rows).reshape(weight.shape), grad_bias
#
#
# report = check(window, im2col, col2im, conv2d_forward, conv2d_backward)
# assert report.passed
# assert "no option dilation" not in report.layers["Conv2d"].skipped
# ```
#
# </details>
#
# ## Three questions
#
# **1.** Stride 1, no padding, a kernel of 3 × 3: by how many windows is a pixel in the middle of a
# large image covered, and by how many the pixel in the corner? What follows for their gradients?
#
# <details><summary>Answer</summary>
#
# Nine, and one. The gradient of the pixel in the middle is a sum over nine places, that of the
# corner has one summand: the border has little influence on the output, and so gets little
# gradient. Padding gives the border more windows; with padding 1 the corner is covered by four.
#
# </details>
#
# **2.** What is a convolution with a kernel of 1 × 1 and stride 1? What does `im2col` do then?
#
# <details><summary>Answer</summary>
#
# A linear layer from C to O numbers, applied to each pixel by itself, with the same weights
# everywhere. `im2col` copies nothing twice: it only moves the channels to the end, (N, C, H, W) to
# (N H W, C).
#
# </details>
#
# **3.** In mathematics, a convolution turns the kernel: $y_{ij} = \sum w_{uv} \, x_{i-u, j-v}$.
# What PyTorch calls a convolution is a *correlation*. Does it matter for what a network can learn?
# And what would the gradient of $x$ be if the forward pass turned the kernel?
#
# <details><summary>Answer</summary>
#
# It does not matter: the kernel is learned, and it would simply be learned turned. In the backward
# pass the two change places: turned forward, the gradient of $x$ is a correlation with the kernel
# as it is.
#
# </details>
#
# In [lesson 5](5_max_pool_ties_and_kinks.ipynb) windows do not add up, they compete.
