# %% [markdown]
# # Lesson 5: max-pool, ties and kinks
#
# A max-pool keeps the largest number of each window and drops the others. Its gradient is the
# simplest of all layers, except where two numbers are equally large: there it has no derivative at
# all, and yet every framework returns one. You will write the layer, see what can be right where
# nothing is differentiable, and find out how often that happens in a real network.
#
# You need lesson 1 (gradients add up) and lesson 4 (windows over an image). About forty minutes.

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad
from experiments.digits import Digits
from experiments.figures import BLUE, GREY, RED
from experiments.lessons.checked import causes, check
from experiments.lessons.pictures import heat_maps
from pt_reference.networks import cnn

# %% [markdown]
# ## 1. What a max-pool does
#
# A window of $k \times k$ pixels is laid on the image, and moved by $s$ pixels at a time, its
# *stride*. Each place of the window gives one number, the largest in it:
#
# $$y_{ij} = \max_{u,\,v}\; x_{si+u,\;sj+v} \qquad u, v = 0, \dots, k-1$$
#
# It treats every image of the batch and every channel alike, so we leave these two indices out.
# If nothing else is said, $s = k$: the windows lie side by side.
#
# **Predict:** the four numbers that come out of the next image, with $k = s = 2$.

# %%
x = np.array(
    [
        [1.0, 3.0, 2.0, 0.0],
        [4.0, 2.0, 1.0, 5.0],
        [0.0, 1.0, 3.0, 2.0],
        [2.0, 0.0, 1.0, 1.0],
    ]
)
y = x.reshape(2, 2, 2, 2).max(axis=(1, 3))  # axes: window's row, row in it, column, column in it
heat_maps({"x": x, "y": y}, signed=False)
plt.show()
assert y.tolist() == [[4, 5], [2, 3]]

# %% [markdown]
# ## 2. Who gets the gradient
#
# Look at the first window alone: $y = \max(1, 3, 4, 2) = 4$. The derivative by a pixel says how
# much $y$ moves when that pixel is moved a little. So let us move each by 0.01.
#
# **Predict:** the four quotients.

# %%
window = np.array([1.0, 3.0, 4.0, 2.0])
h = 0.01
quotients = [(np.max(window + h * np.eye(4)[k]) - np.max(window)) / h for k in range(4)]
print("change of y / change of the pixel:", np.round(quotients, 6))
assert np.allclose(quotients, [0, 0, 1, 0])

# %% [markdown]
# The winner takes its change to $y$ undiminished; a loser that is moved a little is still a loser.
# With $w(i, j)$ for the place of the winner of window $(i, j)$:
#
# $$\frac{\partial y_{ij}}{\partial x_{ab}} =
# \begin{cases} 1 & (a, b) = w(i, j) \\ 0 & \text{otherwise} \end{cases}$$
#
# With the upstream gradient $g_{ij} = \partial L / \partial y_{ij}$, the chain rule adds up over
# all windows:
#
# $$\frac{\partial L}{\partial x_{ab}} = \sum_{i,j} g_{ij} \frac{\partial y_{ij}}{\partial x_{ab}}
# = \sum_{(i,j)\,:\;w(i,j) = (a,b)} g_{ij}$$
#
# In words: **each window hands its whole gradient to its winner, and a pixel collects from all the
# windows that it wins.**
#
# ## 3. The layer, at first sight
#
# The batch and the channels come back: `x` is (N, C, H, W). A window that would stick out at the
# end is left out, so there are $\lfloor (H - k)/s \rfloor + 1$ of them down the image.
#
# Backward has to find the winners again. The first idea: a winner is a pixel that equals $y$.


