# %% [markdown]
# # Lesson 1: a tensor that remembers
#
# Training moves every weight a little in the direction that lowers the loss. For that it needs, for
# each weight, one number: by how much the loss changes when this weight does. A network has
# thousands of weights, and all these numbers come from *one* walk backward through the computation.
#
# In this lesson we build the machine that walks: thirty lines that do what `loss.backward()` does
# in PyTorch. You need derivatives from school, and Python. Take an hour.
#
# Where you read **Predict**, stop and write down an answer before you go on.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad
from experiments.lessons.checked import causes, check
from experiments.lessons.pictures import graph

# %% [markdown]
# ## 1. How much does the end move?
#
# Take $y = (3x + 1)^2$ at $x = 2$. The number we want is: if $x$ moves by a tiny $h$, by how many
# times $h$ does $y$ move? Nothing is easier than to try.


# %%
def f(x):
    return (3 * x + 1) ** 2


for h in (1.0, 0.1, 0.001, 0.00001):
    print(f"h = {h:<7g} y moves by {f(2 + h) - f(2):<12.6g} that is {(f(2 + h) - f(2)) / h:.4f} h")

assert abs((f(2 + 1e-5) - f(2)) / 1e-5 - 42) < 1e-3

# %% [markdown]
# It tends to 42. Now the same without trying. Cut the computation into steps, each so simple that
# its derivative is known:
#
# $$u = 3x + 1, \qquad y = u^2.$$
#
# At $x = 2$ we have $u = 7$ and $y = 49$. If $x$ moves by $h$, then $u$ moves by $3h$. And if $u$
# moves by $k$, then $y$ moves by $2u \cdot k = 14k$. So $y$ moves by $14 \cdot 3h = 42h$. This is
# the **chain rule**:
#
# $$\frac{dy}{dx} = \frac{dy}{du} \cdot \frac{du}{dx} = 14 \cdot 3 = 42.$$
#
# Each step contributes one factor, its **local derivative**, and needs to know nothing of the rest
# of the computation. It only needs to *remember* something of its own forward pass: the square must
# remember that $u$ was 7.
#
# ## 2. The diamond
#
# Chains are easy. In a network, though, a value is used in more than one place. The smallest case
# looks like a diamond:
#
# $$a = 3x, \qquad b = x^2, \qquad y = a \cdot b.$$

# %%
x = 2.0
a = 3 * x
b = x**2
y = a * b
print(f"x = {x:g}, a = {a:g}, b = {b:g}, y = {y:g}")

graph(
    {f"x = {x:g}": (0, 0), f"a = 3x = {a:g}": (2, 0.7), f"b = x² = {b:g}": (2, -0.7),
     f"y = ab = {y:g}": (4, 0)},
    [
        ("x = 2", "a = 3x = 6", "× 3", "4 · 3 = 12"),
        ("x = 2", "b = x² = 4", "× 2x = 4", "6 · 4 = 24"),
        ("a = 3x = 6", "y = ab = 24", "× b = 4", "4"),
        ("b = x² = 4", "y = ab = 24", "× a = 6", "6"),
    ],
)  # fmt: skip
plt.show()

# %% [markdown]
# Blue is the way forward, with each step's local derivative. Red is the way back: what arrives at
# $y$ is 1 (for $dy/dy = 1$), and each step multiplies by its local derivative.
#
# **Predict:** two red arrows arrive at $x$, with 12 and with 24. What is $dy/dx$: 12, 24,
# $12 \cdot 24 = 288$, or $12 + 24 = 36$?
#
# Let us move $x$ by $h$ and watch. Then $a$ moves by $3h$ and $b$ by $4h$ (and $h^2$, which is much
# smaller). Both moves happen at once:
#
# $$(a + 3h)(b + 4h) = ab + \underbrace{3h \cdot b}_{12h} + \underbrace{a \cdot 4h}_{24h} + 12h^2.$$
#
# The two moves **add up**: $y$ moves by $36h$. The rest has $h^2$ in it and is nothing next to $h$
# when $h$ is small.

# %%
for h in (0.1, 0.01, 0.001):
    move = 3 * (x + h) * (x + h) ** 2 - y
    print(f"h = {h:<6g} y moves by {move:.6f} = {12 * h:g} + {24 * h:g} + {move - 36 * h:.6f}")

assert abs(move / h - 36) < 0.02  # 9 x^2 = 36, for y is 3 x^3

