# %% [markdown]
# # Lesson 2: Linear by hand
#
# The linear layer is where most weights of the assignment's networks sit, and its backward pass is
# three lines. In this lesson you derive these three lines, so that you never need to remember them;
# you learn which mistakes the shapes of the arrays catch, and which they let through.
#
# You need the rule of [lesson 1](1_a_tensor_that_remembers.ipynb): each use of a value sends back
# the gradient that arrived at its result, times its local derivative, and what is sent adds up.
# Take forty minutes.

# %%
import inspect
import time

import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad.functions.linear
from experiments.lessons.checked import causes, check
from experiments.lessons.pictures import heat_maps

# %% [markdown]
# ## 1. One sample, on paper
#
# A layer with three inputs and two outputs computes $y_o = b_o + \sum_i w_{oi} x_i$:
#
# $$W = \begin{pmatrix} 1 & 0 & -1 \\ 2 & 1 & 0 \end{pmatrix}, \quad
# b = \begin{pmatrix} 0.5 \\ -0.5 \end{pmatrix}, \quad
# x = \begin{pmatrix} 1 \\ 2 \\ 3 \end{pmatrix}.$$
#
# So $y_1 = 0.5 + 1 \cdot 1 + 0 \cdot 2 - 1 \cdot 3 = -1.5$ and
# $y_2 = -0.5 + 2 \cdot 1 + 1 \cdot 2 + 0 \cdot 3 = 3.5$.
#
# Somewhere behind this layer a loss $L$ is computed from $y$. What happens there is none of our
# business. All we are told is how the loss reacts to our outputs: the *upstream gradient*
# $g_o = \partial L / \partial y_o$. Say, $g = (1, -2)$.
#
# **Predict:** all gradients, on paper. The rule is enough.
#
# 1. $w_{12}$ takes part in one product only. What is $\partial L / \partial w_{12}$?
# 2. $x_1$ takes part in both outputs. What is $\partial L / \partial x_1$?
# 3. What is $\partial L / \partial b_2$?
#
# <details><summary>Answer</summary>
#
# 1. The product is $w_{12} x_2$ in $y_1$: it is sent $g_1 \cdot x_2 = 1 \cdot 2 = 2$.
# 2. $y_1$ sends $g_1 w_{11} = 1$, $y_2$ sends $g_2 w_{21} = -2 \cdot 2 = -4$. The sum is $-3$.
# 3. $b_2$ is added to $y_2$: it is sent $g_2 = -2$.
#
# </details>

# %%
W = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]])
b = np.array([0.5, -0.5])
x = np.array([1.0, 2.0, 3.0])
g = np.array([1.0, -2.0])
y = W @ x + b
print("y =", y)
assert y.tolist() == [-1.5, 3.5]

grad_W = np.array([[g[o] * x[i] for i in range(3)] for o in range(2)])
grad_x = np.array([sum(g[o] * W[o, i] for o in range(2)) for i in range(3)])
print("dL/dW =", grad_W.tolist())
print("dL/dx =", grad_x.tolist())
print("dL/db =", g.tolist())
assert grad_W[0, 1] == 2
assert grad_x[0] == -3

