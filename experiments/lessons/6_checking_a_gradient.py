# %% [markdown]
# # Lesson 6: checking a gradient
#
# You have derived a gradient on paper and typed it in. Is it right? A network with a wrong gradient
# often still learns, only worse, so the loss does not tell. But there is a judge who needs no
# derivation at all: the function itself. Move a number a little, and see what the result does.
#
# In this lesson you build that judge, find out how long its steps should be and why it works in
# float64, and see what it is blind to. You need log-softmax (lesson 3). About forty-five minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad
from experiments.digits import Digits
from experiments.figures import BLUE, GREY, RED
from experiments.lessons.checked import causes, check
from pt_reference.networks import classifier, mlp

# %% [markdown]
# ## 1. Two quotients
#
# The derivative is defined by a limit, $f'(x) = \lim_{h \to 0} (f(x + h) - f(x)) / h$. Take an $h$
# that is small and not 0, and you have the *forward difference*. How far is it from $f'$? Taylor's
# series says
#
# $$f(x + h) = f(x) + h f'(x) + \tfrac{h^2}{2} f''(x) + \tfrac{h^3}{6} f'''(x) + \dots$$
#
# so that
#
# $$\frac{f(x + h) - f(x)}{h} = f'(x) + \tfrac{h}{2} f''(x) + \dots$$
#
# It is wrong by a multiple of $h$. Now step to both sides. In $f(x + h) - f(x - h)$ all even terms
# cancel:
#
# $$\frac{f(x + h) - f(x - h)}{2h} = f'(x) + \tfrac{h^2}{6} f'''(x) + \dots$$
#
# This *central difference* costs one more evaluation, and is wrong by a multiple of $h^2$ only. Let
# us try both on $f = \exp$ at 1, where $f'(1) = e$.
#
# **Predict:** we make the step ten times shorter. By what factor does each error shrink?

# %%
errors = {}
for h in (0.1, 0.01, 0.001):
    forward = (np.exp(1 + h) - np.exp(1)) / h - np.e
    central = (np.exp(1 + h) - np.exp(1 - h)) / (2 * h) - np.e
    errors[h] = forward, central
    print(f"h = {h:<6} error of the forward difference {forward:.1e}, of the central {central:.1e}")
ratios = np.divide(errors[0.01], errors[0.001])
assert np.allclose(ratios, [10, 100], rtol=0.01)

# %% [markdown]
# By 10 and by 100. So take $h = 10^{-15}$, and the error is nothing?
#
# ## 2. How long is a good step?
#
# A computer knows $f$ to a few digits only: about 16 in float64, 7 in float32. The difference of
# two nearly equal numbers has lost most of them, and the division by $2h$ blows up what is
# wrong with the rest:
#
# $$\text{error} \approx \underbrace{\tfrac{h^2}{6} |f'''|}_{\text{curvature}} +
# \underbrace{\frac{\varepsilon\,|f|}{h}}_{\text{rounding}}
# \qquad \varepsilon \approx 10^{-16} \text{ or } 10^{-7}$$
#
# The first term wants a short step, the second a long one. They meet where
# $h^3 \approx \varepsilon$.
#
# **Predict:** the best $h$ in float64, and in float32; and how good it gets there, $h^2$.
#
# We look at the layer of lesson 3. A row $x$ becomes $y = \text{log-softmax}(x)$; an upstream
# gradient $g$ makes one number of it, $L = \sum_k g_k y_k$; and the formula says
# $\partial L / \partial x_j = g_j - p_j \sum_k g_k$ with $p = e^y$.


# %%
def log_softmax_forward(x, dim=1):
    shifted = x - x.max(axis=dim, keepdims=True)
    y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
    return y, (y, dim)


def log_softmax_backward(grad_output, cache):
    y, dim = cache
    return grad_output - np.exp(y) * grad_output.sum(axis=dim, keepdims=True)


