// What each operation is, told by its slopes.
//
// slopes(inputs, output, args, visit) calls visit(out, input, cell, slope, ofInput, ofCell) for each
// pair of cells that are connected: when cell `cell` of the input of that name grows a little, cell
// `out` of the output grows `slope` times as much. Where the slope is itself a number of an input, a
// weight or a pixel, `ofInput` and `ofCell` say which. Forward and backward are then the same for all:
//
//   forward    output[out]       += slope * input[cell]          for the inputs named in `sums`
//   backward   grad_input[cell]  += slope * grad_output[out]
//
// An operation that is no such sum has a `forward` of its own. `shape` is the output's.

const operations = {
  // y[n, o] = b[o] + sum over i of w[o, i] x[n, i]
  Linear: {
    sums: ["x", "bias"],
    shape: ({ x, weight }) => [...x.shape.slice(0, -1), weight.shape[0]],
    slopes({ x, weight, bias }, y, args, visit) {
      const [outputs, inputs] = weight.shape;
      for (let out = 0; out < y.data.length; out++) {
        const o = out % outputs;
        const first = ((out - o) / outputs) * inputs; // of this sample's x
        for (let i = 0; i < inputs; i++) {
          visit(out, "x", first + i, weight.data[o * inputs + i], "weight", o * inputs + i);
          visit(out, "weight", o * inputs + i, x.data[first + i], "x", first + i);
        }
        if (bias) visit(out, "bias", o, 1);
      }
    },
  },

  // y[n, o, i, j] = b[o] + sum over c, u, v of w[o, c, u, v] x[n, c, s i + d u - p, s j + d v - p]
  Conv2d: {
    sums: ["x", "bias"],
    shape: ({ x, weight }, { window }) => [x.shape[0], weight.shape[0], ...countWindows(x.shape, window)],
    slopes({ x, weight, bias }, y, { window, groups }, visit) {
      const [outputs, perGroup, kh, kw] = weight.shape;
      eachWindow(x.shape, y.shape, window, (out, n, o, eachPixel) => {
        const first = Math.floor((o * groups) / outputs) * perGroup; // channel of o's group
        for (let c = 0; c < perGroup; c++) {
          eachPixel(first + c, (pixel, u, v) => {
            const w = ((o * perGroup + c) * kh + u) * kw + v;
            visit(out, "x", pixel, weight.data[w], "weight", w);
            visit(out, "weight", w, x.data[pixel], "x", pixel);
          });
        }
        if (bias) visit(out, "bias", o, 1);
      });
    },
  },

  // y = the largest pixel of the window; of equals, the first. Only the winner has a slope.
  MaxPool2d: {
    sums: ["x"],
    shape: ({ x }, { window }) => [...x.shape.slice(0, 2), ...countWindows(x.shape, window)],
    slopes({ x }, y, { window }, visit) {
      eachWindow(x.shape, y.shape, window, (out, n, c, eachPixel) => {
        let winner = -1;
        eachPixel(c, (pixel) => {
          if (winner < 0 || x.data[pixel] > x.data[winner]) winner = pixel;
        });
        if (winner >= 0) visit(out, "x", winner, 1); // none, if all of it is padding
      });
    },
  },

  // y = x where x > 0, else 0
  ReLU: {
    sums: ["x"],
    shape: ({ x }) => x.shape,
    slopes({ x }, y, args, visit) {
      for (let k = 0; k < x.data.length; k++) visit(k, "x", k, x.data[k] > 0 ? 1 : 0);
    },
  },

  // y[c] = x[c] - log sum over k of exp(x[k]); with p = exp(y), dy[c]/dx[j] = [c = j] - p[j]
  LogSoftmax: {
    shape: ({ x }) => x.shape,
    forward({ x }, y, { dim }) {
      eachRow(x.shape, dim, (row) => {
        const largest = Math.max(...row.map((k) => x.data[k])); // it cancels, and exp stays finite
        const sum = row.reduce((total, k) => total + Math.exp(x.data[k] - largest), 0);
        for (const k of row) y.data[k] = x.data[k] - largest - Math.log(sum);
      });
    },
    slopes({ x }, y, { dim }, visit) {
      eachRow(x.shape, dim, (row) => {
        for (const c of row) for (const j of row) visit(c, "x", j, (c === j) - Math.exp(y.data[j]));
      });
    },
  },

  // l[n] = -x[n, target[n]]; then, unless the reduction is 'none', their mean or their sum
  NLLLoss: {
    sums: ["x"],
    canDo: ({ weight }) => weight === null,
    shape: ({ x }, { reduction }) => (reduction === "none" ? [x.shape[0]] : []),
    slopes({ x, target }, y, { reduction, ignore_index: ignored }, visit) {
      const counted = target.data.filter((c) => c !== ignored).length;
      const share = reduction === "mean" ? 1 / counted : 1;
      target.data.forEach((c, n) => {
        if (c !== ignored) visit(reduction === "none" ? n : 0, "x", n * x.shape[1] + c, -share);
      });
    },
  },

  Mean: reduction((count) => 1 / count),
  Sum: reduction(() => 1),
  Add: elementwise(["a", "b"], () => [1, 1]),
  Sub: elementwise(["a", "b"], () => [1, -1]),
  Mul: elementwise(["a"], (a, b) => [b, a]), // b times a, summed over a alone, is the product
  Sigmoid: curve((x) => 1 / (1 + Math.exp(-x)), (y) => y * (1 - y)),
  Tanh: curve(Math.tanh, (y) => 1 - y * y),
  View: rearrangement((x, args) => args.shape), // the same numbers in the same order
  Clone: rearrangement((x) => x.shape),
};

// The numbers of x along some axes, each times the same weight.
function reduction(weightOf) {
  return {
    sums: ["x"],
    shape: ({ x }, { axes, keepdim }) => keepdim
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

function rearrangement(shape) {
  return {
    sums: ["x"],
    shape: ({ x }, args) => shape(x, args),
    slopes({ x }, y, args, visit) {
      for (let k = 0; k < x.data.length; k++) visit(k, "x", k, 1);
    },
  };
}

// Two arrays, cell by cell; where one is broadcast, its cells meet several of the other.
function elementwise(sums, slopesOf) {
  const isProduct = sums.length === 1;
  return {
    sums,
    canDo: (args) => !("a" in args || "b" in args), // both are arrays
    shape: ({ a, b }) => broadcastShape(a.shape, b.shape),
    slopes({ a, b }, y, args, visit) {
      const [ofA, ofB] = [a, b].map((array) => broadcastFrom(array.shape, y.shape));
      for (let k = 0; k < y.data.length; k++) {
        const [i, j] = [ofA(k), ofB(k)];
        const [slopeA, slopeB] = slopesOf(a.data[i], b.data[j]);
        visit(k, "a", i, slopeA, isProduct ? "b" : undefined, j);
        visit(k, "b", j, slopeB, isProduct ? "a" : undefined, i);
      }
    },
  };
}

// A function of one number, and its slope in terms of its result.
function curve(f, slope) {
  return {
    shape: ({ x }) => x.shape,
    forward: ({ x }, y) => x.data.forEach((number, k) => (y.data[k] = f(number))),
    slopes({ x }, y, args, visit) {
      for (let k = 0; k < x.data.length; k++) visit(k, "x", k, slope(y.data[k]));
    },
  };
}