# %% [markdown]
# ## 2. From a sum to a matrix product
#
# Now a batch of $N$ samples, one a row of $X$. Every weight is used by every sample:
#
# $$y_{no} = b_o + \sum_i x_{ni} w_{oi} \qquad\text{that is}\qquad Y = X W^\top + b.$$
#
# For each array, ask: *which $y_{no}$ does this element have a part in, and with what factor?* Then
# sum over exactly these.
#
# * $x_{ni}$ has a part in all outputs $o$ of its own sample $n$, with the factor $w_{oi}$.
# * $w_{oi}$ has a part in its own output $o$ of all samples $n$, with the factor $x_{ni}$.
# * $b_o$ has a part in its own output $o$ of all samples $n$, with the factor 1.
#
# $$\frac{\partial L}{\partial x_{ni}} = \sum_o g_{no} w_{oi}, \qquad
# \frac{\partial L}{\partial w_{oi}} = \sum_n g_{no} x_{ni}, \qquad
# \frac{\partial L}{\partial b_o} = \sum_n g_{no}.$$
#
# The sum runs over the index that the result does not have. A sum of products over one index is a
# matrix product, when that index is the last of the left factor and the first of the right one:
#
# $$\sum_o g_{no} w_{oi} = (G W)_{ni}, \qquad
# \sum_n g_{no} x_{ni} = \sum_n (G^\top)_{on} x_{ni} = (G^\top X)_{oi}.$$
#
# So here are the three lines:
#
# $$\frac{\partial L}{\partial X} = G W, \qquad
# \frac{\partial L}{\partial W} = G^\top X, \qquad
# \frac{\partial L}{\partial b} = \text{the sum of the rows of } G.$$
#
# If you forget them, the shapes bring them back. With $N$ samples, 3 inputs and 2 outputs, $G$ is
# $(N, 2)$ and the gradient of $X$ must be $(N, 3)$: of the arrays at hand only $G W$,
# $(N, 2)(2, 3)$, gives that. The gradient of $W$ must be $(2, 3)$: $G^\top X$, $(2, N)(N, 3)$.


# %%
def linear_forward(x, weight, bias=None):
    # x (N, in), weight (out, in), bias (out,) or None
    y = x @ weight.T  # (N, in) @ (in, out) -> (N, out)
    if bias is not None:
        y = y + bias
    return y, (x, weight, bias)


def linear_backward(grad_output, cache):
    x, weight, bias = cache
    grad_x = grad_output @ weight  # (N, out) @ (out, in) -> (N, in)
    grad_weight = grad_output.T @ x  # (out, N) @ (N, in) -> (out, in)
    grad_bias = None if bias is None else grad_output.sum(axis=0)  # (N, out) -> (out,)
    return grad_x, grad_weight, grad_bias


report = check(linear_forward, linear_backward)
assert report.passed

# %% [markdown]
# ## 3. What the sum over samples looks like
#
# $G^\top X$ is a sum too: of one product $g_n x_n^\top$ for each sample, a column times a row. Here
# are three samples.
#
# **Predict:** the second sample has the upstream gradient $(0, 0)$: the loss does not care about
# it. What does it contribute?

# %%
X = np.array([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0], [0.0, 1.0, -1.0]])
G = np.array([[1.0, -2.0], [0.0, 0.0], [2.0, 1.0]])
parts = [np.outer(g_n, x_n) for g_n, x_n in zip(G, X, strict=True)]
_, grad_weight, _ = linear_backward(G, (X, W, b))
heat_maps(
    {f"sample {n}": part for n, part in enumerate(parts, 1)} | {"the sum: dL/dW": grad_weight},
    one_scale=True,
)
plt.show()

assert np.array_equal(sum(parts), grad_weight)
assert not parts[1].any()

# %% [markdown]
# Each row belongs to an output, each column to an input. A weight gets a large gradient where a
# large input met a large upstream gradient. This is all that a linear layer learns from.
#
# ## 4. What the shapes do not catch
#
# The shapes led us to the right formula. Do they protect us from wrong ones?
#
# **Predict:** someone writes `grad_output @ weight.T` for `grad_x`. What happens with 3 inputs and
# 2 outputs? And with 3 inputs and 3 outputs?

# %%
report = check(
    linear_forward,
    linear_backward,
    instead_of="grad_output @ weight ",
    write="grad_output @ weight.T ",
)
assert not report.passed
assert {"transposed", "raises"} <= set(causes(report))
assert report.layers["Linear"].findings[0].cases == ("square",)

