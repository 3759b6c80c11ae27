# %% [markdown]
# # Lesson 7: Adamax from its formula
#
# A gradient says in which direction the loss falls. It does not say how far to go, and that is
# where training succeeds or fails. Plain gradient descent goes a fixed multiple of the gradient.
# Adamax, the assignment's optimizer, goes about the same distance in each coordinate, whatever the
# size of the gradient. We shall see why one wants that, build its formula in three steps, and find
# a surprise in its weight decay.
#
# You need to know what a gradient is, and no earlier lesson. About forty-five minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad
from experiments.digits import Digits
from experiments.figures import BLUE, GREY, RED
from experiments.lessons.checked import causes, check
from minigrad.utils.data import DataLoader
from pt_reference.networks import classifier, mlp

# %% [markdown]
# ## 1. A valley
#
# Gradient descent, *SGD* in the books, makes the step
#
# $$p \leftarrow p - \eta\, g \qquad g = \frac{\partial L}{\partial p}$$
#
# with the *learning rate* $\eta$. Take a loss that is a valley, flat along $a$ and steep along $b$:
#
# $$L(a, b) = \tfrac12 (a^2 + 100\, b^2) \qquad g = (a,\; 100\, b)$$
#
# A step multiplies each coordinate by a factor of its own:
#
# $$a \leftarrow (1 - \eta)\, a \qquad b \leftarrow (1 - 100\, \eta)\, b$$
#
# **Predict:** from which $\eta$ on does $b$ grow instead of shrinking? And how much of $a$ is
# left after 30 steps with the largest $\eta$ that is allowed?

# %%
curvature = np.array([1.0, 100.0])
start = np.array([-2.0, 0.5])


def valley(p):
    return 0.5 * (curvature * p**2).sum(axis=-1)


def sgd_path(lr, steps, scale=1.0):
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - lr * scale * curvature * path[-1])
    return np.array(path)


for lr in (0.001, 0.01, 0.018, 0.021):
    end = sgd_path(lr, 30)[-1]
    print(f"lr = {lr:<5}  a: -2 -> {end[0]:.3f}   b: 0.5 -> {end[1]:<9.3g}  L = {valley(end):.2g}")
assert abs(sgd_path(0.0201, 30)[-1][1]) > 0.5 > abs(sgd_path(0.0199, 30)[-1][1])
assert np.isclose(sgd_path(0.02, 30)[-1][0] / -2, 0.98**30)
assert 0.5 < 0.98**30 < 0.6

# %% [markdown]
# $|1 - 100\,\eta| < 1$ asks for $\eta < 0.02$. The steep direction sets the limit, and the flat one
# pays: at most 2 % of the way is made in each step, and after thirty steps half of it is left.
# **One learning rate does not fit two curvatures**, and a network has thousands.
#
# ## 2. Divide by the size
#
# The gradient is large where the valley is steep, and that is just where the step should not be
# long. So divide each coordinate by its own usual size, $u$:
#
# $$p \leftarrow p - \eta\, \frac{g}{u}$$
#
# Each coordinate then moves by about $\eta$ in a step. The scale of the loss drops out: with
# $1000 L$ in place of $L$, both $g$ and $u$ are 1000 times as large.
#
# What is the "usual size" of a gradient that changes all the time? Adam, the older brother,
# takes the root of the mean of the last squares, where "last" means that each step back counts by a
# factor $\beta$ less. With any power $q$ in place of 2:
#
# $$u_t = \Big( (1 - \beta^q) \sum_{i=1}^{t} \beta^{q(t-i)} |g_i|^q \Big)^{1/q}$$
#
# Let us see what happens to it as $q$ grows.
#
# **Predict:** to which number does it tend?

# %%
g = np.random.default_rng(0).normal(size=20)  # of twenty steps
beta = 0.9
age = np.arange(20)[::-1]  # the last one is 0 steps old
for q in (1, 2, 4, 16, 64, 256):
    u = ((1 - beta**q) * (beta ** (q * age) * np.abs(g) ** q).sum()) ** (1 / q)
    print(f"q = {q:3}: u = {u:.4f}")
