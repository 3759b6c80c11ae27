# %% [markdown]
# # Lesson 8: the whole network
#
# All layers are there. In this lesson we put them together into the assignment's convolutional
# network, in NumPy and nothing else, and train it on Digits. Then PyTorch does the same run, from
# the same weights with the same batches. In float64 the two agree to the last digits. In float32
# they agree for a while, and then part in one particular step: we shall find it, and see why.
#
# You need the layers of lessons 2 to 5 and Adamax from lesson 7. About an hour.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad
from experiments.digits import Digits
from experiments.figures import BLUE, GREY, RED
from experiments.lessons.checked import causes, check
from pt_reference.lockstep import Twin, lockstep
from pt_reference.networks import classifier, cnn

# %% [markdown]
# ## 1. The network
#
# It is a chain of ten layers (the first of which only gives the 64 pixels their two axes back).
# Here it is as minigrad builds it; with `torch.nn` in place of `minigrad.nn` the same function
# gives PyTorch's.
#
# A convolution from $C$ to $O$ channels with a kernel of $3 \times 3$ has $9\,CO$ weights and $O$
# biases, a Linear layer from $I$ to $O$ numbers $IO$ weights and $O$ biases.
#
# **Predict:** where do most of the network's parameters sit: in the convolutions or in the Linear
# layers?

# %%
minigrad.manual_seed(0)
x = minigrad.tensor(Digits("train").data[:1])
counts = {}
for number, layer in enumerate(cnn(minigrad.nn)):
    x = layer(x)
    counts[number] = sum(p.numel() for p in layer.parameters())
    print(
        f"{number}  {type(layer).__name__:10} {tuple(x.shape)!s:14} {counts[number]:6} parameters"
    )
assert counts[1] == 9 * 1 * 16 + 16 == 160
assert counts[3] == 9 * 16 * 64 + 64 == 9280
assert counts[6] == 256 * 128 + 128 == 32_896
assert counts[8] == 128 * 10 + 10 == 1290
assert sum(counts.values()) == 43_626

# %% [markdown]
# Three quarters sit in one Linear layer; the convolutions, which look at every pixel, are small,
# for they use the same weights everywhere.
#
# ## 2. All its layers
#
# These are the layers of lessons 2, 3, 4, 5 and 7, written for speed: there is no loop over samples
# or pixels left, only over the few pixels of a window.


# %%
def conv2d_forward(x, weight, bias=None, padding=0):
    p, sides = padding, weight.shape[2:]
    padded = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    patches = np.lib.stride_tricks.sliding_window_view(padded, sides, axis=(2, 3))
    # patches (N, C, OH, OW, KH, KW), weight (O, C, KH, KW): sum over C, KH, KW
    y = np.moveaxis(np.tensordot(patches, weight, axes=((1, 4, 5), (1, 2, 3))), -1, 1)
    return y if bias is None else y + bias[:, None, None], (patches, weight, padded.shape, p)


def conv2d_backward(grad_output, cache):
    patches, weight, shape, p = cache
    (_, _, h, w), (oh, ow) = shape, grad_output.shape[2:]
    grad_weight = np.tensordot(grad_output, patches, axes=((0, 2, 3), (0, 2, 3)))
    grad_padded = np.zeros(shape, grad_output.dtype)
    for u, v in np.ndindex(weight.shape[2:]):
        sent = np.tensordot(grad_output, weight[:, :, u, v], axes=(1, 0))  # (N, OH, OW, C)
        grad_padded[:, :, u : u + oh, v : v + ow] += np.moveaxis(sent, -1, 1)
    return grad_padded[:, :, p : h - p, p : w - p], grad_weight, grad_output.sum(axis=(0, 2, 3))


def max_pool2d_forward(x, kernel_size, stride=None):
    k, s = kernel_size, stride or kernel_size
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::s, ::s]
    windows = windows.reshape(*windows.shape[:4], k * k)  # (N, C, OH, OW, k * k)
    winner = windows.argmax(axis=-1)
    y = np.take_along_axis(windows, winner[..., None], axis=-1)[..., 0]
    return y, (winner, x.shape, k, s)