def numerical(f, x, h, central=True):
    """Return the gradient of f, a number made of the array x, by differences."""
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += h
        if central:
            below[i] -= h
        gradient[i] = (f(above) - f(below)) / (above[i] - below[i])
    return gradient


rng = np.random.default_rng(0)
x, g = rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
exact = log_softmax_backward(g, log_softmax_forward(x)[1])
steps = 10.0 ** np.arange(0, -14, -0.5)
error = {}
for dtype in ("float64", "float32"):
    x_, g_ = x.astype(dtype), g.astype(dtype)

    def loss(x, g=g_):
        return (g * log_softmax_forward(x)[0]).sum()

    for central in (True, False):
        error[dtype, central] = np.array(
            [
                np.abs(numerical(loss, x_, np.dtype(dtype).type(h), central) - exact).max()
                for h in steps
                if h > np.finfo(dtype).eps  # a shorter one would be lost in x
            ]
        )

# %%
figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
for (dtype, central), values in error.items():
    axes.loglog(
        steps[: len(values)],
        values,
        color=BLUE if dtype == "float64" else RED,
        linestyle="-" if central else ":",
        label=f"{dtype}, {'central' if central else 'forward'}",
    )
    best = values.argmin()
    axes.plot(steps[best], values[best], "o", color=BLUE if dtype == "float64" else RED)
axes.axhline(0.01, color=GREY, linewidth=0.8)
axes.text(1e-10, 0.013, "one per cent", color=GREY)
axes.set(xlabel="step h", ylabel="largest error of a derivative")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
plt.show()

for (dtype, central), values in error.items():
    kind = "central" if central else "forward"
    print(f"{dtype}, {kind}: best {values.min():.0e}, with h = {steps[values.argmin()]:.0e}")
best = {key: (steps[values.argmin()], values.min()) for key, values in error.items()}
assert 1e-6 < best["float64", True][0] < 1e-4
assert best["float64", True][1] < 1e-9
assert 1e-3 < best["float32", True][0] < 1e-1
assert best["float32", True][1] > 1e-6

# %% [markdown]
# Each curve is a V. From the right it comes down with slope 2 (central) or 1 (forward): that is
# curvature. To the left it climbs again: that is rounding, and it jitters, as rounding does.
#
# * In float64 a central difference with $h \approx 10^{-5}$ is right to ten digits or so.
# * In float32 the best step is between $10^{-2}$ and $10^{-1}$, and four or five digits are the
#   most one gets. With the $10^{-5}$ that was right in float64, the error is larger than one per
#   cent.
#
# So **check in float64**, whatever you train in. The formula is the same; and a mistake in a
# formula is a matter of per cents and not of digits. The gap between the two, from $10^{-10}$ to
# $10^{-2}$, is what makes the check so sure.

# %%
at = np.isclose(steps, 1e-5).argmax()
assert error["float64", True][at] < 1e-9
assert error["float32", True][at] > 0.01

# %% [markdown]
# ## 3. The judge
#
# A layer has more than one output. Should we hold the whole table $\partial y_k / \partial x_j$
# against differences? It is cheaper to ask exactly what backward is asked in training. Draw an
# upstream gradient $g$; then $L = \sum g_k y_k$ is a single number, and backward claims to know its
# gradient.


# %%
def gap(forward, backward, x, grad_output, h=1e-5):
    """Return how far backward is from differences, relative to the largest derivative."""
    _, cache = forward(x)
    analytical = backward(grad_output, cache)
    by_differences = numerical(lambda x: (grad_output * forward(x)[0]).sum(), x, h)
    scale = max(np.abs(analytical).max(), np.abs(by_differences).max())
    return np.abs(analytical - by_differences).max() / scale


print(f"log-softmax is off by {gap(log_softmax_forward, log_softmax_backward, x, g):.0e}")
assert gap(log_softmax_forward, log_softmax_backward, x, g) < 1e-8