# %% [markdown]
# (In a terminal, with the functions in a file: `minigrad check linear.py`.)
#
# Read the two findings. The second one is what you expected: wherever the two sizes differ, the
# product cannot be formed and NumPy raises an error. Such mistakes find themselves.
#
# The first one is the dangerous one. It was `seen in 1 of 1 case: 'square'`. With as many outputs
# as inputs the product *can* be formed, and the numbers are wrong. Hidden layers of equal width
# have square weights: such a network trains, worse than it should, and nothing says why. So: **test
# with sizes that are all different, and with a square one too.**
#
# Look at the example. One number of `grad_output` is 1 and one number of `weight` is 1; with your
# eyes on these two you see the whole mistake.
#
# ## 5. The mean is not yours
#
# A favourite: "the gradient is averaged over the batch, so the layer must divide by $N$".
#
# **Predict:** with `grad_output.mean(axis=0)` for the bias, which batch does not show the mistake?

# %%
report = check(
    linear_forward,
    linear_backward,
    instead_of="grad_output.sum(axis=0)",
    write="grad_output.mean(axis=0)",
)
assert causes(report)[0] == "averaged"
assert "N=1" not in report.layers["Linear"].findings[0].cases

# %% [markdown]
# The batch of one, `N=1`, where a mean is a sum. But is the gradient not averaged? It is, and at
# the right place: in the loss. If $L$ is the *mean* of the samples' losses, then each $g_{no}$ that
# arrives here has its factor $1/N$ already. The layer adds up what it is sent, whatever that is. If
# it divided too, the gradient would be too small by another $N$. And if the loss were a *sum*, it
# would be wrong from the start.
#
# The test: show the batch twice. Under a mean nothing changes, under a sum the gradient doubles.
# Our layer does both without knowing which loss it serves.

# %%
target = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def grad_of_weight(X, target, divide_by):
    """Return dL/dW for L = sum of (y - target)^2 / divide_by."""
    y, cache = linear_forward(X, W, b)
    return linear_backward(2 * (y - target) / divide_by, cache)[1]


twice, target_twice = np.concatenate([X, X]), np.concatenate([target, target])
mean, mean_twice = grad_of_weight(X, target, 3), grad_of_weight(twice, target_twice, 6)
total, total_twice = grad_of_weight(X, target, 1), grad_of_weight(twice, target_twice, 1)
print("mean:", mean[0], "the batch twice:", mean_twice[0])
print("sum: ", total[0], "the batch twice:", total_twice[0])
np.testing.assert_allclose(mean_twice, mean)
np.testing.assert_allclose(total_twice, 2 * total)

# %% [markdown]
# ## 6. It learns
#
# A layer that is right can be trained. Twenty points on a plane, 200 steps downhill, ours and
# PyTorch's side by side.

# %%
rng = np.random.default_rng(0)
points = rng.normal(size=(20, 3))
heights = points @ np.array([[1.0, -2.0, 0.5]]).T + 3

weight, bias = np.zeros((1, 3)), np.zeros(1)
theirs = torch.nn.Linear(3, 1, dtype=torch.float64)
torch.nn.init.zeros_(theirs.weight)
torch.nn.init.zeros_(theirs.bias)
optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1)

for _ in range(200):
    y, cache = linear_forward(points, weight, bias)
    _, grad_weight, grad_bias = linear_backward(2 * (y - heights) / len(points), cache)
    weight, bias = weight - 0.1 * grad_weight, bias - 0.1 * grad_bias

    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(theirs(torch.from_numpy(points)), torch.from_numpy(heights))
    loss.backward()
    optimizer.step()

difference = np.abs(weight - theirs.weight.detach().numpy()).max()
print("ours:   ", weight.round(4), bias.round(4))
print("largest difference to PyTorch's weight:", difference)
np.testing.assert_allclose(weight, [[1, -2, 0.5]], atol=1e-6)
np.testing.assert_allclose(bias, [3], atol=1e-6)
assert difference < 1e-12