# %% [markdown]
# That is the one rule of this lesson, and nearly all of backpropagation:
#
# > **The gradient of a value is the sum of what all its uses send back.** Each use sends the
# > gradient that arrived at its own result, times its local derivative.
#
# ## 3. A number that remembers
#
# Let us write a number that remembers how it was made: from which numbers (its `parents`), and with
# which local derivative for each. It also gets the gradient, `grad`, which begins at 0.


# %%
class Value:
    counter = itertools.count()

    def __init__(self, data, parents=()):
        self.data = data
        self.parents = parents  # pairs: (a value, the local derivative with respect to it)
        self.grad = 0.0
        self.order = next(Value.counter)  # when it was made: 0 is the first

    def __add__(self, other):
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        # d(uv)/du = v and d(uv)/dv = u: this is what has to be remembered
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])


def diamond():
    """Return x and y of the diamond."""
    x = Value(2.0)
    a = Value(3.0) * x
    b = x * x
    return x, a * b


x, y = diamond()
print("y =", y.data, "with the local derivatives", [local for _, local in y.parents])
assert y.data == 24

# %% [markdown]
# ## 4. The walk back, first try: follow every path
#
# The rule says: add what arrives, then pass it on to the parents, times the local derivative.

# %%
visits = 0


def follow_every_path(value, arriving=1.0):
    global visits
    visits += 1
    value.grad += arriving
    for parent, local in value.parents:
        follow_every_path(parent, arriving * local)


x, y = diamond()
follow_every_path(y)
print("dy/dx =", x.grad)
assert x.grad == 36

# %% [markdown]
# Right. And useless: let us square a number again and again, $y \leftarrow y \cdot y$.
#
# **Predict:** after 20 squarings there are 21 values. How often is the function called?


# %%
def squared(times):
    """Return x = 1 and x squared `times` times."""
    x = y = Value(1.0)
    for _ in range(times):
        y = y * y
    return x, y


for times in (5, 10, 15):
    visits = 0
    x, y = squared(times)
    follow_every_path(y)
    print(f"{times + 1:>2} values: {visits:>6,} calls")
    assert visits == 2 ** (times + 1) - 1
    assert x.grad == 2**times

assert 2 ** (20 + 1) - 1 == 2_097_151

# %% [markdown]
# Each squaring doubles the number of paths. 20 squarings need 2,097,151 calls, 50 squarings would
# take years. A value sends its gradient on *each time* something arrives. It should wait until all
# has arrived, and send once.
#
# ## 5. Second try: each value once, but in which order?
#
# Now every value sits in a queue once. First come, first served:


# %%
def first_come_first_served(y):
    y.grad = 1.0
    queue, seen = [y], {y}
    for value in queue:
        for parent, local in value.parents:
            parent.grad += value.grad * local
            if parent not in seen:
                seen.add(parent)
                queue.append(parent)


x, y = diamond()
first_come_first_served(y)
print("the diamond: dy/dx =", x.grad)
assert x.grad == 36

# %% [markdown]
# It passes the diamond. Do not trust it yet. Here is a diamond with one longer arm:
#
# $$a = 3x, \qquad c = a^2, \qquad y = a \cdot c = 27x^3.$$
#
# At $x = 2$ that is $a = 6$, $c = 36$, $y = 216$ and $dy/dx = 81x^2 = 324$.
#
# **Predict:** the queue is `y`, then `a` and `c`, then `x`. What has arrived at `a` when `a` sends?


# %%
def longer_arm():
    """Return x, a and y of the diamond with a longer arm."""
    x = Value(2.0)
    a = Value(3.0) * x
    c = a * a
    return x, a, a * c


x, a, y = longer_arm()
first_come_first_served(y)
print(f"dy/da = {a.grad:g}, dy/dx = {x.grad:g}")
assert (a.grad, x.grad) == (108, 108)  # dy/da is right, and dy/dx is not

# %% [markdown]
# At the end `a` holds $c + 2a \cdot a = 36 + 72 = 108$, which is right, and so $dy/dx$ should be
# $108 \cdot 3 = 324$. But `a` sent when only the 36 had arrived: $36 \cdot 3 = 108$. The 72 that
# came by way of `c` were too late. Nothing crashed, and no test with the plain diamond would have
# noticed.
#
# So the rule needs an order: **a value may send only when everything that uses it has sent.** Such
# an order is called *topological*. Where do we get one? We already have it. A value can only be
# made of values that exist, so whatever uses `a` was made *after* `a`. The latest first is right.


# %%
def backward(y):
    y.grad = 1.0
    waiting, seen = [y], {y}
    while waiting:
        value = max(waiting, key=lambda v: v.order)  # the latest first
        waiting.remove(value)
        for parent, local in value.parents:
            parent.grad += value.grad * local
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)