def max_pool2d_backward(grad_output, cache):
    winner, shape, k, s = cache
    oh, ow = winner.shape[2:]
    grad_x = np.zeros(shape, grad_output.dtype)
    for number, (u, v) in enumerate(np.ndindex(k, k)):
        grad_x[:, :, u : u + s * oh : s, v : v + s * ow : s] += grad_output * (winner == number)
    return grad_x


def linear_forward(x, weight, bias=None):
    y = x @ weight.T
    return y if bias is None else y + bias, (x, weight)


def linear_backward(grad_output, cache):
    x, weight = cache
    return grad_output @ weight, grad_output.T @ x, grad_output.sum(axis=0)


def relu_forward(x):
    return np.maximum(x, 0), x > 0


def relu_backward(grad_output, cache):
    return grad_output * cache


# %%
def log_softmax_forward(x, dim=1):
    shifted = x - x.max(axis=dim, keepdims=True)
    y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
    return y, (y, dim)


def log_softmax_backward(grad_output, cache):
    y, dim = cache
    return grad_output - np.exp(y) * grad_output.sum(axis=dim, keepdims=True)


def nll_loss_forward(log_probs, target):
    n, c = log_probs.shape
    if target.shape != (n,) or target.min() < 0 or target.max() >= c:
        raise ValueError(f"expected {n} targets from 0 to {c - 1}")
    return -log_probs[np.arange(n), target].mean(), (log_probs, target)


def nll_loss_backward(grad_output, cache):
    log_probs, target = cache
    grad_input = np.zeros_like(log_probs)
    grad_input[np.arange(len(target)), target] = -grad_output / len(target)
    return grad_input