# %% [markdown]
# The division by the *largest* derivative is on purpose. If each derivative were compared with
# itself, one that is nearly 0 would be "wrong by 30 per cent" from rounding alone.
#
# ## 4. Break it, and choose the wrong upstream gradient
#
# The simplest $g$ is all ones: it is what `y.sum().backward()` sends, and many a test does just
# that. Here is a backward with a mistake. Where the sum of $g$ belongs, it has the number of
# classes.


# %%
def wrong_backward(grad_output, cache):
    y, dim = cache
    return grad_output - np.exp(y) * grad_output.shape[dim]


# %% [markdown]
# **Predict:** how far is it off with ones, how far with random numbers?

# %%
off_with_ones = gap(log_softmax_forward, wrong_backward, x, np.ones_like(x))
off_with_random = gap(log_softmax_forward, wrong_backward, x, g)
print(f"with ones {off_with_ones:.0e}, with random numbers {off_with_random:.0e}")
assert off_with_ones < 1e-8
assert off_with_random > 0.1

# %% [markdown]
# With ones the sum *is* the number of classes. It can be worse. Softmax itself has outputs that add
# up to 1, so with $g = 1$ the loss is $L = 1$ whatever $x$ is, and its gradient is 0.


# %%
def softmax_forward(x):
    p = np.exp(x - x.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p, p


def numerical_gradient_of_softmax(g):
    return numerical(lambda x: (g * softmax_forward(x)[0]).sum(), x, 1e-5)


print(f"ones:   largest derivative {np.abs(numerical_gradient_of_softmax(1)).max():.0e}")
print(f"random: largest derivative {np.abs(numerical_gradient_of_softmax(g)).max():.0e}")
assert np.abs(numerical_gradient_of_softmax(1)).max() < 1e-9
assert np.abs(numerical_gradient_of_softmax(g)).max() > 0.1

# %% [markdown]
# A layer whose backward returns nothing but zeros passes that test, and published courses have
# tested a softmax just so. **Draw the upstream gradient at random**, of both signs, with a
# different number for each output.
#
# What does `minigrad check log_softmax.py` say of our mistake?

# %%
assert check(log_softmax_forward, log_softmax_backward).passed

report = check(
    log_softmax_forward,
    log_softmax_backward,
    instead_of="grad_output.sum(axis=dim, keepdims=True)",
    write="grad_output.shape[dim]",
)
assert not report.passed
assert causes(report) == ["wrong_operand"]

# %% [markdown]
# *hint*: one of the two terms has another factor. *look in*: backward, for it does not fit your own
# forward; that is our `gap`. *smallest*: one row, one class, and an upstream gradient of 0. Where
# nothing arrives nothing may leave, but the broken layer sends $-1$.
#
# ## 5. What differences cannot see
#
# The judge asks whether backward belongs to forward. It does not know what forward *should* be.
# Suppose that the layer normalises over the batch instead of over the classes.
#
# **Predict:** the gap.


# %%
def over_the_batch(x):
    return log_softmax_forward(x, dim=0)


print(f"off by {gap(over_the_batch, log_softmax_backward, x, g):.0e}")
assert gap(over_the_batch, log_softmax_backward, x, g) < 1e-8

# %% [markdown]
# A perfect gradient of the wrong function. For this one needs somebody who knows the right one:
# that is why `minigrad check` has two references, differences and PyTorch.

# %%
report = check(
    log_softmax_forward,
    log_softmax_backward,
    instead_of="shifted = x -",
    write="dim = 0\n    shifted = x -",
)
assert not report.passed
assert causes(report) == ["wrong_axis"]
assert report.layers["LogSoftmax"].findings[0].failure.fits  # backward fits forward

# %% [markdown]
# Now *look in* says: forward. With two references there are four verdicts:
#
# | backward against PyTorch | against differences of your forward | the mistake is |
# | :--- | :--- | :--- |
# | agrees | agrees | none that was found |
# | differs | agrees | in forward: another function, or another convention |
# | differs | differs | in backward |
# | agrees | differs | in the differences: a kink, float32, or a bad step |
#
# ## 6. Kinks
#
# The last row is no theory. ReLU has no derivative at 0, and a step that crosses 0 takes the mean
# of two slopes (lesson 5 has more on it). One unit seldom is so near to 0. But the Digits MLP has
# 288 units with a ReLU, and a batch of 64 digits goes through all of them: 18,432 chances.
#
# Take that network with its first weights, and check 100 weights of its first layer. For each step
# we count for how many of them *any* unit, for any digit, is on one side of its kink at $+h$ and on
# the other at $-h$.
#
# **Predict:** how many of the 100 are disturbed at $h = 0.01$? And at $10^{-5}$?

# %%
digits = Digits("train")
images = minigrad.tensor(digits.data[:64], dtype=minigrad.float64)
labels = minigrad.tensor(digits.targets[:64])
minigrad.manual_seed(0)
model = classifier(mlp(minigrad.nn), minigrad.nn).to(minigrad.float64)
is_on = []
relus = [layer for layer in model.classnet if isinstance(layer, minigrad.nn.ReLU)]
for relu in relus:
    relu.register_forward_hook(lambda layer, args, y: is_on.append(y.detach().numpy() > 0))

model(images, labels).backward()
assert sum(on.size for on in is_on) == 64 * 288 == 18_432

weight = model.classnet[0].weight
gradient = weight.grad.numpy()
alive = np.argwhere(gradient != 0)  # the others belong to pixels that are 0 in all 64 digits
chosen = rng.choice(alive, 100, replace=False)


def loss_at(i, j, value):
    """Return the loss with another weight, and which units are on."""
    is_on.clear()
    with minigrad.no_grad():
        before = weight[i, j].item()
        weight[i, j] = value
        loss = model(images, labels).item()
        weight[i, j] = before
    return loss, np.concatenate([on.ravel() for on in is_on])


disturbed, worst = {}, {}
for h in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7):
    crossed, off = [], []
    for i, j in chosen:
        value = weight[i, j].item()
        (above, on_above), (below, on_below) = loss_at(i, j, value + h), loss_at(i, j, value - h)
        by_differences = (above - below) / (2 * h)
        crossed.append((on_above != on_below).any())
        off.append(abs(by_differences - gradient[i, j]) / abs(gradient[i, j]))
    disturbed[h], worst[h] = sum(crossed), max(off)
    print(f"h = {h:.0e}: {disturbed[h]:3} of 100 cross a kink; the worst is off by {worst[h]:.0e}")