largest = (beta**age * np.abs(g)).max()
print(f"the largest of beta^age |g|: {largest:.4f}")
assert abs(u - largest) < 1e-6

# %% [markdown]
# Raised to a high power, the largest term outgrows the sum of all others, and the root brings it
# back to its size; the factor in front tends to 1. This limit is called the *infinity norm*,
# and it is the "max" in Adamax:
#
# $$u_t = \max_{i \le t}\; \beta^{t-i} |g_i| = \max(\beta\, u_{t-1},\; |g_t|)$$
#
# The second form needs no memory of old gradients. It says: let the old maximum fade a little, and
# take the new gradient if it is larger.

# %%
u = 0.0
for g_t in g:
    u = max(beta * u, abs(g_t))
assert np.isclose(u, largest)

# %% [markdown]
# ## 3. A mean that begins at zero
#
# A gradient from 64 digits is a noisy one. A mean over the last steps, again a fading one, is
# calmer:
#
# $$m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t \qquad m_0 = 0$$
#
# **Predict:** all gradients are 1 and $\beta_1 = 0.9$. What are $m_1$, $m_2$, $m_3$?

# %%
m, means = 0.0, []
for _ in range(3):
    m = 0.9 * m + 0.1 * 1
    means.append(m)
print(np.round(means, 3))
assert np.allclose(means, [0.1, 0.19, 0.271])
assert np.allclose(means, 1 - 0.9 ** np.arange(1, 4))

# %% [markdown]
# A tenth, to begin with: $m_0 = 0$ still has most of the weight. Unroll the formula to see how much
# the real gradients have:
#
# $$m_t = (1 - \beta_1) \sum_{i=1}^{t} \beta_1^{t-i} g_i \qquad\text{and}\qquad
# (1 - \beta_1) \sum_{i=1}^{t} \beta_1^{t-i} = 1 - \beta_1^t$$
#
# So divide by $1 - \beta_1^t$, and it is a true mean from the first step on. This is the **bias
# correction**. $u$ needs none: a maximum of one number is that number.
#
# ## 4. The step
#
# $$\begin{aligned}
# m &\leftarrow \beta_1 m + (1 - \beta_1)\, g \\
# u &\leftarrow \max(\beta_2 u,\; |g| + \epsilon) \\
# p &\leftarrow p - \frac{\eta}{1 - \beta_1^t} \cdot \frac{m}{u}
# \end{aligned}$$
#
# The $\epsilon = 10^{-8}$ is there for a gradient of exactly 0, for which $0 / 0$ would be no
# number. With *weight decay* $\lambda$, $g$ is replaced by $g + \lambda p$ before anything else:
# that is the gradient of $L + \frac{\lambda}{2} p^2$, which prefers small weights.
#
# The function takes one parameter, its gradient, and the state after the last step ({} before the
# first); it returns the new parameter and the new state.


