// Operations on numbers, cell by cell, and those that gather or rearrange cells.

Object.assign(operations, {
  Add: elementwise(["a", "b"], () => [1, 1]),
  Sub: elementwise(["a", "b"], () => [1, -1]),
  Mul: elementwise(["a"], (a, b) => [b, a], ["b", "a"]), // b times a, of a alone: the product
  Div: elementwise(["a"], (a, b) => [1 / b, -a / (b * b)]),
  Pow: { ...elementwise(null, (a, b) => [b * a ** (b - 1), Math.log(a) * a ** b]), forward: power },

  Neg: curve(
    (a) => -a,
    () => -1,
    "a",
  ),
  Abs: curve(Math.abs, (y, a) => Math.sign(a), "a"),
  Exp: curve(Math.exp, (y) => y),
  Log: curve(Math.log, (y, x) => 1 / x),
  Sqrt: curve(Math.sqrt, (y) => 1 / (2 * y)),
  Sigmoid: curve(
    (x) => 1 / (1 + Math.exp(-x)),
    (y) => y * (1 - y),
  ),
  Tanh: curve(Math.tanh, (y) => 1 - y * y),
  LeakyReLU: curve(
    (x, { slope }) => (x > 0 ? x : slope * x),
    (y, x, { slope }) => (x > 0 ? 1 : slope),
  ),

  Mean: reduction((count) => 1 / count),
  Sum: reduction(() => 1),
  View: rearrangement(
    (x, { shape }) => shape,
    () => (k) => k,
  ), // the same numbers in the same order
  Clone: rearrangement(
    (x) => x.shape,
    () => (k) => k,
  ),
  Permute: rearrangement((x, { dims }) => dims.map((dim) => x.shape[dim]), permuted),

  // y[i, j] = sum over k of a[i, k] b[k, j], in each matrix of a batch
  MatMul: {
    sums: ["a"],
    shape: ({ a, b }) => [
      ...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)),
      a.shape.at(-2),
      b.shape.at(-1),
    ],
    slopes({ a, b }, y, args, visit) {
      const [rows, columns, inner] = [a.shape.at(-2), b.shape.at(-1), a.shape.at(-1)];
      const batch = y.shape.slice(0, -2);
      const [matrixA, matrixB] = [a, b].map(({ shape }) =>
        broadcastFrom(shape.slice(0, -2), batch),
      );
      for (let out = 0; out < y.data.length; out++) {
        const [j, i] = [out % columns, Math.floor(out / columns) % rows];
        const n = Math.floor(out / (rows * columns));
        for (let k = 0; k < inner; k++) {
          const inA = (matrixA(n) * rows + i) * inner + k;
          const inB = (matrixB(n) * inner + k) * columns + j;
          visit(out, "a", inA, b.data[inB], "b", inB);
          visit(out, "b", inB, a.data[inA], "a", inA);
        }
      }
    },
  },

  // y = the sum of each window: average pooling, before it is divided
  SumPool2d: {
    sums: ["x"],
    shape: ({ x }, { window }) => [...x.shape.slice(0, 2), ...countWindows(x.shape, window)],
    slopes({ x }, y, { window }, visit) {
      eachWindow(x.shape, y.shape, window, (out, n, c, eachPixel) => {
        eachPixel(c, (pixel) => visit(out, "x", pixel, 1));
      });
    },
  },
});

// Two arrays, cell by cell; where one is broadcast, its cells meet several of the other. `sources`
// names the arrays that the slopes stand in, if they do.
function elementwise(sums, slopesOf, sources = []) {
  return {
    sums,
    shape: ({ a, b }) => broadcastShape(a.shape, b.shape),
    slopes({ a, b }, y, args, visit) {
      const [ofA, ofB] = [a, b].map(({ shape }) => broadcastFrom(shape, y.shape));
      for (let k = 0; k < y.data.length; k++) {
        const [i, j] = [ofA(k), ofB(k)];
        const [slopeA, slopeB] = slopesOf(a.data[i], b.data[j]);
        visit(k, "a", i, slopeA, sources[0], j);
        visit(k, "b", j, slopeB, sources[1], i);
      }
    },
  };
}

function power({ a, b }, y) {
  const [ofA, ofB] = [a, b].map(({ shape }) => broadcastFrom(shape, y.shape));
  for (let k = 0; k < y.data.length; k++) y.data[k] = a.data[ofA(k)] ** b.data[ofB(k)];
}

// A function of one number, and its slope.
function curve(f, slope, input = "x") {
  return {
    shape: (inputs) => inputs[input].shape,
    forward: (inputs, y, args) => inputs[input].data.forEach((x, k) => (y.data[k] = f(x, args))),
    slopes(inputs, y, args, visit) {
      inputs[input].data.forEach((x, k) => visit(k, input, k, slope(y.data[k], x, args)));
    },
  };
}

// The numbers of x along some axes, each times the same weight.
function reduction(weightOf) {
  return {
    sums: ["x"],
    shape: ({ x }, { axes, keepdim }) =>
      keepdim
        ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
        : x.shape.filter((_, axis) => !axes.includes(axis)),
    slopes({ x }, y, { axes }, visit) {
      const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const outOf = broadcastFrom(kept, x.shape);
      const weight = weightOf(x.data.length / y.data.length);
      for (let k = 0; k < x.data.length; k++) visit(outOf(k), "x", k, weight);
    },
  };
}

// Each output cell is one of x: cellOf(x, y, args) gives the function that says which.
function rearrangement(shape, cellOf) {
  return {
    sums: ["x"],
    shape: ({ x }, args) => shape(x, args),
    slopes({ x }, y, args, visit) {
      const cell = cellOf(x, y, args);
      for (let k = 0; k < y.data.length; k++) visit(k, "x", cell(k), 1);
    },
  };
}

function permuted(x, y, { dims }) {
  const steps = x.shape.map((_, axis) => product(x.shape.slice(axis + 1)));
  return (k) =>
    placeOf(y.shape, k).reduce((cell, place, axis) => cell + place * steps[dims[axis]], 0);
}