def adamax_step(p, grad, state, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
    m, u, t = state or (np.zeros_like(p), np.zeros_like(p), 0)
    beta1, beta2 = betas
    t = t + 1
    g = grad + weight_decay * p
    m = beta1 * m + (1 - beta1) * g
    u = np.maximum(beta2 * u, np.abs(g) + eps)
    p = p - lr / (1 - beta1**t) * m / u
    return p, (m, u, t)


pairs = [
    conv2d_forward, conv2d_backward, max_pool2d_forward, max_pool2d_backward,
    linear_forward, linear_backward, relu_forward, relu_backward,
    log_softmax_forward, log_softmax_backward, nll_loss_forward, nll_loss_backward,
]  # fmt: skip
report = check(*pairs, adamax_step)
assert report.passed

# %% [markdown]
# All seven pass. In a terminal, `minigrad check layers.py` says the same of a file.
#
# ## 3. A network is a list
#
# A layer hands its output to the next, and keeps its cache. Backward goes through the same list
# from its end: each layer is given the gradient of its output and hands on the gradient of its
# input. What it finds for its weights on the way is kept under their names.


# %%
def flatten_forward(x):
    return x.reshape(len(x), -1), x.shape


def flatten_backward(grad_output, shape):
    return grad_output.reshape(shape)


network = [  # forward, backward, its options, its parameters
    (conv2d_forward, conv2d_backward, {"padding": 1}, ("1.weight", "1.bias")),
    (max_pool2d_forward, max_pool2d_backward, {"kernel_size": 2}, ()),
    (conv2d_forward, conv2d_backward, {"padding": 1}, ("3.weight", "3.bias")),
    (max_pool2d_forward, max_pool2d_backward, {"kernel_size": 2}, ()),
    (flatten_forward, flatten_backward, {}, ()),
    (linear_forward, linear_backward, {}, ("6.weight", "6.bias")),
    (relu_forward, relu_backward, {}, ()),
    (linear_forward, linear_backward, {}, ("8.weight", "8.bias")),
    (log_softmax_forward, log_softmax_backward, {}, ()),
]


def forward(network, weights, x):
    caches = []
    for function, _, options, names in network:
        x, cache = function(x, *[weights[name] for name in names], **options)
        caches.append(cache)
    return x, caches


def backward(network, grad, caches):
    gradients = {}
    for (_, function, _, names), cache in zip(reversed(network), reversed(caches), strict=True):
        result = function(grad, cache)
        grad, *of_parameters = result if names else (result,)
        gradients.update(zip(names, of_parameters, strict=True))
    return gradients


def loss_and_gradients(network, weights, x, y):
    log_probs, caches = forward(network, weights, x)
    loss, cache = nll_loss_forward(log_probs, y)
    return loss, backward(network, nll_loss_backward(1.0, cache), caches)


# %% [markdown]
# That is all of it: no graph, because a chain needs none. (Where a value is used twice one needs
# lesson 1.)
#
# Is the whole gradient right? Layers that are right can still be put together wrongly. Lesson 6 had
# a test for many weights at once: move all of them along one random direction, and compare. A run
# begins with this function, in either framework; we take minigrad's first weights, which are
# PyTorch's.

# %%
train = Digits("train")


def begin(framework, dtype, seed):
    framework.manual_seed(seed)
    model = classifier(cnn(framework.nn), framework.nn).to(getattr(framework, dtype))
    optimizer = framework.optim.Adamax(model.parameters(), lr=1e-3, weight_decay=1e-5)
    loader = framework.utils.data.DataLoader(train, batch_size=64, shuffle=True)
    return model, optimizer, loader


def arrays_of(model):
    return {name: tensor.numpy().copy() for name, tensor in model.classnet.state_dict().items()}


rng = np.random.default_rng(0)
images, labels = train.data[:64].reshape(-1, 1, 8, 8).astype(np.float64), train.targets[:64]
weights = arrays_of(begin(minigrad, "float64", seed=0)[0])
direction = {name: rng.normal(size=array.shape) for name, array in weights.items()}


def gap_along(network, h):
    _, gradients = loss_and_gradients(network, weights, images, labels)
    analytical = sum((direction[name] * gradients[name]).sum() for name in weights)
    above, below = [
        loss_and_gradients(
            network, {n: w + s * direction[n] for n, w in weights.items()}, images, labels
        )[0]
        for s in (h, -h)
    ]
    return abs((above - below) / (2 * h) - analytical) / abs(analytical)


for h in (1e-5, 1e-7):
    print(f"h = {h}: off by {gap_along(network, h):.0e}")
assert gap_along(network, 1e-7) < 1e-7
assert gap_along(network, 1e-5) > 1e-4

# %% [markdown]
# With $h = 10^{-7}$ it fits to nine digits. Why is $10^{-5}$ not good enough, which was lesson 6's
# best?
#
# <details><summary>Answer</summary>
#
# Kinks. All 43,626 weights move at once, so a pre-activation or a pixel moves much further than if
# one weight did, and among the 64 images' many windows and units some change their mind.
#
# </details>
#
# ## 4. One run, three times
#
# The random stream is the last thing needed for the same run: with the same seed, minigrad draws
# the same weights and the same batches as PyTorch. Our own loop takes its weights and batches from
# minigrad, and nothing else.


# %%
def by_hand(network, epochs, seed=0):
    model, _, loader = begin(minigrad, "float64", seed)
    weights = arrays_of(model)
    states, losses = {name: {} for name in weights}, []
    for x, y in (batch for _ in range(epochs) for batch in loader):
        x, y = x.numpy().reshape(-1, 1, 8, 8).astype(np.float64), y.numpy()
        loss, gradients = loss_and_gradients(network, weights, x, y)
        losses.append(loss)
        for name, gradient in gradients.items():
            weights[name], states[name] = adamax_step(
                weights[name], gradient, states[name], lr=1e-3, weight_decay=1e-5
            )
    return np.array(losses), weights


def by_framework(framework, dtype, epochs, seed=0):
    """Yield the loss of each step, and the model after it."""
    model, optimizer, loader = begin(framework, dtype, seed)
    for x, y in (batch for _ in range(epochs) for batch in loader):
        loss = model(x.to(getattr(framework, dtype)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item(), model


ours, trained = by_hand(network, epochs=3)
in_minigrad = np.array([loss for loss, _ in by_framework(minigrad, "float64", epochs=3)])
in_torch = np.array([loss for loss, _ in by_framework(torch, "float64", epochs=3)])
print("step  by hand             minigrad            PyTorch")
for step in (0, 1, 15, 31, 47):
    print(f"{step + 1:4}  {ours[step]:.16f}  {in_minigrad[step]:.16f}  {in_torch[step]:.16f}")
assert np.abs(ours - in_torch).max() < 1e-11
assert np.abs(in_minigrad - in_torch).max() < 1e-11

# %% [markdown]
# Three programs, one in NumPy, one in a small framework, one in a large one that is mostly C++: the
# same numbers. Nothing that PyTorch does in this training is hidden from you any more.

# %%
val = Digits("val")


def errors_of(network, weights):
    images = val.data.reshape(-1, 1, 8, 8).astype(np.float64)
    log_probs, _ = forward(network, weights, images)
    return (log_probs.argmax(axis=1) != val.targets).mean()


print(f"after three epochs {100 * errors_of(network, trained):.1f} % of the labels are wrong")
assert errors_of(network, trained) < 0.12

# %% [markdown]
# ## 5. Rounding depends on the order
#
# Now in float32. minigrad and PyTorch compute the same formulas, but not in the same order: each
# adds up the products of a convolution in its own way. Does the order matter?
#
# **Predict:** `(0.1 + 0.2) + 0.3 == (0.3 + 0.2) + 0.1`, yes or no?

# %%
print((0.1 + 0.2) + 0.3, (0.3 + 0.2) + 0.1)
assert (0.1 + 0.2) + 0.3 != (0.3 + 0.2) + 0.1

products = rng.normal(size=144).astype(np.float32)  # 16 channels of 3 x 3 pixels
sums = {
    "from the first": np.cumsum(products)[-1],
    "from the last": np.cumsum(products[::-1])[-1],
    "smallest first": np.cumsum(products[np.abs(products).argsort()])[-1],
}
for order, value in sums.items():
    print(f"{order:15} {value:.8f}")
assert len(set(sums.values())) > 1
assert np.ptp(list(sums.values())) < 1e-5

# %% [markdown]
# Each sum is rounded after each addition, and other partial sums are rounded otherwise. Neither
# order is the right one. The two runs therefore differ in the seventh digit after the first step.
# We follow the weights of the second convolution for six epochs, in both dtypes, from seed 1.
#
# **Predict:** does the distance grow steadily, explode, or stay?


# %%
def distances(dtype, epochs=6, seed=1):
    """Return how far the weights are apart after each step, relative to the largest."""
    runs = [by_framework(framework, dtype, epochs, seed) for framework in (minigrad, torch)]
    apart = []
    for (_, a), (_, b) in zip(*runs, strict=True):
        a, b = [model.classnet[3].weight.detach().numpy() for model in (a, b)]
        apart.append(np.abs(a - b).max() / np.abs(b).max())
    return np.array(apart)


apart = {dtype: distances(dtype) for dtype in ("float32", "float64")}
figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
for (dtype, values), color in zip(apart.items(), (RED, BLUE), strict=True):
    axes.semilogy(np.arange(1, len(values) + 1), values, color=color, label=dtype)
    axes.axhline(np.finfo(dtype).eps, color=GREY, linewidth=0.8, linestyle="--")
axes.text(1, 1.3 * np.finfo("float64").eps, "last digit of each dtype", color=GREY)
axes.set(xlabel="step", ylabel="minigrad and PyTorch are apart by", ylim=(1e-17, 1e-1))
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
plt.show()
print("apart after six epochs:", {dtype: f"{values[-1]:.0e}" for dtype, values in apart.items()})
assert apart["float64"].max() < 1e-10
assert apart["float32"][0] < 1e-5

# %% [markdown]
# In float64 it stays where it began. In float32 it stays too, for a while; then it leaps to
# something like a hundred times as much, within a few steps. (On your processor, which adds in
# another order again, it may be another step, or another seed.) What happened there?
#
# ## 6. The step in which they part
#
# `lockstep` trains two twins side by side, compares batch, loss, gradients and parameters in each
# step, and watches every decision: which pixel wins in each window of a max-pool, which ReLU is on.


# %%
def twin(framework):
    model, optimizer, loader = begin(framework, "float32", seed=1)
    return Twin(model, optimizer, [loader] * 6)


outcome = lockstep(twin(minigrad), twin(torch))
print(outcome)
if outcome.parting:  # else, on this processor, no decision was near enough
    assert outcome.decision.margin < 1e-5
    assert apart["float32"][-1] > 30 * apart["float32"][outcome.steps - 2]

# %% [markdown]
# Read it slowly; it is the whole story. One element of a gradient is far off. In the same step, one
# window of a max-pool has two pixels that are equal but for rounding, a **near-tie**. One framework
# sees the first as the larger, the other the second. Forward that is nothing: the maximum is the
# same to seven digits. Backward it is everything: the gradient goes to *another pixel*, with
# another patch, and so into other weights. Rounding has turned a decision.
#
# (In lesson 5 it did not matter who won, because tied pixels had the same patch. Here their patches
# are different, and give the same sum by chance.)
#
# So there are two regimes. Between decisions the network is smooth, and a difference in the last
# digit stays one. At a decision, a difference of any size becomes a difference of ordinary size in
# one gradient. In float64 such a near-tie is some hundred million times rarer.
#
# Here is one, made by hand: the same three products, added from either end.

# %%
window = {"pixel A": [0.1, 0.2, 0.3], "pixel B": [0.3, 0.2, 0.1]}
for order, end in (("from the first", 1), ("from the last", -1)):
    sums = {pixel: (p[::end][0] + p[::end][1]) + p[::end][2] for pixel, p in window.items()}
    print(f"added {order}: {sums}, so {max(sums, key=sums.get)} wins")
    assert max(sums, key=sums.get) == ("pixel A" if end == 1 else "pixel B")

# %% [markdown]
# ## 7. Does it matter?
#
# The two runs are different from then on. Which one is better? We compare the validation loss after
# six epochs in both frameworks, for two seeds.
#
# **Predict:** which differ more, two frameworks or two seeds?


# %%
def validation_loss(framework, seed):
    *_, (_, model) = by_framework(framework, "float32", 6, seed)
    with framework.no_grad():
        return model(framework.tensor(val.data), framework.tensor(val.targets)).item()


losses = {seed: [validation_loss(f, seed) for f in (minigrad, torch)] for seed in (1, 2)}
for seed, (a, b) in losses.items():
    print(f"seed {seed}: minigrad {a:.7f}, PyTorch {b:.7f}")
between_frameworks = max(abs(a - b) for a, b in losses.values())
between_seeds = np.ptp([b for _, b in losses.values()])
print(f"frameworks differ by {between_frameworks:.0e}, seeds by {between_seeds:.0e}")
assert between_seeds > 5 * between_frameworks

# %% [markdown]
# The seed decides. A run that has parted is another run, as good as the first, as if the seed had
# been changed a little. So "my result is not the same as yours" is no sign of a mistake in float32,
# after some epochs. It is one in float64, or in the first steps: that is where to compare.
#
# ## 8. Break it
#
# To end with, the reason for all this checking. We break the convolution: backward uses its kernel
# upside down, so that the *first* convolution is sent a wrong gradient. And once more: it is sent
# the opposite of the right one.
#
# **Predict:** what will the training look like?


# %%
def upside_down(grad_output, cache):
    patches, weight, shape, p = cache
    return conv2d_backward(grad_output, (patches, weight[:, :, ::-1, ::-1], shape, p))


def opposite(grad_output, cache):
    grad_x, grad_weight, grad_bias = conv2d_backward(grad_output, cache)
    return -grad_x, grad_weight, grad_bias


def with_backward(function):
    return [(f, function if b is conv2d_backward else b, o, n) for f, b, o, n in network]


broken = {
    "right": network,
    "upside down": with_backward(upside_down),
    "opposite": with_backward(opposite),
}
for name, layers in broken.items():
    losses, weights_after = by_hand(layers, epochs=3)
    print(
        f"{name:12} last epoch's loss {losses[-16:].mean():.3f}, "
        f"validation error {100 * errors_of(layers, weights_after):4.1f} %, "
        f"gradient off by {gap_along(layers, 1e-7):.0e}"
    )
    assert errors_of(layers, weights_after) < 0.15
    assert (gap_along(layers, 1e-7) < 1e-6) == (name == "right")

# %% [markdown]
# All three learn, and their errors hardly differ. The layers behind the broken one make up for it.
# Nobody who looks at loss and error only would find the mistake; they would find their network a
# little worse than expected, and try another learning rate. The gradient check sees it before the
# first step, and `minigrad check` says what it is.

# %%
report = check(
    conv2d_forward,
    conv2d_backward,
    instead_of="weight[:, :, u, v], axes",
    write="weight[:, :, -1 - u, -1 - v], axes",
)
assert not report.passed
assert causes(report)[0] == "flipped"

# %% [markdown]
# ## Your turn: a ReLU after each convolution
#
# The assignment's network has no activation between its convolutions, only pooling. Put a ReLU
# behind each of them and train it for three epochs. Is it better? Then put the ReLUs behind the
# pools instead. What changes?
#
# <details><summary>Solution</summary>
#
# ```python
# relu = (relu_forward, relu_backward, {}, ())
# behind_convolutions = [*network[:1], relu, *network[1:3], relu, *network[3:]]
# behind_pools = [*network[:2], relu, *network[2:4], relu, *network[4:]]
# losses_1, weights_1 = by_hand(behind_convolutions, epochs=3)
# losses_2, weights_2 = by_hand(behind_pools, epochs=3)
# print(f"validation error {100 * errors_of(behind_convolutions, weights_1):.1f} %")
# assert np.allclose(losses_1, losses_2, rtol=0, atol=1e-9)
# ```
#
# Between the two places nothing changes: ReLU never turns the order of two numbers around, so
# $\max$ and ReLU can be exchanged. Behind the pool it has a quarter of the work.
#
# </details>
#
# ## Three questions
#
# **1.** Training this network takes several times as much memory as using it. Where is it, and
# which layer's cache is the largest?
#
# <details><summary>Answer</summary>
# In the caches: what each layer keeps between forward and backward. To predict, one can forget each
# array as soon as the next is there. The weights come on top: a gradient and Adamax's $m$ and $u$
# for each, four numbers where there was one. The largest cache is the second convolution's. Its
# patches have $16 \cdot 9$ numbers for each of 16 places, nine times as many as its input. Here
# they are a view of the padded input and take no memory of their own, until `tensordot` copies them
# for the moment of the product.
#
# </details>
#
# **2.** Two implementations end with a test error of 6.0 % and 6.3 % on 447 digits, in float32,
# each from one run. Is the first one better?
#
# <details><summary>Answer</summary>
#
# 6.0 % are 27 wrong digits, 6.3 % are 28. Nobody knows. Seeds alone move this network's test error
# by 0.9 % (the standard deviation of 30 runs, which `minigrad digits --seeds 30` measures). Compare
# the means of many seeds, or the first steps in float64, where equal programs are equal.
#
# </details>
#
# **3.** If float64 keeps the runs together, why does nobody train in it?
#
# <details><summary>Answer</summary>
#
# It needs twice the memory and the time, on a GPU many times the time, and it buys nothing. A batch
# of 64 gives a gradient that differs from the mean over all batches by nearly its own length:
# measured below, more than half. Next to that, an error in the seventh digit is nothing. Precision
# is for checking.
#
# </details>

# %%
_, caches = forward(network, weights, images)
assert caches[2][0].size == 9 * images.shape[0] * 16 * 4 * 4

gradients = []
for i in range(0, 960, 64):
    x = train.data[i : i + 64].reshape(-1, 1, 8, 8).astype(np.float64)
    _, of_batch = loss_and_gradients(network, weights, x, train.targets[i : i + 64])
    gradients.append(of_batch["6.weight"])
mean = np.mean(gradients, axis=0)
noise = [np.linalg.norm(g - mean) / np.linalg.norm(mean) for g in gradients]
print(f"the gradients of 15 batches differ from their mean by {np.mean(noise):.0%} of its length")
assert min(noise) > 0.5

# %% [markdown]
# This was the last lesson. `minigrad/` is what you have built, with more options and more care:
# read it from `minigrad/__init__.py` on, which lists its files in order.
