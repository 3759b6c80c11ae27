# %% [markdown]
# # Lesson 3: ReLU, log-softmax and NLL, and why p minus y
#
# A classifier ends in three steps: a nonlinearity, scores that become probabilities, and a loss
# that says how wrong these are. In this lesson you derive the backward pass of each. Put together,
# the last two collapse into the most beautiful formula of the field: the gradient of the scores is
# *what the network said minus what was true*.
#
# You need [lesson 2](2_linear_by_hand.ipynb). Take an hour.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from experiments.lessons.checked import causes, check
from experiments.lessons.pictures import heat_maps

# %% [markdown]
# ## 1. ReLU: a switch
#
# Two linear layers in a row are one linear layer (lesson 2, question 3). What stands between them
# must not be linear, and the simplest such thing is
#
# $$y = \max(x, 0), \qquad \frac{dy}{dx} = \begin{cases} 1 & x > 0 \\ 0 & x < 0. \end{cases}$$
#
# So on the way back, ReLU is a switch for each number: what arrives passes where $x$ was positive,
# and is stopped where it was negative. At $x = 0$ there is a kink and no derivative. PyTorch says 0
# there.
#
# **Predict:** $x = (-2, 0.5, 0, 3)$, and $(10, 20, 30, 40)$ arrives. What is sent back?


# %%
def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(grad_output, cache):
    x = cache
    return grad_output * (x > 0)


y, cache = relu_forward(np.array([-2.0, 0.5, 0.0, 3.0]))
back = relu_backward(np.array([10.0, 20.0, 30.0, 40.0]), cache)
print("y =", y, " sent back:", back)
assert back.tolist() == [0, 20, 0, 40]

report = check(relu_forward, relu_backward)
assert report.passed

# %% [markdown]
# And with `>=`? That is another choice at the kink, as good as PyTorch's by the mathematics.
# `minigrad check` says so in a note, and the layer passes. (More of kinks in lesson 5.)

# %%
report = check(relu_forward, relu_backward, instead_of="x > 0", write="x >= 0")
assert report.passed
assert causes(report) == ["convention:kink"]

# %% [markdown]
# ## 2. From scores to probabilities
#
# The last linear layer gives one score for each class, any numbers at all. Probabilities are
# positive and add up to 1. So: make the scores positive by $\exp$, then divide by the sum. That is
# **softmax**:
#
# $$p_c = \frac{e^{x_c}}{\sum_k e^{x_k}}.$$

# %%
scores = np.array([2.0, 1.0, 0.0])
p = np.exp(scores) / np.exp(scores).sum()
print("p =", p.round(3))
assert p.round(3).tolist() == [0.665, 0.245, 0.09]

# %% [markdown]
# **Predict:** what are the probabilities for the scores $(1002, 1001, 1000)$: on paper, and in
# NumPy?

# %%
large = scores + 1000
with np.errstate(over="ignore", invalid="ignore"):
    print("as written:", np.exp(large) / np.exp(large).sum())
    assert np.isnan(np.exp(large) / np.exp(large).sum()).all()

shifted = large - large.max()
print("shifted:   ", (np.exp(shifted) / np.exp(shifted).sum()).round(3))
assert np.allclose(np.exp(shifted) / np.exp(shifted).sum(), p)

# %% [markdown]
# On paper they are the same: a common summand $m$ in all scores puts the factor $e^m$ above and
# below, and cancels. In NumPy $e^{1000}$ is infinity, and infinity by infinity is NaN. So subtract
# the largest score first: then the largest exponent is 0, and nothing overflows.
#
# We shall need the *logarithm* of the probabilities. Taking it afterwards fails at the other end:
# of the scores $(0, -1000)$ the second has the probability $e^{-1000}$, which no float can hold.
# But its logarithm is $-1000$, an ordinary number. So we never form the probability, and write the
# logarithm directly:
#
# $$y_c = \log p_c = x_c - \log \sum_k e^{x_k}.$$
#
# This is **log-softmax**, and it is why PyTorch has a layer for it.