# %%
def adamax_step(p, grad, state, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
    m, u, t = state or (np.zeros_like(p), np.zeros_like(p), 0)
    beta1, beta2 = betas
    t = t + 1
    g = grad + weight_decay * p
    m = beta1 * m + (1 - beta1) * g
    u = np.maximum(beta2 * u, np.abs(g) + eps)
    p = p - lr / (1 - beta1**t) * m / u
    return p, (m, u, t)


report = check(adamax_step)
assert report.passed

# %% [markdown]
# (`minigrad check adamax.py` in a terminal.) An optimizer has no derivative, so here PyTorch is
# the only judge: the parameters are compared after each of several steps, with gradients that grow,
# shrink, vanish and change their sign.
#
# **Predict:** the first step with the gradients 1000, 0.001 and $-3$, and $\eta = 0.1$.

# %%
p, state = adamax_step(np.zeros(3), np.array([1000.0, 0.001, -3.0]), {}, lr=0.1)
print(np.round(p, 5))
assert np.allclose(p, [-0.1, -0.1, 0.1], atol=1e-5)

# %% [markdown]
# Exactly $\eta$ against the sign: $m / (1 - \beta_1) = g$ and $u = |g|$.
#
# ## 5. Back to the valley


# %%
def adamax_path(lr, steps, scale=1.0):
    path, state = [start], {}
    for _ in range(steps):
        p, state = adamax_step(path[-1], scale * curvature * path[-1], state, lr=lr)
        path.append(p)
    return np.array(path)


paths = {"SGD, lr = 0.018": sgd_path(0.018, 30), "Adamax, lr = 0.1": adamax_path(0.1, 30)}
figure, axes = plt.subplots(figsize=(7.4, 3.4), layout="constrained")
a, b = np.meshgrid(np.linspace(-2.2, 0.6, 200), np.linspace(-0.6, 0.6, 200))
heights = valley(np.stack([a, b], axis=-1))
axes.contour(a, b, heights, levels=np.geomspace(0.02, 20, 12), colors=GREY, linewidths=0.5)
for (name, path), color in zip(paths.items(), (RED, BLUE), strict=True):
    axes.plot(*path.T, "o-", color=color, markersize=3, linewidth=1, label=name)
axes.plot(0, 0, "*", color="black", markersize=12)
axes.set(xlabel="a", ylabel="b", title="Thirty steps into the valley")
axes.legend(frameon=False, loc="upper right")
plt.show()

for name, path in paths.items():
    print(f"{name}: L = {valley(path[-1]):.3f} after 30 steps")
assert valley(paths["SGD, lr = 0.018"][-1]) > 10 * valley(paths["Adamax, lr = 0.1"][-1])

# %% [markdown]
# SGD leaps from wall to wall and creeps along the floor. Adamax walks diagonally, for at first it
# makes the same step in both coordinates; then it overshoots, because $m$ remembers where it was
# going, and comes back.
#
# Now multiply the loss by 1000. The valley is the same place.
#
# **Predict:** what do the two do?

# %%
with np.errstate(all="ignore"):
    print(f"SGD:    L = {valley(sgd_path(0.018, 30, scale=1000)[-1]):.0e}")
print(f"Adamax: L = {valley(adamax_path(0.1, 30, scale=1000)[-1]):.3f}")
assert np.allclose(adamax_path(0.1, 30, scale=1000), adamax_path(0.1, 30), atol=1e-5)
assert valley(sgd_path(0.018, 30, scale=1000)[-1]) > 1e100

# %% [markdown]
# That is worth a lot in practice: a learning rate for Adamax can be carried from one network to
# another, as one for SGD cannot.
#
# ## 6. Break it
#
# Leave the bias correction out.

# %%
report = check(adamax_step, instead_of=" / (1 - beta1**t)", write="")
assert not report.passed
assert causes(report) == ["scaled"]

# %% [markdown]
# *hint*: 0.1 times as large. The number gives it away, for $1 - \beta_1 = 0.1$. And it is wrong at
# step 1 in every case; later steps would be nearly right, so that a test of the hundredth step
# with a tolerance of a per cent sees nothing:

# %%
print(f"1 - 0.9^100 = {1 - 0.9**100:.5f}")
assert 0.9**100 < 1e-4

# %% [markdown]
# Next, weight decay in another place. Let us take it from the weight itself,
# $p \leftarrow p - \eta \lambda p$, and leave $g$ alone. That is what AdamW does to Adam, and it is
# a good idea; but it is another algorithm.

# %%
report = check(
    adamax_step,
    instead_of="g = grad + weight_decay * p",
    write="g = grad\n    p = p - lr * weight_decay * p",
)
assert not report.passed
assert causes(report) == ["misuses_option:weight_decay"]

# %% [markdown]
# One case of 18 fails, the one with the option. Look at its smallest example: the gradient is 0,
# the weight is 1, the decay 0.01. The broken step moves by $2 \cdot 10^{-5}$, as one might expect
# of a weak pull. It is "off by about 0.002": the right one moves by 0.002, the *whole* learning
# rate. How can so little decay do so much?
#
# ## 7. The surprise in the weight decay
#
# With $g = 0$, all that is left is $\lambda p$. It is divided by its own size, and $\lambda$
# drops out! Where the loss has nothing to say, any decay, however small, pulls at full speed.
#
# Is that ever so? In the 1000 training digits some pixels are 0 in every image. The weights of the
# first layer that belong to them never get a gradient. We train the assignment's MLP for three
# epochs, with its decay of $10^{-5}$, with a thousand times as much, and with none.
#
# **Predict:** by how much do the three differ in these weights?

# %%
train = Digits("train")
blank = (train.data == 0).all(axis=0)
print(f"{blank.sum()} of 64 pixels are always 0")
assert blank.sum() == 3


def trained(make_optimizer, epochs):
    """Return the MLP after some epochs, and its first layer's weights before them."""
    minigrad.manual_seed(0)
    model = classifier(mlp(minigrad.nn), minigrad.nn)
    first_weights = model.classnet[0].weight.detach().numpy().copy()
    optimizer = make_optimizer(model.parameters())
    for _ in range(epochs):
        for x, y in DataLoader(train, batch_size=64, shuffle=True):
            loss = model(x, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model, first_weights


left = {}
for weight_decay in (0, 1e-5, 1e-2):
    model, before = trained(
        lambda p, wd=weight_decay: minigrad.optim.Adamax(p, lr=1e-3, weight_decay=wd), epochs=3
    )
    after = model.classnet[0].weight.detach().numpy()
    left[weight_decay] = np.abs(after[:, blank]).mean() / np.abs(before[:, blank]).mean()
    print(f"weight decay {weight_decay:<6}: {100 * left[weight_decay]:.1f} % of them left")
assert left[0] == 1
assert 0.45 < left[1e-5] < 0.55
assert abs(left[1e-5] - left[1e-2]) < 0.02

# %% [markdown]
# Weights without a gradient lose half of their size, with $10^{-5}$ as with $10^{-2}$. It does no
# harm here, as their pixels are 0. But it shows what "weight decay" means in Adam and Adamax: not
# a pull in proportion to $\lambda$, but a term in a vote on the direction. This is the reason
# why AdamW was invented.
#
# ## 8. On Digits
#
# One and the same network, the same batches, five epochs; nine learning rates for each optimizer.
# This is the figure that decides what one uses.


# %%
val = Digits("val")
images, labels = minigrad.tensor(val.data), minigrad.tensor(val.targets)
rates = np.geomspace(1e-4, 1, 9)
curves = {"SGD": [], "Adamax": []}
for name, losses in curves.items():
    optimizer_of = getattr(minigrad.optim, name)
    for lr in rates:
        model, _ = trained(lambda p, make=optimizer_of, lr=lr: make(p, lr=lr), epochs=5)
        with minigrad.no_grad():
            losses.append(model(images, labels).item())

figure, axes = plt.subplots(figsize=(6.2, 3.6), layout="constrained")
for (name, losses), color in zip(curves.items(), (RED, BLUE), strict=True):
    axes.semilogx(rates, losses, "o-", color=color, label=name)
axes.axhline(np.log(10), color=GREY, linewidth=0.8)
axes.text(1e-4, np.log(10) + 0.05, "guessing: log 10", color=GREY)
axes.set(xlabel="learning rate", ylabel="validation nll after 5 epochs", ylim=(0, 3.5))
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, loc="lower left")
plt.show()
for lr, sgd, adamax in zip(rates, curves["SGD"], curves["Adamax"], strict=True):
    print(f"lr = {lr:<8.2g} SGD {sgd:6.3f}   Adamax {adamax:6.3f}")
assert max(curves["Adamax"][2:6]) < 0.8 < min(curves["SGD"])
with minigrad.no_grad():
    last_relu = model.classnet[:8](images).numpy()  # of Adamax with the rate 1
assert (last_relu == 0).all()

# %% [markdown]
# From 0.001 to 0.03, Adamax has learned the digits in five epochs, and none of the nine rates lets
# SGD follow. Below, both are too slow. Far above, both have fallen back to $\log 10$, which is what
# a network earns that gives each label the probability one tenth: with Adamax and the rate 1, all
# ReLUs of the last hidden layer are 0 for every digit, and a dead unit gets no gradient that could
# bring it back.
#
# SGD is not a bad method: with pixels scaled to 0...1, momentum and a schedule for its rate it
# trains most of the best image networks. But it wants to be looked after, and Adamax less so.
#
# ## Your turn: maximize
#
# PyTorch's optimizers can climb: with `maximize=True` the step goes along the gradient instead of
# against it. Add it to `adamax_step`. There are two places where one could change a sign. With
# weight decay they are not the same: which one is right, so that weights still decay? `check`
# knows.
#
# <details><summary>Solution</summary>
#
# ```python
# def adamax_step(
#     p, grad, state, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, maximize=False
# ):
#     m, u, t = state or (np.zeros_like(p), np.zeros_like(p), 0)
#     beta1, beta2 = betas
#     t = t + 1
#     g = (-grad if maximize else grad) + weight_decay * p
#     m = beta1 * m + (1 - beta1) * g
#     u = np.maximum(beta2 * u, np.abs(g) + eps)
#     p = p - lr / (1 - beta1**t) * m / u
#     return p, (m, u, t)
#
#
# report = check(adamax_step)
# assert report.passed
# assert report.layers["Adamax"].skipped == {}
# ```
#
# To climb $L$ is to descend $-L$, so the sign belongs to the gradient of the loss, before the decay
# is added. With `p + lr ...` at the end instead, the decay would push the weights away from 0.
#
# </details>
#
# ## Three questions
#
# **1.** A weight has the gradient 5 in the first step and 0.01 in all later ones. How long is its
# step a hundred steps later, in units of $\eta$? When does it matter?
#
# <details><summary>Answer</summary>
#
# About 0.002. By then $m$ has forgotten the 5 ($0.9^{100}$ of it is left) and is 0.01, while $u$
# has not: $5 \cdot 0.999^{100} = 4.5$. A single outlier slows a weight down for a long time; $u$
# halves in 693 steps. This matters where single batches give huge gradients, and is a reason to
# clip them.
#
# </details>
#
# **2.** Turn the valley of section 1 by 45 degrees, so that its floor runs diagonally. Is
# Adamax still so much better?
#
# <details><summary>Answer</summary>
#
# No. Now both coordinates feel the steep wall, both have gradients of the same size, and $u$ is
# nearly the same for both: to divide by it changes the length of the step, and not its direction.
# After 100 steps with $\eta = 0.1$, $L$ is still above 1, instead of below 0.0001. Adamax helps
# where the steep and the flat directions are single weights. In networks they partly are: think of
# the weights of a bright pixel and of one that is nearly always dark.
#
# </details>
#
# **3.** The gradient is pure noise, $+1$ or $-1$ at random. How far does Adamax move in a step?
# What follows for the end of a training?
#
# <details><summary>Answer</summary>
#
# $u$ stays at 1, and $m$ is the mean of about the last ten signs: its size is
# $\sqrt{(1 - \beta_1)/(1 + \beta_1)} = 0.23$. So it keeps moving, by $0.23\, \eta$ in a step, to
# and fro. Where SGD slows down as gradients vanish, Adamax goes on at nearly full speed. It comes
# to rest only if $\eta$ does: hence schedules, which lower it, or early stopping, which keeps the
# best weights on the way.
#
# </details>

# %%
p, state = np.zeros(1), {}
for step in range(101):
    before = p
    p, state = adamax_step(p, np.array([5.0 if step == 0 else 0.01]), state, lr=1.0)
assert np.isclose(before - p, 0.0022, atol=1e-4)
assert 0.999**693 < 0.5 < 0.999**692

turn = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
turned = turn.T @ np.diag(curvature) @ turn
p, state = turn.T @ start, {}
for _ in range(100):
    p, state = adamax_step(p, turned @ p, state, lr=0.1)
assert 0.5 * p @ turned @ p > 1
assert valley(adamax_path(0.1, 100)[-1]) < 1e-4

signs = np.random.default_rng(0).choice([-1.0, 1.0], 10_000)
p, state, moves = np.zeros(1), {}, []
for sign in signs:
    before = p
    p, state = adamax_step(p, np.array([sign]), state, lr=1.0)
    moves.append(p - before)
assert np.isclose(np.std(moves), np.sqrt(0.1 / 1.9), rtol=0.05)

# %% [markdown]
# Lesson 8 puts all layers together into the assignment's network, trains it, and finds the step in
# which two frameworks part.