assert disturbed[1e-2] > 75
assert worst[1e-2] > 0.1
assert disturbed[1e-5] == 0
assert worst[1e-5] < 1e-4

# %% [markdown]
# At $h = 0.01$, the best step of float32, nearly all of them cross a kink somewhere, and the worst
# derivative is off by its own size. At $10^{-5}$ none does. That is one more reason for float64:
# it allows steps so short that kinks are rarely met.
#
# They still can be: with a ReLU exactly at 0, or a tie in a max-pool. A careful check then compares
# who was on, or who won, at $x + h$ and at $x - h$, and skips the derivative if that changed.
#
# ## 7. The same with minigrad.gradcheck
#
# `minigrad.gradcheck` is this lesson in one call. Its arguments are those of
# `torch.autograd.gradcheck`. It measures how much rounding there is and takes its tolerance from
# that, takes a second step to see curvature, looks at both sides for kinks, and calls forward and
# backward twice to see whether they are repeatable. Here is another mistake, in a `Function`: $y$
# where $p = e^y$ belongs.


# %%
class LogSoftmax(minigrad.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x - x.exp().sum(dim=1, keepdim=True).log()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad_output):
        (y,) = ctx.saved_tensors
        return grad_output - y * grad_output.sum(dim=1, keepdim=True)