# %%
extreme = np.array([0.0, -1000.0])
with np.errstate(divide="ignore"):
    print("log of softmax:", np.log(np.exp(extreme) / np.exp(extreme).sum()))
print("log-softmax:   ", extreme - np.log(np.exp(extreme).sum()))
assert (extreme - np.log(np.exp(extreme).sum())).tolist() == [0, -1000]

# %% [markdown]
# ## 3. The loss: how surprised were we?
#
# A sample has the class $t$. The network gave it the probability $p_t$. Of all networks we want the
# one under which the labels that we saw are as likely as possible: the product of all $p_t$ should
# be large. A product of a thousand small numbers is 0 in a computer; its logarithm is a sum. Turn
# the sign, so that small is good, and take the mean, so that the size of the data does not matter:
#
# $$L = -\frac{1}{N} \sum_n \log p_{n, t_n} = -\frac{1}{N} \sum_n y_{n, t_n}.$$
#
# This is the **negative log-likelihood**, NLL. A right answer given with certainty costs 0. One
# given with $p = 0.665$ costs $-\log 0.665 = 0.408$.
#
# **Predict:** a fresh network knows nothing and gives each of ten digits the probability $1/10$.
# What is its loss?

# %%
print(f"p = 0.665 costs {-np.log(p[0]):.3f}; p = 1/10 costs {-np.log(0.1):.3f}")
assert round(-np.log(p[0]), 3) == 0.408
assert round(-np.log(0.1), 3) == 2.303

# %% [markdown]
# Remember $\log 10 \approx 2.303$. When a network for ten classes begins with a loss far from it,
# something is wrong before training has begun.
#
# The backward pass of NLL is quickly said. Of all the $y_{nc}$, only those at the targets are in
# $L$, each with the factor $-1/N$:
#
# $$\frac{\partial L}{\partial y_{nc}} =
# \begin{cases} -1/N & c = t_n \\ 0 & \text{otherwise.} \end{cases}$$
#
# What arrives from above, `grad_output`, is one number here, for the loss is one number. For
# $\partial L / \partial L$ it is 1, but we do not assume it: the loss may be multiplied by
# something before the end.


# %%
def nll_loss_forward(log_probs, target, reduction="mean"):
    # log_probs (N, C), target (N,) integers -> a number, or (N,) with reduction "none"
    n, c = log_probs.shape
    if target.shape != (n,) or target.min() < 0 or target.max() >= c:
        raise ValueError(f"expected {n} targets from 0 to {c - 1}")
    losses = -log_probs[np.arange(n), target]
    reduced = {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](losses)
    return reduced, (log_probs, target, reduction)


def nll_loss_backward(grad_output, cache):
    log_probs, target, reduction = cache
    n = len(target)
    grad = np.zeros_like(log_probs)
    grad[np.arange(n), target] = -grad_output / (n if reduction == "mean" else 1)
    return grad


report = check(nll_loss_forward, nll_loss_backward)
assert report.passed

# %% [markdown]
# ## 4. Log-softmax, backward
#
# Now the one derivation of this lesson that takes a breath. Write $y_c = x_c - s$ with
# $s = \log \sum_k e^{x_k}$. How does $s$ react to one score $x_j$? By the chain rule (the
# derivative of $\log u$ is $1/u$),
#
# $$\frac{\partial s}{\partial x_j} = \frac{1}{\sum_k e^{x_k}} \cdot e^{x_j} = p_j.$$
#
# And how does $y_c$ react to $x_j$? By way of $s$ always, and directly if it is its own score,
# $c = j$:
#
# $$\frac{\partial y_c}{\partial x_j} = [c = j] - p_j,$$
#
# where $[c = j]$ is 1 if that is so, and 0 if not. Here is the whole table for our three scores: in
# row $c$ and column $j$, how $y_c$ reacts to $x_j$.

# %%
jacobian = np.eye(3) - p  # row c, column j
heat_maps({"dy_c / dx_j": jacobian})
plt.show()

h = 1e-6


def log_p(x):
    return x - np.log(np.exp(x).sum())