x, a, y = longer_arm()
backward(y)
print(f"dy/da = {a.grad:g}, dy/dx = {x.grad:g}")
assert (a.grad, x.grad) == (108, 324)

x, y = squared(50)
backward(y)
print(f"50 squarings: dy/dx = {x.grad:g}, which is 2^50")
assert x.grad == 2**50

# %% [markdown]
# Two more things come for free. Each value is visited once, so the walk back costs about as much as
# the way forward. And it is a loop, not a recursion: a long computation does not run out of stack.


# %%
def sum_of(count):
    """Return x = 1 and x + x + ... + x."""
    x = y = Value(1.0)
    for _ in range(count - 1):
        y = y + x
    return x, y


x, y = sum_of(3000)
try:
    follow_every_path(y)
except RecursionError as error:
    print("follow_every_path:", error)
else:
    raise AssertionError("the recursion should have been too deep")

x, y = sum_of(3000)
backward(y)
print("backward: dy/dx =", x.grad)
assert x.grad == 3000

# %% [markdown]
# One of these examples proves little. So we draw a hundred random computations, of 30 operations
# each, and hold our gradients against PyTorch's.

# %%
rng = np.random.default_rng(0)
worst = largest = 0.0
for _ in range(100):
    numbers = rng.uniform(-1, 1, 4)
    ours = [Value(float(number)) for number in numbers]
    theirs = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in numbers]
    for _ in range(30):
        k = rng.integers(len(ours))  # the latest value meets an earlier one, or itself
        if rng.random() < 0.5:
            ours.append(ours[-1] + ours[k])
            theirs.append(theirs[-1] + theirs[k])
        else:
            ours.append(ours[-1] * ours[k])
            theirs.append(theirs[-1] * theirs[k])
    backward(ours[-1])
    theirs[-1].backward()
    for value, leaf in zip(ours[:4], theirs[:4], strict=True):
        expected = 0.0 if leaf.grad is None else leaf.grad.item()
        worst = max(worst, abs(value.grad - expected) / max(1, abs(expected)))
        largest = max(largest, abs(expected))
print(f"gradients up to {largest:.1e}; the largest relative difference: {worst:.1e}")
assert largest > 1
assert worst < 1e-12

# %% [markdown]
# Not even a last digit differs: PyTorch's engine, too, takes the latest operation first, so both
# add the same numbers in the same order.
#
# ## 6. The same in minigrad, and in PyTorch
#
# A `Tensor` is such a value with an array inside. What made it is its `grad_fn`; the edges back are
# `next_functions`. `AccumulateGrad` stands for a leaf: there the walk ends, and the sum is added to
# `x.grad`. These lines are the same in both frameworks.

# %%
for framework in (minigrad, torch):
    x = framework.tensor(2.0, requires_grad=True)
    y = (3 * x) * (x * x)
    print(framework.__name__, y.grad_fn.name(), [f[0].name() for f in y.grad_fn.next_functions])
    y.backward()
    print("  first backward: ", x.grad)
    assert x.grad == 36

    y = (3 * x) * (x * x)
    y.backward()
    print("  second backward:", x.grad)
    assert x.grad == 72

# %% [markdown]
# The second walk *added* its 36: `x.grad` is 72. It is the rule of section 2 once more. Whoever
# uses `x` adds to its gradient, and the second computation is one more use. It is what you want
# when a large batch comes in two halves. When you do not want it, say so: `x.grad = None`, or
# `optimizer.zero_grad()` before each step.
#
# Now you can read `minigrad/engine.py`: its `_walk` is our `backward`, with a heap in the place of
# `max`, on arrays.
#
# ## 7. A layer is many uses at once
#
# The rule is enough to write the backward pass of a real layer. A linear layer computes, for each
# sample $n$ and each output $o$,
#
# $$y_{no} = b_o + \sum_i w_{oi} \, x_{ni}.$$
#
# That is nothing but products and sums. When $g_{no}$ arrives at $y_{no}$, then
#
# * $b_o$ is sent $g_{no}$, for the local derivative of a sum is 1;
# * $w_{oi}$ is sent $g_{no} \, x_{ni}$, and $x_{ni}$ is sent $g_{no} \, w_{oi}$, for these are the
#   local derivatives of a product.
#
# And everything adds up: $w_{oi}$ is used once *for each sample*. In code, the loops of the forward
# pass, run once more. The forward pass returns what it remembers, the `cache`.


