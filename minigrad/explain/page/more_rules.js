// What is said about operations on numbers: as rules.js says it of layers.

const along = ({ axes, keepdim }) =>
  `dim=${axes.length === 1 ? axes[0] : `(${axes.join(", ")})`}${keepdim ? ", keepdim=True" : ""}`;

Object.assign(rules, {
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
    why:
      "A sum hands its gradient to both of its terms. Where one was broadcast, its cells " +
      "stood in several places, and their gradients add up.",
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
  Div: {
    formula: "y = frac{a}{b}",
    does: "The quotient, cell by cell; the smaller array is repeated.",
    back: ["ā = ȳ frac{1}{b}", "b̄ = − ȳ frac{a}{b^2}"],
    why: "y grows with a by 1 / b, and falls with b, the faster the smaller b is.",
    forward: () => ["y = a / b"],
    backward: () => ["grad_a, grad_b = torch.autograd.grad(a / b, (a, b), grad_y)"],
  },
  Pow: {
    formula: "y = a^b",
    does: "The power, cell by cell.",
    back: ["ā = ȳ b a^{b − 1}", "b̄ = ȳ y log a"],
    why: "The rule of powers; a square's slope is twice its base.",
    forward: () => ["y = a ** b"],
    backward: () => ["grad_a = grad_y * b * a ** (b - 1)"],
  },
  Neg: {
    formula: "y = − a",
    does: "Each number with its sign turned.",
    back: ["ā = − ȳ"],
    why: "What rises on one side falls on the other.",
    forward: () => ["y = -a"],
    backward: () => ["grad_a = -grad_y"],
  },
  Abs: {
    formula: "y = | a |",
    does: "Each number without its sign.",
    back: ["ā = ȳ sign a"],
    why: "Left of 0 the slope is −1, right of it 1. At 0 it is taken as 0.",
    forward: () => ["y = a.abs()"],
    backward: () => ["y = a.abs()", "(grad_a,) = torch.autograd.grad(y, a, grad_y)"],
  },
  Exp: {
    formula: "y = exp x",
    does: "The exponential of each number.",
    back: ["x̄ = ȳ y"],
    why: "The exponential is its own slope.",
    forward: () => ["y = x.exp()"],
    backward: () => ["grad_x = grad_y * x.exp()"],
  },
  Log: {
    formula: "y = log x",
    does: "The natural logarithm of each number.",
    back: ["x̄ = frac{ȳ}{x}"],
    why: "The logarithm is the steeper the nearer x is to 0.",
    forward: () => ["y = x.log()"],
    backward: () => ["grad_x = grad_y / x"],
  },
  Sqrt: {
    formula: "y = x^{frac{1}{2}}",
    does: "The square root of each number.",
    back: ["x̄ = frac{ȳ}{2 y}"],
    why: "The root is the steeper the nearer x is to 0.",
    forward: () => ["y = x.sqrt()"],
    backward: () => ["grad_x = grad_y / (2 * x.sqrt())"],
  },
  MatMul: {
    formula: "y_{i,j} = ∑_k a_{i,k} b_{k,j}",
    does: "Each number is the sum of a row of a times a column of b.",
    back: ["ā_{i,k} = ∑_j ȳ_{i,j} b_{k,j}", "b̄_{k,j} = ∑_i ȳ_{i,j} a_{i,k}"],
    why:
      "A number of a stands in a whole row of y, each time beside another number of b: " +
      "its gradient gathers along that row.",
    forward: () => ["y = a @ b"],
    backward: () => ["grad_a, grad_b = torch.autograd.grad(a @ b, (a, b), grad_y)"],
  },
  LeakyReLU: {
    formula: "y = max ( 0 , x ) + s · min ( 0 , x )",
    does: "What is above 0 passes, of the rest a small share s.",
    back: ["x̄ = ȳ 'where' x > 0 , 'else' s ȳ"],
    why: "The gradient passes as the number did: whole above 0, else the share s of it.",
    forward: (a) => [`y = torch.nn.functional.leaky_relu(x, ${a.slope})`],
    backward: (a) => [
      ...rules.LeakyReLU.forward(a),
      "(grad_x,) = torch.autograd.grad(y, x, grad_y)",
    ],
  },
  SumPool2d: {
    formula: "y_{n,c,i,j} = ∑_{u,v} x_{n,c,s i + u − p, s j + v − p}",
    does:
      "Each window is replaced by the sum of its pixels; average pooling divides it by " +
      "their number.",
    back: ["x̄_{n,c,r,q} = ∑ ȳ_{n,c,i,j} 'over the windows that hold' x_{n,c,r,q}"],
    why: "Every pixel of a window counts the same, so each takes its gradient.",
    forward: ({ window }) => [
      `y = torch.nn.functional.avg_pool2d(x, ${tuple(window.kernel)}${settings([
        ["stride", tuple(window.stride), tuple(window.kernel)],
        ["padding", tuple(window.before), 0],
      ])}) * ${product(window.kernel)}`,
    ],
    backward: (a) => [
      ...rules.SumPool2d.forward(a),
      "(grad_x,) = torch.autograd.grad(y, x, grad_y)",
    ],
  },
  Permute: {
    formula: "y = x , 'its axes in another order'",
    does: "The same numbers, the axes in another order.",
    back: ["x̄ = ȳ , 'the axes in the order of' x"],
    why: "Each number has moved; its gradient moves back.",
    forward: (a) => [`y = x.permute(${a.dims.join(", ")})`],
    backward: (a) => [...rules.Permute.forward(a), "(grad_x,) = torch.autograd.grad(y, x, grad_y)"],
  },
  View: {
    formula: "y = x , 'in another shape'",
    does: "The same numbers in the same order, in another shape.",
    back: ["x̄ = ȳ , 'in the shape of' x"],
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
});