by_differences = np.stack(
    [(log_p(scores + h * e) - log_p(scores - h * e)) / (2 * h) for e in np.eye(3)], axis=1
)
print(by_differences.round(3))
assert np.allclose(jacobian, by_differences, atol=1e-8)

# %% [markdown]
# Every score is used by every output. So the rule of lesson 1 gives a sum over all outputs of the
# row:
#
# $$\frac{\partial L}{\partial x_j} = \sum_c g_c \bigl([c = j] - p_j\bigr) = g_j - p_j \sum_c g_c.$$
#
# The table itself, $C \times C$ for each sample, is never formed. And the layer need not remember
# $x$: it remembers $y$, for $p = e^y$.


# %%
def log_softmax_forward(x, dim=1):
    shifted = x - x.max(axis=dim, keepdims=True)
    y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
    return y, (y, dim)


def log_softmax_backward(grad_output, cache):
    y, dim = cache
    p = np.exp(y)
    return grad_output - p * grad_output.sum(axis=dim, keepdims=True)


report = check(log_softmax_forward, log_softmax_backward)
assert report.passed

# %% [markdown]
# ## 5. p minus y
#
# Now put the two together. From NLL there arrives $g_c = -[c = t]/N$ at each row. Its sum over $c$
# is $-1/N$. Into the formula with it:
#
# $$\frac{\partial L}{\partial x_j} = g_j - p_j \sum_c g_c
# = -\frac{[j = t]}{N} + \frac{p_j}{N} = \frac{p_j - [j = t]}{N}.$$
#
# If we write the truth as a row $\mathbf{y}$ that is 1 at the right class and 0 elsewhere
# ("one-hot"), then it reads
#
# > **the gradient of the scores is $(\mathbf{p} - \mathbf{y}) / N$.**
#
# **Predict:** for the scores $(2, 1, 0)$ with $p = (0.665, 0.245, 0.090)$ and the right class 0,
# what is the gradient? What do its numbers add up to?

# %%
batch = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0], [-4.0, 4.0, 0.0], [-4.0, 4.0, 0.0]])
target = np.array([0, 0, 1, 0])

log_probs, cache = log_softmax_forward(batch)
loss, loss_cache = nll_loss_forward(log_probs, target)
grad_scores = log_softmax_backward(nll_loss_backward(1.0, loss_cache), cache)

one_hot = np.eye(3)[target]
heat_maps(
    {"p": np.exp(log_probs), "y": one_hot, "p - y": np.exp(log_probs) - one_hot}, one_scale=True
)
plt.show()

x = torch.tensor(batch, requires_grad=True)
torch.nn.functional.nll_loss(torch.log_softmax(x, dim=1), torch.tensor(target)).backward()
assert np.allclose(grad_scores, (np.exp(log_probs) - one_hot) / 4, atol=1e-15)
assert np.allclose(grad_scores, x.grad.numpy(), atol=1e-15)
assert (4 * grad_scores[0]).round(3).tolist() == [-0.335, 0.245, 0.09]
assert np.allclose(grad_scores.sum(axis=1), 0, atol=1e-15)

# %% [markdown]
# Read the rows of $p - y$.
#
# 1. Half sure, and right: the right score is pulled up (the step goes *against* the gradient), the
#    others down, each by its own share of the blame. The numbers add up to 0.
# 2. No idea: $1/3$ each. The right class lacks $2/3$.
# 3. Sure, and right: hardly anything. Samples that are well classified fall silent by themselves.
# 4. Sure, and wrong: nearly $-1$ and $+1$. It cannot be more: one mad sample cannot send a gradient
#    of a million.
#
# ## 6. Why not softmax, then log, then NLL?
#
# It is the same on paper. Follow the gradient through $p_t$: from the logarithm comes $1/p_t$, from
# softmax a factor with $p_t$. When the network is sure and wrong, that is a huge number times a
# tiny one. The two should cancel; in float32 there is nothing left to cancel.