try:
    minigrad.gradcheck(LogSoftmax.apply, minigrad.tensor(x, requires_grad=True))
except RuntimeError as error_found:
    message = str(error_found)
print(message)
assert "The worst is" in message

x_right = minigrad.tensor(x, requires_grad=True)
assert minigrad.gradcheck(lambda x: minigrad.log_softmax(x, dim=1), x_right)

# %% [markdown]
# It looks at the whole table of derivatives, one output at a time, and tells of the one that is
# farthest off: which output by which input, what backward says, what differences say, and how much
# it would have allowed.
#
# ## Your turn: one direction instead of all
#
# `numerical` takes two evaluations for *each* element of $x$. For a million weights that is too
# much. But two are enough to check all elements at once, along one direction $u$ of the size of
# $x$:
#
# $$\frac{L(x + hu) - L(x - hu)}{2h} \approx \sum_j u_j \frac{\partial L}{\partial x_j}$$
#
# Write `gap_along(forward, backward, x, grad_output, u, h=1e-5)`, the difference of the two sides.
# It should be tiny for the right layer and large for `wrong_backward`. Why must $u$ be random?
#
# <details><summary>Solution</summary>
#
# ```python
# def gap_along(forward, backward, x, grad_output, u, h=1e-5):
#     def loss(x):
#         return (grad_output * forward(x)[0]).sum()
#
#     _, cache = forward(x)
#     analytical = (u * backward(grad_output, cache)).sum()
#     by_differences = (loss(x + h * u) - loss(x - h * u)) / (2 * h)
#     return abs(analytical - by_differences)
#
#
# u = rng.normal(size=x.shape)
# assert gap_along(log_softmax_forward, log_softmax_backward, x, g, u) < 1e-8
# assert gap_along(log_softmax_forward, wrong_backward, x, g, u) > 0.01
# ```
#
# A direction of ones would be blind here: to add the same number to a whole row changes nothing in
# a softmax, so both sides would be about 0, for many a wrong backward too. Errors that cancel along
# $u$ stay hidden, so take a few directions. `gradcheck(..., fast_mode=True)` does this.
#
# </details>
#
# ## Three questions
#
# **1.** You check in float64 and train in float32. Why does the check say anything about the
# training? What of float32 does it not see?
#
# <details><summary>Answer</summary>
#
# The code is the same, and so is the formula that it computes; only the digits differ. Not seen are
# faults of the float32 run itself: an overflow ($e^{89}$ is infinite in float32, and a small
# matter in float64), a sum that loses digits, or a layer that casts to another dtype. So compare
# the values in float32 with those in float64 as well, with a tolerance of about $10^{-5}$.
#
# </details>
#
# **2.** In float32, with $h = 10^{-3}$, your check reports a relative error of $3 \cdot 10^{-4}$.
# Is the gradient wrong?
#
# <details><summary>Answer</summary>
#
# One cannot tell. Rounding alone is about $\varepsilon |f| / h = 10^{-7} / 10^{-3} = 10^{-4}$ for
# an $L$ of size 1, and more for a larger one. Repeat it in float64: if the error falls to
# $10^{-9}$, it was rounding; if it stays at $3 \cdot 10^{-4}$, it is a mistake.
#
# </details>
#
# **3.** A layer passes in float64, with ten random inputs and random upstream gradients. Name
# four mistakes that it can still have.
#
# <details><summary>Answer</summary>
#
# It computes another function, consistently (section 5). It is wrong where random numbers never
# are: ties, exact zeros, large logits, an empty batch. It is wrong with options that were not
# tried, such as a stride. It does something besides: it writes into its input, or remembers an
# earlier call. A good check tries all of these; random numbers alone do not.
#
# </details>

# %%
with np.errstate(over="ignore"):
    assert np.isinf(np.exp(np.float32(89)))
assert np.exp(89.0) < 1e39

# %% [markdown]
# Lesson 7 puts a gradient to use: an optimizer, from its formula.
