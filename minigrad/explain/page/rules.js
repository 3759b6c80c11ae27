// What is said about each operation: its formula and what it does, its rule backward and why, its code.
//
// Gradients are written ȳ for the gradient of the loss with respect to y. Code is the same for
// minigrad and PyTorch but for the import: x, weight, bias, target and grad_y are at hand.

const tuple = (numbers) => (new Set(numbers).size === 1 ? numbers[0] : `(${numbers.join(", ")})`);

// The settings of a call, without those that are as PyTorch has them anyway: [name, setting, default].
const settings = (list) => list.filter(([, setting, usual]) => `${setting}` !== `${usual}`)
  .map(([name, setting]) => `, ${name}=${setting}`).join("");

// The padding before and after is the same, but for "same" with an even kernel.
const paddingOf = ({ before, after }) => (`${before}` === `${after}` ? tuple(before) : '"same"');

const along = ({ axes, keepdim }) =>
  `dim=${axes.length === 1 ? axes[0] : `(${axes.join(", ")})`}${keepdim ? ", keepdim=True" : ""}`;

const rules = {
  Linear: {
    formula: "y_{n,o} = b_o + ∑_i w_{o,i} x_{n,i}",
    does: "Each output is a bias and the sum of all inputs, each times a weight of its own.",
    back: ["x̄_{n,i} = ∑_o ȳ_{n,o} w_{o,i}", "w̄_{o,i} = ∑_n ȳ_{n,o} x_{n,i}", "b̄_o = ∑_n ȳ_{n,o}"],
    why: "Each input went to every output through one weight, so its gradient comes back from every output through that same weight. A weight met one number of each sample, and gets that number times the gradient.",
    forward: () => ["y = torch.nn.functional.linear(x, weight, bias)"],
    backward: () => ["grad_x = grad_y @ weight", "grad_weight = grad_y.T @ x", "grad_bias = grad_y.sum(0)"],
  },
  Conv2d: {
    formula: "y_{n,o,i,j} = b_o + ∑_{c,u,v} w_{o,c,u,v} x_{n,c,s i + d u − p, s j + d v − p}",
    does: "The same few weights slide over the image: each output is the sum of one window of pixels, each times its weight, and a bias.",
    back: [
      "x̄_{n,c,r,q} = ∑ ȳ_{n,o,i,j} w_{o,c,u,v} , r = s i + d u − p , q = s j + d v − p",
      "w̄_{o,c,u,v} = ∑_{n,i,j} ȳ_{n,o,i,j} x_{n,c,s i + d u − p, s j + d v − p}",
      "b̄_o = ∑_{n,i,j} ȳ_{n,o,i,j}",
    ],
    why: "A pixel lay in several windows, each time under another weight: from every such window the gradient comes back through that weight. A weight was used at every place of the image, and gathers from all of them.",
    forward: ({ window, groups }) => [`y = torch.nn.functional.conv2d(x, weight, bias${settings([
      ["stride", tuple(window.stride), 1], ["padding", paddingOf(window), 0],
      ["dilation", tuple(window.dilation), 1], ["groups", groups, 1],
    ])})`],
    backward: (a) => [...rules.Conv2d.forward(a), "grad_x, grad_weight, grad_bias = torch.autograd.grad(y, (x, weight, bias), grad_y)"],
  },
  MaxPool2d: {
    formula: "y_{n,c,i,j} = max_{u,v} x_{n,c,s i + d u − p, s j + d v − p}",
    does: "Each window is replaced by its largest pixel.",
    back: ["x̄_{n,c,r,q} = ∑ ȳ_{n,c,i,j} over the windows that x_{n,c,r,q} won"],
    why: "Only the largest pixel of a window reached the output, so it alone takes the gradient, and all of it. Of equals the first wins.",
    forward: ({ window }) => [`y = torch.nn.functional.max_pool2d(x, ${tuple(window.kernel)}${settings([
      ["stride", tuple(window.stride), tuple(window.kernel)], ["padding", tuple(window.before), 0],
      ["dilation", tuple(window.dilation), 1], ["ceil_mode", `${window.before}` === `${window.after}` ? "False" : "True", "False"],
    ])})`],
    backward: (a) => [...rules.MaxPool2d.forward(a), "(grad_x,) = torch.autograd.grad(y, x, grad_y)"],
  },
  ReLU: {
    formula: "y = max ( 0 , x )",
    does: "What is above 0 passes, the rest becomes 0.",
    back: ["x̄ = ȳ · [ x > 0 ]"],
    why: "Where x passed unchanged, so does the gradient. Where x was cut to 0, a small change of it changes nothing.",
    forward: () => ["y = torch.relu(x)"],
    backward: () => ["grad_x = grad_y * (x > 0)"],
  },
  LogSoftmax: {
    formula: "y_c = x_c − log ∑_k exp x_k",
    does: "Scores become log-probabilities: their exponentials are positive and sum to 1, and the order stays as it was.",
    back: ["x̄_j = ȳ_j − p_j ∑_c ȳ_c , p_j = exp y_j"],
    why: "Each x stands in its own y and, by the sum, in every other. Below an NLL loss, where ȳ is −1 at the target and 0 elsewhere, this is p minus one-hot: what was predicted less what was right.",
    forward: (a) => [`y = torch.log_softmax(x, dim=${a.dim})`],
    backward: (a) => [...rules.LogSoftmax.forward(a), `grad_x = grad_y - y.exp() * grad_y.sum(dim=${a.dim}, keepdim=True)`],
  },
  NLLLoss: {
    formula: "l_n = − x_{n,t} , t = the target of n",
    does: "The loss of an image is the negative log-probability of its right class: 0 if the network is certain of it, more the less likely it finds it.",
    back: ["x̄_{n,c} = − l̄_n [ c = t ]"],
    why: "The loss reads one log-probability, that of the right class. Only there does a gradient arrive.",
    forward: (a) => [`y = torch.nn.functional.nll_loss(x, target, reduction="${a.reduction}")`],
    backward: (a) => [...rules.NLLLoss.forward(a), "(grad_x,) = torch.autograd.grad(y, x, grad_y)"],
  },
  Mean: {
    formula: "y = frac{1}{n} ∑_k x_k",
    does: "The mean of all numbers, here of the losses of the images.",
    back: ["x̄_k = frac{1}{n} ȳ"],
    why: "Each of n numbers moves the mean by an n-th of its own move.",
    forward: (a) => [`y = x.mean(${along(a)})`],
    backward: (a) => [...rules.Mean.forward(a), "(grad_x,) = torch.autograd.grad(y, x, grad_y)"],
  },
  Sum: {
    formula: "y = ∑_k x_k",
    does: "The sum of all numbers.",
    back: ["x̄_k = ȳ"],
    why: "Each number moves the sum by its own move: the gradient is handed to all.",
    forward: (a) => [`y = x.sum(${along(a)})`],
    backward: (a) => [...rules.Sum.forward(a), "(grad_x,) = torch.autograd.grad(y, x, grad_y)"],
  },
  Add: {
    formula: "y = a + b",
    does: "The sum, cell by cell; the smaller array is repeated.",
    back: ["ā = ȳ", "b̄ = ȳ"],
    why: "A sum hands its gradient to both of its terms. Where one was broadcast, its cells stood in several places, and their gradients add up.",
    forward: () => ["y = a + b"],
    backward: () => ["grad_a, grad_b = torch.autograd.grad(a + b, (a, b), grad_y)"],
  },
  Sub: {
    formula: "y = a − b",
    does: "The difference, cell by cell; the smaller array is repeated.",
    back: ["ā = ȳ", "b̄ = − ȳ"],
    why: "What is subtracted gets the gradient with its sign turned.",
    forward: () => ["y = a - b"],
    backward: () => ["grad_a, grad_b = torch.autograd.grad(a - b, (a, b), grad_y)"],
  },
  Mul: {
    formula: "y = a b",
    does: "The product, cell by cell; the smaller array is repeated.",
    back: ["ā = ȳ b", "b̄ = ȳ a"],
    why: "Each factor's slope is the other factor.",
    forward: () => ["y = a * b"],
    backward: () => ["grad_a, grad_b = torch.autograd.grad(a * b, (a, b), grad_y)"],
  },
  Sigmoid: {
    formula: "y = frac{1}{1 + exp ( − x )}",
    does: "Any number is squeezed between 0 and 1.",
    back: ["x̄ = ȳ y ( 1 − y )"],
    why: "The slope is largest, a quarter, in the middle, and vanishes where the curve is flat.",
    forward: () => ["y = torch.sigmoid(x)"],
    backward: () => ["y = torch.sigmoid(x)", "grad_x = grad_y * y * (1 - y)"],
  },
  Tanh: {
    formula: "y = tanh x",
    does: "Any number is squeezed between −1 and 1.",
    back: ["x̄ = ȳ ( 1 − y^2 )"],
    why: "The slope is 1 in the middle, and vanishes where the curve is flat.",
    forward: () => ["y = torch.tanh(x)"],
    backward: () => ["y = torch.tanh(x)", "grad_x = grad_y * (1 - y * y)"],
  },
  View: {
    formula: "y = x , in another shape",
    does: "The same numbers in the same order, in another shape.",
    back: ["x̄ = ȳ , in the shape of x"],
    why: "The numbers stay the same and in the same order; so do their gradients.",
    forward: (a) => [`y = x.reshape(${a.shape.join(", ")})`],
    backward: () => ["grad_x = grad_y.reshape(x.shape)"],
  },
  Clone: {
    formula: "y = x",
    does: "A copy, laid out anew in memory: the numbers are the same.",
    back: ["x̄ = ȳ"],
    why: "A copy in another place of memory: its gradient is the original's.",
    forward: () => ["y = x.clone()"],
    backward: () => ["grad_x = grad_y"],
  },
};

const unknownRule = {
  formula: "y = f ( x )",
  does: "",
  back: ["x̄ = ȳ frac{∂ y}{∂ x}"],
  why: "This page does not know the operation: it shows what minigrad computed, and cannot compute it again or say how each number came about.",
  forward: () => [],
  backward: () => [],
};

const adamaxRule = {
  formula: "p ← p − frac{lr}{1 − β_1^t} · frac{m}{u}",
  back: ["m ← β_1 m + ( 1 − β_1 ) g", "u ← max ( β_2 u , | g | + ε )"],
  why: "m is a mean of the last gradients, u the largest of them: so a step is about lr in size, whatever the size of the gradient. m begins at 0, and 1 − β₁ᵗ makes up for it.",
  code: ({ lr }) => [`optimizer = torch.optim.Adamax(model.parameters(), lr=${lr})`, "loss.backward()", "optimizer.step()"],
};

const ruleOf = (op) => rules[op] ?? unknownRule;