# %%
for name, function in (
    ("softmax, then log", lambda x: torch.softmax(x, dim=1).log()),
    ("log_softmax", lambda x: torch.log_softmax(x, dim=1)),
):
    x = torch.tensor([[0.0, 200.0]], requires_grad=True)
    loss = torch.nn.functional.nll_loss(function(x), torch.tensor([0]))
    loss.backward()
    print(f"{name:<18} loss {loss.item():g}, gradient {x.grad.tolist()}")
    assert bool(x.grad.isnan().any()) == (name != "log_softmax")

assert x.grad.tolist() == [[-1, 1]]

# %% [markdown]
# ## 7. Break it
#
# Someone has learned "$p - y$" by heart and writes it into log-softmax: `grad_output + p`. With NLL
# behind it, `grad_output` is $-\mathbf{y}$ for a batch of one, so the result is $p - y$, and right.
#
# **Predict:** what will `minigrad check` say? It does not send $-\mathbf{y}$, it sends random
# numbers.

# %%
report = check(
    log_softmax_forward,
    log_softmax_backward,
    instead_of="grad_output - p * grad_output.sum(axis=dim, keepdims=True)",
    write="grad_output + p",
)
assert causes(report) == ["wrong_operand"]

# %% [markdown]
# It disagrees, and look at the smallest example: `grad_output` is 0 and yours is 1. *Nothing*
# arrives, and something is sent back. That cannot be right for any layer: what is sent back is
# proportional to what arrives, always. The formula was right for one loss and one size of batch
# only. A layer must not know what stands behind it.
#
# Two more mistakes, which ordinary numbers do not show or which training half forgives.
#
# **Predict:** leave out the largest score. In which cases is it seen? And in NLL, leave out the
# $1/N$. What does the report call it, and what would it do to training?

# %%
report = check(
    log_softmax_forward,
    log_softmax_backward,
    instead_of="shifted = x - x.max(axis=dim, keepdims=True)",
    write="shifted = x",
)
assert causes(report) == ["unstable"]
assert "logits 1000" in report.layers["LogSoftmax"].findings[0].cases
assert "base" not in report.layers["LogSoftmax"].findings[0].cases

report = check(
    nll_loss_forward,
    nll_loss_backward,
    instead_of='-grad_output / (n if reduction == "mean" else 1)',
    write="-grad_output",
)
assert causes(report)[0] == "scaled"

# %% [markdown]
# `unstable`: right for ordinary scores, and seen only where some are large. `scaled`: the direction
# is right and the length is not. Gradient descent then takes steps that are $N$ times too long;
# Adamax, whose steps do not depend on the length of the gradient, hardly notices (lesson 7). "It
# trains" is no proof.
#
# ## 8. What ReLU is good for
#
# Four points in the corners of a square, two classes on the two diagonals (XOR). No straight line
# separates them. We train two linear layers, once with ReLU in between and once without, with
# nothing but the functions of lessons 2 and 3.

# %%
corners = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
diagonal = np.array([0, 0, 1, 1])


def linear_forward(x, weight, bias):
    return x @ weight.T + bias, (x, weight)


def linear_backward(grad_output, cache):
    x, weight = cache
    return grad_output @ weight, grad_output.T @ x, grad_output.sum(axis=0)


def trained(with_relu, steps=1000, lr=0.5):
    """Return the losses of all steps and a function from points to the probability of class 1."""
    rng = np.random.default_rng(0)
    w1, b1 = rng.normal(size=(8, 2)), np.zeros(8)
    w2, b2 = rng.normal(size=(2, 8)), np.zeros(2)
    losses = []

    def forward(points):
        h, cache1 = linear_forward(points, w1, b1)
        a, cache_relu = relu_forward(h) if with_relu else (h, None)
        scores, cache2 = linear_forward(a, w2, b2)
        log_p, cache_softmax = log_softmax_forward(scores)
        return log_p, (cache1, cache_relu, cache2, cache_softmax)

    for _ in range(steps):
        log_p, (cache1, cache_relu, cache2, cache_softmax) = forward(corners)
        loss, cache_loss = nll_loss_forward(log_p, diagonal)
        losses.append(loss)
        grad = nll_loss_backward(1.0, cache_loss)
        grad = log_softmax_backward(grad, cache_softmax)
        grad, grad_w2, grad_b2 = linear_backward(grad, cache2)
        grad = relu_backward(grad, cache_relu) if with_relu else grad
        _, grad_w1, grad_b1 = linear_backward(grad, cache1)
        for parameter, gradient in ((w1, grad_w1), (b1, grad_b1), (w2, grad_w2), (b2, grad_b2)):
            parameter -= lr * gradient
    return losses, lambda points: np.exp(forward(points)[0][:, 1])