# %% [markdown]
# It finds $w = (1, -2, 0.5)$ and $b = 3$, by the same steps as PyTorch.
#
# ## 7. Why a product, and not the loops of lesson 1?
#
# Both do the same multiplications. But a matrix product goes to a library (BLAS) that keeps the
# processor's arithmetic units busy, while a loop in Python spends nearly all its time on finding
# out what to do next.

# %%
big_x, big_g = rng.normal(size=(64, 64)), rng.normal(size=(64, 32))

start = time.perf_counter()
by_loops = np.zeros((32, 64))
for n, o, i in np.ndindex(64, 32, 64):
    by_loops[o, i] += big_g[n, o] * big_x[n, i]
loops = time.perf_counter() - start

start = time.perf_counter()
for _ in range(100):
    by_product = big_g.T @ big_x
product = (time.perf_counter() - start) / 100

print(f"loops: {1e3 * loops:.1f} ms, product: {1e3 * product:.3f} ms, {loops / product:.0f} times")
np.testing.assert_allclose(by_loops, by_product, rtol=1e-10, atol=1e-12)

# %% [markdown]
# This is minigrad's own backward pass, from `minigrad/functions/linear.py`. You can read it now.

# %%
print(inspect.getsource(minigrad.functions.linear.Linear.backward))

# %% [markdown]
# Two things are new. `needs_input_grad` says which gradients anybody wants: the first layer of a
# network does not need `grad_x`, for nobody trains the pixels, and so that product is not computed.
# And `reshape(-1, ...)` lets the samples have more than one axis, which is your turn.
#
# ## Your turn
#
# PyTorch's `Linear` takes arrays of any number of axes, $(\dots, \text{in})$: a sentence is (words,
# features), a batch of sentences (N, words, features). The first reports above said so in a note:
# *PyTorch also takes: 1-D input, 3-D input*. Change `linear_backward` so that the note disappears.
# Which of the three lines must change?
#
# <details><summary>Solution</summary>
#
# `grad_x` works on the last axis alone and stays. The other two sum over all samples, so all axes
# but the last are first made one.
#
# ```python
# def linear_backward(grad_output, cache):
#     x, weight, bias = cache
#     rows = grad_output.reshape(-1, grad_output.shape[-1])
#     grad_x = grad_output @ weight
#     grad_weight = rows.T @ x.reshape(-1, x.shape[-1])
#     grad_bias = None if bias is None else rows.sum(axis=0)
#     return grad_x, grad_weight, grad_bias
#
#
# report = check(linear_forward, linear_backward)
# assert report.passed
# assert causes(report) == []
# ```
#
# </details>
#
# ## Three questions
#
# **1.** Why does `backward` need `x` for the gradient of the weight, and the weight for the
# gradient of `x`, and neither for that of the bias?
#
# <details><summary>Answer</summary>
#
# Because $y$ contains the products $w_{oi} x_{ni}$, and the local derivative of a product with
# respect to one factor is the other factor. The bias is only added: its local derivative is 1. That
# is why a layer must keep its input until the backward pass, which is most of the memory that
# training takes.
#
# </details>
#
# **2.** To test a layer somebody takes $L = $ the sum of all $y_{no}$. What is $G$ then, and which
# mistakes can this test never find?
#
# <details><summary>Answer</summary>
#
# All ones. Then a backward pass that ignores `grad_output`, or reads its rows or columns in the
# wrong order, gives the same as the right one. That is why the checker sends random numbers. More
# of this in lesson 6.
#
# </details>
#
# **3.** Two linear layers without biases, one after the other, with nothing in between:
# $Y = (X A^\top) B^\top$. By the three lines, what is the gradient of $A$? And what can the two
# learn that one layer cannot?
#
# <details><summary>Answer</summary>
#
# The second layer sends $G B$ back to its input, so the gradient of $A$ is
# $(G B)^\top X = B^\top G^\top X$. And the two can learn nothing more: one layer with the weight
# $B A$ gives the same $Y$ for every $X$. It takes something in between that is not linear: [lesson
# 3](3_relu_log_softmax_and_nll.ipynb).
#
# </details>