# %%
def max_pool2d_forward(x, kernel_size, stride=None):
    k, s = kernel_size, stride or kernel_size
    n, c, h, w = x.shape
    y = np.empty((n, c, (h - k) // s + 1, (w - k) // s + 1), x.dtype)
    for i, j in np.ndindex(y.shape[2:]):
        y[:, :, i, j] = x[:, :, s * i : s * i + k, s * j : s * j + k].max(axis=(2, 3))
    return y, (x, y, k, s)


def max_pool2d_backward(grad_output, cache):
    x, y, k, s = cache
    grad_input = np.zeros_like(x)
    for i, j in np.ndindex(y.shape[2:]):
        window = np.s_[:, :, s * i : s * i + k, s * j : s * j + k]
        is_winner = x[window] == y[:, :, i, j, None, None]  # (N, C, k, k)
        grad_input[window] += is_winner * grad_output[:, :, i, j, None, None]
    return grad_input


report = check(max_pool2d_forward, max_pool2d_backward)
assert not report.passed
assert causes(report)[0] == "ties"
assert len(report.layers["MaxPool2d"].findings[0].cases) == 3

# %% [markdown]
# In a terminal it is `minigrad check max_pool2d.py`. Read the report from the top:
#
# * *68 checks, 1 error*: nearly everything is right. What was skipped belongs to options that we
#   left out.
# * *hint*: of several equal maxima all are paid, and the gradient grows.
# * *seen in* is the clue to remember: 3 of 21 cases, with names such as "ties" and "all equal".
#   On random numbers, which is all that most tests try, this layer is right.
# * *smallest*: a single window of four zeros. One gradient came in, four went out.
# * *Notes* cost nothing. One says that with NaN the layer goes another way than PyTorch.
#
# So what should a window do whose largest number occurs twice?
#
# ## 4. Where there is no derivative
#
# Take a window of two, $y = \max(a, 1)$, and move $a$.

# %%
figure, axes = plt.subplots(figsize=(5.6, 3.4), layout="constrained")
a = np.linspace(0, 2, 201)
axes.fill_between(
    a, np.where(a < 1, a, 1), np.where(a < 1, 1, a), color=GREY, alpha=0.15, linewidth=0,
    label="between the two slopes",
)  # fmt: skip
axes.plot(a, np.maximum(a, 1), color=BLUE, linewidth=3, label="y = max(a, 1)")
for slope in (0, 0.25, 0.5, 0.75, 1):
    axes.plot(a, 1 + slope * (a - 1), color=RED, linewidth=0.9, linestyle="--")
axes.plot(1, 1, "o", color=RED, label="the kink, and five lines of slope 0 to 1")
axes.set(xlabel="a", ylabel="y", ylim=(0, 2))
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, loc="upper left")
plt.show()

# %% [markdown]
# To the left of 1 the slope is 0, to the right it is 1, and at 1 itself there is neither a slope
# nor a derivative. Such a place is a *kink*.
#
# All is not lost. A max is a *convex* function: it lies above every line that touches it from
# below. At a smooth point there is only one such line, the tangent. At the kink there are many, and
# the slope of each is called a **subgradient**. For a function of several numbers, $v$ is a
# subgradient at $x$ if
#
# $$f(x + d) \;\ge\; f(x) + v \cdot d \qquad \text{for every } d$$
#
# Take $f = \max(a, b)$ at $a = b = 1$, and four candidates for the gradient.
#
# **Predict:** which of them are subgradients?

# %%
rng = np.random.default_rng(0)
tie = np.array([1.0, 1.0])
directions = rng.normal(size=(1000, 2))
moved = (tie + directions).max(axis=1)
is_subgradient = {}
for name, v in {
    "the first takes all": (1, 0),
    "the last takes all": (0, 1),
    "shared equally": (0.5, 0.5),
    "each is paid in full": (1, 1),
}.items():
    bound = tie.max() + directions @ np.array(v)
    is_subgradient[name] = bool((moved >= bound - 1e-12).all())
    print(f"{name:21} {v!s:11} subgradient: {is_subgradient[name]}")
assert list(is_subgradient.values()) == [True, True, True, False]

# %% [markdown]
# Three are right, and the choice between them is a convention. The fourth is no convention, it is
# a mistake: raise both $a$ and $b$ by 0.1, and $y$ grows by 0.1, while $(1, 1)$ promises 0.2.
# The rule for a max is that **the parts are not negative and add up to 1**.
#
# PyTorch makes different choices in different places. Its max-pool takes the first of equals, row
# by row; `amax` shares.

# %%
ones = torch.ones(4, requires_grad=True)
zero = torch.zeros(1, requires_grad=True)
choices = {
    "max_pool2d of 1, 1, 1, 1": (torch.max_pool2d(ones.view(1, 1, 2, 2), 2), ones, [1, 0, 0, 0]),
    "max(dim=0)": (ones.max(dim=0).values, ones, [1, 0, 0, 0]),
    "amax()": (ones.amax(), ones, [0.25, 0.25, 0.25, 0.25]),
    "relu at 0": (torch.relu(zero), zero, [0]),
    "maximum(x, 0) at 0": (torch.maximum(zero, torch.zeros(1)), zero, [0.5]),
    "clamp(min=0) at 0": (zero.clamp(min=0), zero, [1]),
}
for name, (value, of, expected) in choices.items():
    (gradient,) = torch.autograd.grad(value.sum(), of)
    print(f"{name:25} {gradient.tolist()}")
    assert gradient.tolist() == expected

# %% [markdown]
# The last three are the same function, $\max(x, 0)$, with three derivatives at 0: and all of them
# lie between the slopes 0 and 1.
#
# ## 5. Does that ever happen, and does it matter?
#
# Two random real numbers are never equal. But pixels are no random numbers: those of Digits are
# whole numbers from 0 to 16, and most of the border is 0. Let us count the windows whose largest
# number occurs twice or more: in the images themselves, and where the assignment's network pools,
# after its first and its second convolution.
#
# **Predict:** three percentages.


# %%
def windows_of(images):
    n, c, h, w = images.shape
    windows = images.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5)
    return windows.reshape(n, c, h // 2, w // 2, 4)


def images_of(windows):  # the way back
    n, c, h, w, _ = windows.shape
    images = windows.reshape(n, c, h, w, 2, 2).transpose(0, 1, 2, 4, 3, 5)
    return images.reshape(n, c, 2 * h, 2 * w)


def is_largest(windows):
    return windows == windows.max(axis=-1, keepdims=True)


minigrad.manual_seed(0)
network = cnn(minigrad.nn)
images = network[0](minigrad.tensor(Digits("train").data))
first = network[1](images)
second = network[3](network[2](first))
share = {}
for place, tensor in {
    "in the images": images,
    "after the first convolution": first,
    "after the second convolution": second,
}.items():
    tied = is_largest(windows_of(tensor.detach().numpy())).sum(axis=-1) > 1
    share[place] = tied.mean()
    print(f"{place:29} {100 * share[place]:5.1f} % of the windows are tied")
assert share["in the images"] > 0.4
assert 0.08 < share["after the first convolution"] < 0.1
assert share["after the second convolution"] < 0.001

# %% [markdown]
# Four in ten windows of the images; one in eleven after the first convolution, with real-valued
# weights! Where a patch of the image is blank, or the same as its neighbour, the convolution
# gives the same number twice. After the second layer the patches have become so large that no
# two in a window are alike.
#
# So with another rule a tenth of the first pool's gradients goes to other pixels. We send a random
# gradient through this pool by three rules, and on through the convolution to its weights.
#
# **Predict:** how far is the weights' gradient from that of "the first takes all"?

# %%
windows = windows_of(first.detach().numpy())
largest = is_largest(windows)
rules = {
    "the first takes all": largest & (largest.cumsum(axis=-1) == 1),
    "the last takes all": largest & (largest[..., ::-1].cumsum(axis=-1)[..., ::-1] == 1),
    "each is paid in full": largest,
}
grad_output = np.random.default_rng(0).normal(size=(*windows.shape[:-1], 1))
gradients = {}
for name, rule in rules.items():
    network[1].weight.grad = None
    upstream = minigrad.tensor(images_of(rule * grad_output), dtype=minigrad.float32)
    first.backward(upstream, retain_graph=True)
    gradients[name] = network[1].weight.grad.numpy()
reference = gradients["the first takes all"]
far = {
    name: np.abs(gradient - reference).max() / np.abs(reference).max()
    for name, gradient in gradients.items()
}
for name, distance in far.items():
    print(f"{name:21} {distance:.1e} of the largest element")
assert far["the last takes all"] < 1e-5
assert 0.005 < far["each is paid in full"] < 0.02

# %% [markdown]
# The last may as well take all: that is rounding. Why does it not matter who wins?
#
# <details><summary>Answer</summary>
#
# Two outputs of a convolution tie because their patches are the same. The kernel's gradient is
# $g$ times the patch of the winner (lesson 4), and the patches of both are the same numbers.
#
# </details>
#
# This is luck of this place in this network: whatever lies before the pool and has weights of its
# own for each pixel would notice. PyTorch's rule costs nothing, so minigrad keeps it everywhere.
# To pay everybody, however, is wrong, here by a hundredth, and no test with random numbers sees it.
#
# ## 6. The layer, with a winner
#
# There has to be one winner, and forward knows who it is. So forward remembers it, and backward
# needs nothing else: not the pixels, not even $y$.


# %%
def max_pool2d_forward(x, kernel_size, stride=None):
    k, s = kernel_size, stride or kernel_size
    n, c, h, w = x.shape
    y = np.empty((n, c, (h - k) // s + 1, (w - k) // s + 1), x.dtype)
    winner = np.empty(y.shape, int)  # which of the k * k pixels, counted row by row
    for i, j in np.ndindex(y.shape[2:]):
        window = x[:, :, s * i : s * i + k, s * j : s * j + k].reshape(n, c, k * k)
        winner[:, :, i, j] = window.argmax(axis=2)
        y[:, :, i, j] = window.max(axis=2)
    return y, (winner, x.shape, k, s)


def max_pool2d_backward(grad_output, cache):
    winner, shape, k, s = cache
    grad_input = np.zeros(shape, grad_output.dtype)
    for n, c, i, j in np.ndindex(grad_output.shape):
        u, v = divmod(winner[n, c, i, j], k)
        grad_input[n, c, s * i + u, s * j + v] += grad_output[n, c, i, j]
    return grad_input


report = check(max_pool2d_forward, max_pool2d_backward)
assert report.passed

# %% [markdown]
# Where does this code say that the *first* of equals wins?
#
# <details><summary>Answer</summary>
#
# Nowhere in so many words: `np.argmax` returns the first index at which the maximum occurs, and
# `reshape` has put the window's pixels in order, row by row.
#
# </details>
#
# Now on a real digit. We draw an upstream gradient at random, for a random one hides nothing (the
# next lesson shows what one of ones would hide).
#
# **Predict:** how many pixels of the last picture are not 0?

# %%
digit = Digits("train").data[3].reshape(1, 1, 8, 8).astype(float)
pooled, cache = max_pool2d_forward(digit, 2)
grad_output = rng.normal(size=pooled.shape)
grad_input = max_pool2d_backward(grad_output, cache)
heat_maps({"x": digit[0, 0], "y": pooled[0, 0]}, signed=False)
heat_maps({"gradient of y": grad_output[0, 0], "gradient of x": grad_input[0, 0]})
plt.show()
assert np.count_nonzero(grad_input) == 16  # one for each window
assert np.isclose(grad_input.sum(), grad_output.sum())  # handed on, neither more nor less

# %% [markdown]
# Sixteen of 64. Find a window of zeros in the first picture, at the left edge, and its winner in
# the last one: the upper left of the four, the first of equals.
#
# ## 7. Break it: windows that overlap
#
# With $k = 2$ and $s = 1$ a pixel lies in up to four windows, and may win them all. Lesson 1's rule
# is then due: gradients of the same number add up.
#
# **Predict:** the gradient of the 9.

# %%
peak = np.array([[[[1.0, 2.0, 3.0], [2.0, 9.0, 1.0], [0.0, 1.0, 4.0]]]])
_, cache = max_pool2d_forward(peak, 2, stride=1)
grad_output = np.array([[[[1.0, 10.0], [100.0, 1000.0]]]])
grad_input = max_pool2d_backward(grad_output, cache)
print(grad_input[0, 0])
assert grad_input[0, 0, 1, 1] == 1111

# %% [markdown]
# The `+=` in backward does it. What does the check say if we forget it?

# %%
report = check(
    max_pool2d_forward, max_pool2d_backward, instead_of="s * j + v] +=", write="s * j + v] ="
)
assert not report.passed
assert causes(report)[0] == "overwritten_not_added"
assert len(report.layers["MaxPool2d"].findings[0].cases) == 3

# %% [markdown]
# *look in* says which half is wrong: backward is held against differences of your own forward, and
# does not fit it. *seen in*: again 3 of 21 cases, and each has "overlap" in its name. In the
# *smallest* one a pixel wins two windows, and only one of the two gradients has arrived.
#
# And if the last of equals wins? Turn the window around, and count from its end:

# %%
report = check(
    max_pool2d_forward,
    max_pool2d_backward,
    instead_of="window.argmax(axis=2)",
    write="k * k - 1 - window[..., ::-1].argmax(axis=2)",
)
assert report.passed
assert "convention:ties" in causes(report)

# %% [markdown]
# It passes, with a note: another subgradient is another convention, and no mistake.
#
# ## 8. Differences on a kink
#
# A gradient is usually checked with differences, which is the next lesson. On a kink that fails.
# Here is the window of four ones. Each derivative is found from
# $(f(x + h) - f(x - h)) / 2h$: upwards $y$ follows, downwards it does not, since the three others
# hold it.
#
# **Predict:** the four quotients.

# %%
window, h = np.ones(4), 1e-6
quotients = [
    (np.max(window + h * np.eye(4)[k]) - np.max(window - h * np.eye(4)[k])) / (2 * h)
    for k in range(4)
]
print("by differences:", np.round(quotients, 6))
assert np.allclose(quotients, 0.5)

# %% [markdown]
# One half each: the mean of the slopes on both sides. They add up to 2, so this is not even a
# subgradient. A checker that compares with it blames a layer that is right, and PyTorch's own
# `torch.autograd.gradcheck` does so. minigrad's looks at both sides, skips such a derivative where
# backward's value lies between the two slopes, and says how many it skipped.

# %%
ones = minigrad.ones(1, 1, 2, 2, dtype=minigrad.float64, requires_grad=True)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    assert minigrad.gradcheck(lambda x: minigrad.nn.functional.max_pool2d(x, 2), ones)
print(caught[0].message)

ones = torch.ones(1, 1, 2, 2, dtype=torch.float64, requires_grad=True)
passes = torch.autograd.gradcheck(lambda x: torch.max_pool2d(x, 2), ones, raise_exception=False)
print("torch.autograd.gradcheck says", passes)
assert "4 on a kink" in str(caught[0].message)
assert not passes

# %% [markdown]
# ## Your turn: padding
#
# Give `max_pool2d_forward` a fourth argument, `padding=0`: so many pixels are put on each side of
# the image, and they must never win. Which number has to stand in them? (Not 0: think of a
# window whose real pixels are all negative.) And where does the gradient of $x$ lie in that of the
# padded image? `check` is the judge.
#
# <details><summary>Solution</summary>
#
# ```python
# def max_pool2d_forward(x, kernel_size, stride=None, padding=0):
#     k, s, p = kernel_size, stride or kernel_size, padding
#     n, c, h, w = x.shape
#     padded = np.full((n, c, h + 2 * p, w + 2 * p), -np.inf, x.dtype)
#     padded[:, :, p : p + h, p : p + w] = x
#     y = np.empty((n, c, (h + 2 * p - k) // s + 1, (w + 2 * p - k) // s + 1), x.dtype)
#     winner = np.empty(y.shape, int)
#     for i, j in np.ndindex(y.shape[2:]):
#         window = padded[:, :, s * i : s * i + k, s * j : s * j + k].reshape(n, c, k * k)
#         winner[:, :, i, j] = window.argmax(axis=2)
#         y[:, :, i, j] = window.max(axis=2)
#     return y, (winner, x.shape, k, s, p)
#
#
# def max_pool2d_backward(grad_output, cache):
#     winner, (*batch, h, w), k, s, p = cache
#     padded = np.zeros((*batch, h + 2 * p, w + 2 * p), grad_output.dtype)
#     for n, c, i, j in np.ndindex(grad_output.shape):
#         u, v = divmod(winner[n, c, i, j], k)
#         padded[n, c, s * i + u, s * j + v] += grad_output[n, c, i, j]
#     return padded[:, :, p : p + h, p : p + w]
#
#
# report = check(max_pool2d_forward, max_pool2d_backward)
# assert report.passed
# ```
#
# One odd case is left, and the check mentions it in a note: where a window's real pixels are all
# $-\infty$ themselves, they tie with the padding, and here the padding is first. In PyTorch the
# first real pixel wins.
#
# </details>
#
# ## Three questions
#
# **1.** In a network of convolution and $2 \times 2$ max-pool, three quarters of the convolution's
# outputs get the gradient 0 in each step. Are three quarters of its weights then not trained?
#
# <details><summary>Answer</summary>
#
# No. The weights are shared: one kernel makes all the outputs of its channel, the winners among
# them, and its gradient is the sum over all places (lesson 4). The losers add 0 to this sum, and in
# every window some output of each channel wins: every kernel is trained in every step.
#
# </details>
#
# **2.** A correct max-pool with windows side by side, whose size divides the image: what can be
# said of the sum of all elements of `grad_input`, without looking at `x`? Which of this
# lesson's two broken layers does this test find?
#
# <details><summary>Answer</summary>
#
# It is the sum of `grad_output`, for each window hands on its whole gradient, whoever wins. That
# even holds where windows overlap. The layer that pays everybody fails wherever there is a tie
# (the sum is too large, if all upstream gradients are positive); the one without `+=` fails
# wherever a pixel wins twice (too small). Neither fails on random numbers and windows side by side.
#
# </details>
#
# **3.** A window is 2, 2 - 0.0000001, 0, 0. There is no tie. Yet differences with
# the step $h = 10^{-6}$ do not find the gradient (1, 0, 0, 0). What do they find for the first
# pixel, and what can you do?
#
# <details><summary>Answer</summary>
#
# Downwards, the first pixel falls below the second after a tenth of the step, and $y$ stops there:
# $f(x + h) - f(x - h) = 10^{-6} + 10^{-7}$, so the quotient is 0.55 instead of 1. The step has
# jumped over the kink. Compare the winners at $x + h$ and $x - h$, and skip the derivative if they
# differ; or take inputs whose numbers are well apart, such as a shuffled
# 0, 1, 2, ...; or a shorter step, which costs digits (lesson 6).
#
# </details>

# %%
near = np.array([2.0, 2.0 - 1e-7, 0.0, 0.0])
step = 1e-6 * np.eye(4)[0]
assert np.isclose((np.max(near + step) - np.max(near - step)) / 2e-6, 0.55)

# %% [markdown]
# Lesson 6 checks gradients: how long a step should be, why in float64, and what a gradient check
# cannot see.