across = np.linspace(-0.5, 1.5, 81)
grid = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
figure, panels = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
for axes, with_relu in zip(panels, (False, True), strict=True):
    losses, probability = trained(with_relu)
    name = "with ReLU" if with_relu else "without"
    print(f"{name:<10} loss after 1000 steps: {losses[-1]:.4f}")
    image = axes.imshow(
        probability(grid).reshape(81, 81),
        origin="lower", extent=(-0.5, 1.5, -0.5, 1.5), cmap="RdBu_r", vmin=0, vmax=1,
    )  # fmt: skip
    axes.scatter(*corners.T, c=diagonal, cmap="RdBu_r", edgecolors="black", s=90)
    axes.set_title(f"{name}: loss {losses[-1]:.3f}")
    assert losses[-1] < 0.01 if with_relu else abs(losses[-1] - np.log(2)) < 1e-4
figure.colorbar(image, ax=panels, label="probability of class 1")
plt.show()

# %% [markdown]
# Without ReLU the loss stays at $\log 2 = 0.693$: the best that straight lines can do here is to
# say $1/2$ everywhere. With it, the plane is folded, and the corners come apart.
#
# ## Your turn
#
# A teacher is not always sure: "80 % a three, 20 % an eight". Then the truth is a row $\mathbf{q}$
# of probabilities in the place of the one-hot $\mathbf{y}$, and the loss of a sample is
# $L = -\sum_c q_c \log p_c$. Derive the gradient of the scores, and check it by differences.
#
# <details><summary>Solution</summary>
#
# $g_c = -q_c$, whose sum is $-1$. So $g_j - p_j \sum_c g_c = p_j - q_j$: *p minus q*. One-hot was a
# special case.
#
# ```python
# q = np.array([0.8, 0.2, 0.0])
#
#
# def soft_loss(x):
#     return -(q * log_p(x)).sum()
#
#
# by_differences = [
#     (soft_loss(scores + h * e) - soft_loss(scores - h * e)) / (2 * h) for e in np.eye(3)
# ]
# assert np.allclose(p - q, by_differences, atol=1e-8)
# ```
#
# </details>
#
# ## Three questions
#
# **1.** The gradient of the scores adds up to 0 in each row. Why must that be so, without any
# calculation?
#
# <details><summary>Answer</summary>
#
# Adding the same number to all scores of a row changes no probability, and so not the loss. The
# derivative in the direction $(1, 1, \dots, 1)$ is therefore 0, and this derivative is the sum of
# the gradient's elements.
#
# </details>
#
# **2.** To predict a label, does one need softmax, or log-softmax, at all?
#
# <details><summary>Answer</summary>
#
# No. Both keep the order of a row: log-softmax subtracts the same number from all scores, and
# $\exp$ is increasing. The largest score, the largest log-probability and the largest probability
# are at the same place. The loss needs them, the prediction does not.
#
# </details>
#
# **3.** For some hidden unit $x$ is negative for all samples. What gradient do its incoming weights
# get, and what becomes of the unit?
#
# <details><summary>Answer</summary>
#
# ReLU stops everything that arrives: `grad_output * (x > 0)` is 0 for all samples, so the gradients
# of its weights and of its bias are 0. It does not move, and stays as it is: a "dead" unit. Only a
# change in the layers before it can wake it. It is one reason for small first weights, and for
# variants such as LeakyReLU, which lets a little through.
#
# </details>
#
# In [lesson 4](4_convolution.ipynb) the same questions are put to the convolution: who uses whom,
# and with what factor?