# %%
def linear_forward(x, weight, bias=None):
    # x (N, in), weight (out, in), bias (out,) or None -> y (N, out)
    y = np.zeros((len(x), len(weight)), x.dtype)
    for n, o in np.ndindex(y.shape):
        if bias is not None:
            y[n, o] += bias[o]
        for i in range(x.shape[1]):
            y[n, o] += weight[o, i] * x[n, i]
    return y, (x, weight, bias)


def linear_backward(grad_output, cache):
    # grad_output (N, out): what arrives at each y
    x, weight, bias = cache
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    grad_bias = None if bias is None else np.zeros_like(bias)
    for n, o in np.ndindex(grad_output.shape):
        if bias is not None:
            grad_bias[o] += grad_output[n, o]
        for i in range(x.shape[1]):
            grad_x[n, i] += grad_output[n, o] * weight[o, i]
            grad_weight[o, i] += grad_output[n, o] * x[n, i]
    return grad_x, grad_weight, grad_bias


# %% [markdown]
# Is it right? `minigrad check FILE.py` holds a layer against PyTorch and against finite
# differences. `check` is the same command from within a notebook: it writes the functions into a
# file, checks that, and prints the report.

# %%
report = check(linear_forward, linear_backward)
assert report.passed

# %% [markdown]
# ## 8. Break it
#
# **Predict:** one character less. In the last line of the loop, `=` in the place of `+=`: what is
# `grad_weight` then? And for which batches does nobody notice?

# %%
report = check(
    linear_forward,
    linear_backward,
    instead_of="grad_weight[o, i] += grad_output",
    write="grad_weight[o, i] = grad_output",
)
assert not report.passed
assert "overwritten_not_added" in causes(report)

# %% [markdown]
# Read the report from the top.
#
# * The first block counts: one layer was checked, the others are not in the file.
# * The headline names the array that is wrong, `grad_weight`, and at the right end what the mistake
#   looks like: `overwritten_not_added`, of several contributions the last one counts. (All such
#   names are explained in `pt_reference/check/CAUSES.md`.)
# * `seen in` says which of the cases show it, and so which do not. With a batch of one, `N=1`,
#   there is only one contribution, and the last one is all of them: that case does not show it.
# * Below stands the smallest example that shows it. It can be done on paper: two samples, one
#   input, two outputs. (The checker looks for it for a second or two. On a busy computer yours may
#   be less tidy than the ones that these lessons describe.)

# %%
assert "N=1" not in report.layers["Linear"].findings[0].cases

# %% [markdown]
# ## Your turn
#
# Give `Value` the exponential, `y = x.exp()`, so that `backward` runs through it. What does it have
# to remember? Then check it: the derivative of $e^{x^2}$ at $x = 0.5$ is
# $2x\,e^{x^2} \approx 1.284$.
#
# <details><summary>Solution</summary>
#
# The derivative of $e^x$ is $e^x$, which is the result itself.
#
# ```python
# def exp(self):
#     y = np.exp(self.data)
#     return Value(y, [(self, y)])
#
#
# Value.exp = exp
# x = Value(0.5)
# y = (x * x).exp()
# backward(y)
# assert abs(x.grad - 1.284) < 1e-3
# ```
#
# </details>
#
# ## Three questions
#
# **1.** $y = x + x$. How many paths lead from $y$ to $x$, and what does `x.grad` become?
#
# <details><summary>Answer</summary>
#
# Two, each with the local derivative 1. They add up: $1 + 1 = 2$. Our loop sees it because `x`
# stands among the parents twice, and `+=` is done for each.
#
# </details>
#
# **2.** We took the latest value first. Would any order do in which a value comes before its
# parents? And is there a computation for which no such order exists?
#
# <details><summary>Answer</summary>
#
# Any such order will do: when a value's turn comes, all its uses have had theirs. In the diamond,
# $a$ and $b$ may come in either order. And one always exists, for a value cannot be made of
# something that is made later: the graph has no circle.
#
# </details>
#
# **3.** We walk from the one end $y$ to all the beginnings. One could also walk forward, from one
# $x$ to all ends, with the same local derivatives. Why does a network with 10,000 weights and one
# loss walk backward?
#
# <details><summary>Answer</summary>
#
# A walk forward answers: if *this* weight moves, how does everything move? It takes one walk for
# each weight, 10,000 of them. The walk backward answers: how does *this* loss move, if anything
# does? One walk gives all 10,000 numbers. With one input and many outputs it would be the other way
# round.
#
# </details>
#
# In [lesson 2](2_linear_by_hand.ipynb) the loops of the linear layer become three matrix products.
