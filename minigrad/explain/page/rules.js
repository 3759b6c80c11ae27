// What is said about each operation: its formula and what it does, its rule backward and why, its
// code.
//
// Gradients are written ȳ for the gradient of the loss with respect to y. Code is the same for
// minigrad and PyTorch but for the import: x, weight, bias, target and grad_y are at hand.

const tuple = (numbers) => (new Set(numbers).size === 1 ? numbers[0] : `(${numbers.join(", ")})`);

// The settings of a call, without those that are as PyTorch has them anyway: [name, setting,
// default].
const settings = (list) =>
  list
    .filter(([, setting, usual]) => `${setting}` !== `${usual}`)
    .map(([name, setting]) => `, ${name}=${setting}`)
    .join("");

// The padding before and after is the same, but for "same" with an even kernel.
const paddingOf = ({ before, after }) => (`${before}` === `${after}` ? tuple(before) : '"same"');

const rules = {
  Linear: {
    formula: "y_{n,o} = b_o + ∑_i w_{o,i} x_{n,i}",
    does: "Each output is a bias and the sum of all inputs, each times a weight of its own.",
    back: ["x̄_{n,i} = ∑_o ȳ_{n,o} w_{o,i}", "w̄_{o,i} = ∑_n ȳ_{n,o} x_{n,i}", "b̄_o = ∑_n ȳ_{n,o}"],
    why:
      "Each input went to every output through one weight, so its gradient comes back " +
      "from every output through that same weight. A weight met one number of each " +
      "sample, and gets that number times the gradient.",
    forward: () => ["y = torch.nn.functional.linear(x, weight, bias)"],
    backward: () => [
      "grad_x = grad_y @ weight",
      "grad_weight = grad_y.T @ x",
      "grad_bias = grad_y.sum(0)",
    ],
  },
  Conv2d: {
    formula: "y_{n,o,i,j} = b_o + ∑_{c,u,v} w_{o,c,u,v} x_{n,c,s i + d u − p, s j + d v − p}",
    does:
      "The same few weights slide over the image: each output is the sum of one window " +
      "of pixels, each times its weight, and a bias.",
    back: [
      "x̄_{n,c,r,q} = ∑ ȳ_{n,o,i,j} w_{o,c,u,v} , r = s i + d u − p , q = s j + d v − p",
      "w̄_{o,c,u,v} = ∑_{n,i,j} ȳ_{n,o,i,j} x_{n,c,s i + d u − p, s j + d v − p}",
      "b̄_o = ∑_{n,i,j} ȳ_{n,o,i,j}",
    ],
    why:
      "A pixel lay in several windows, each time under another weight: from every such " +
      "window the gradient comes back through that weight. A weight was used at every " +
      "place of the image, and gathers from all of them.",
    forward: ({ window, groups }) => [
      `y = torch.nn.functional.conv2d(x, weight, bias${settings([
        ["stride", tuple(window.stride), 1],
        ["padding", paddingOf(window), 0],
        ["dilation", tuple(window.dilation), 1],
        ["groups", groups, 1],
      ])})`,
    ],
    backward: (a) => [
      ...rules.Conv2d.forward(a),
      "grad_x, grad_weight, grad_bias = torch.autograd.grad(y, (x, weight, bias), grad_y)",
    ],
  },
  MaxPool2d: {
    formula: "y_{n,c,i,j} = max_{u,v} x_{n,c,s i + d u − p, s j + d v − p}",
    does: "Each window is replaced by its largest pixel.",
    back: ["x̄_{n,c,r,q} = ∑ ȳ_{n,c,i,j} 'over the windows that' x_{n,c,r,q} 'won'"],
    why:
      "Only the largest pixel of a window reached the output, so it alone takes the " +
      "gradient, and all of it. Of equals the first wins.",
    forward: ({ window }) => [
      `y = torch.nn.functional.max_pool2d(x, ${tuple(window.kernel)}${settings([
        ["stride", tuple(window.stride), tuple(window.kernel)],
        ["padding", tuple(window.before), 0],
        ["dilation", tuple(window.dilation), 1],
        ["ceil_mode", `${window.before}` === `${window.after}` ? "False" : "True", "False"],
      ])})`,
    ],
    backward: (a) => [
      ...rules.MaxPool2d.forward(a),
      "(grad_x,) = torch.autograd.grad(y, x, grad_y)",
    ],
  },
  ReLU: {
    formula: "y = max ( 0 , x )",
    does: "What is above 0 passes, the rest becomes 0.",
    back: ["x̄ = ȳ · [ x > 0 ]"],
    why:
      "Where x passed unchanged, so does the gradient. Where x was cut to 0, a small " +
      "change of it changes nothing.",
    forward: () => ["y = torch.relu(x)"],
    backward: () => ["grad_x = grad_y * (x > 0)"],
  },
  LogSoftmax: {
    formula: "y_c = x_c − log ∑_k exp x_k",
    does:
      "Scores become log-probabilities: their exponentials are positive and sum to 1, " +
      "and the order stays as it was.",
    back: ["x̄_j = ȳ_j − p_j ∑_c ȳ_c , p_j = exp y_j"],
    why:
      "Each x stands in its own y and, by the sum, in every other. Below an NLL loss, " +
      "where ȳ is −1 at the target and 0 elsewhere, this is p minus one-hot: what was " +
      "predicted less what was right.",
    forward: (a) => [`y = torch.log_softmax(x, dim=${a.dim})`],
    backward: (a) => [
      ...rules.LogSoftmax.forward(a),
      `grad_x = grad_y - y.exp() * grad_y.sum(dim=${a.dim}, keepdim=True)`,
    ],
  },
  Softmax: {
    formula: "p_c = frac{exp x_c}{∑_k exp x_k}",
    does: "Scores become probabilities: positive, and of sum 1.",
    back: ["x̄_j = p_j ( p̄_j − ∑_c p̄_c p_c )"],
    why:
      "What one class gains, the others lose: each gradient counts only as far as it is " +
      "above their mean, weighted by p.",
    forward: (a) => [`y = torch.softmax(x, dim=${a.dim})`],
    backward: (a) => [...rules.Softmax.forward(a), "(grad_x,) = torch.autograd.grad(y, x, grad_y)"],
  },
  NLLLoss: {
    formula: "l_n = − x_{n,t} , t = 'the target of' n",
    does:
      "The loss of an image is the negative log-probability of its right class: 0 if the " +
      "network is certain of it, more the less likely it finds it.",
    back: ["x̄_{n,c} = − l̄_n [ c = t ]"],
    why:
      "The loss reads one log-probability, that of the right class. Only there does a " +
      "gradient arrive.",
    forward: (a) => [`y = torch.nn.functional.nll_loss(x, target, reduction="${a.reduction}")`],
    backward: (a) => [...rules.NLLLoss.forward(a), "(grad_x,) = torch.autograd.grad(y, x, grad_y)"],
  },
};

const unknownRule = {
  formula: "y = f ( x )",
  does: "This page does not know the operation: it shows what minigrad computed.",
  back: ["x̄ = ȳ frac{∂ y}{∂ x}"],
  why: "This page does not know the operation: it shows the gradients that minigrad computed.",
  forward: () => [],
  backward: () => [],
};

const adamaxRule = {
  formula: "p ← p − frac{lr}{1 − β_1^t} · frac{m}{u}",
  back: ["m ← β_1 m + ( 1 − β_1 ) g", "u ← max ( β_2 u , | g | + ε )"],
  why:
    "m is a mean of the last gradients, u the largest of them: so a step is about lr in " +
    "size, whatever the size of the gradient. m begins at 0, and 1 − β₁ᵗ makes up for " +
    "it.",
  code: ({ lr }) => [
    `optimizer = torch.optim.Adamax(model.parameters(), lr=${lr})`,
    "loss.backward()",
    "optimizer.step()",
  ],
};
