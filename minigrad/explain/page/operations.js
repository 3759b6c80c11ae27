// What each operation is, told by its slopes.
//
// slopes(inputs, output, args, visit) calls visit(out, input, cell, slope, ofInput, ofCell) for
// each pair of cells that are connected: when cell `cell` of the input of that name grows a little,
// cell `out` of the output grows `slope` times as much. Where the slope is itself a number of an
// input, a weight or a pixel, `ofInput` and `ofCell` say which. Forward and backward are then the
// same for all:
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
    shape: ({ x, weight }, { window }) => [
      x.shape[0],
      weight.shape[0],
      ...countWindows(x.shape, window),
    ],
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

  // p[c] = exp(x[c]) / sum over k of exp(x[k]), so dp[c]/dx[j] = p[c] ([c = j] - p[j])
  Softmax: {
    shape: ({ x }) => x.shape,
    forward({ x }, y, { dim }) {
      operations.LogSoftmax.forward({ x }, y, { dim });
      y.data.forEach((number, k) => (y.data[k] = Math.exp(number)));
    },
    slopes({ x }, y, { dim }, visit) {
      eachRow(x.shape, dim, (row) => {
        for (const c of row)
          for (const j of row) visit(c, "x", j, y.data[c] * ((c === j) - y.data[j]));
      });
    },
  },

  // l[n] = -x[n, target[n]]; then, unless the reduction is 'none', their mean or their sum
  NLLLoss: {
    sums: ["x"],
    canDo: ({ weight }) => weight === null,
    shape: ({ target }, { reduction }) => (reduction === "none" ? target.shape : []),
    slopes({ x, target }, y, { reduction, ignore_index: ignored }, visit) {
      const counted = target.data.filter((c) => c !== ignored).length;
      const share = reduction === "mean" ? 1 / counted : 1;
      const classes = x.shape[x.shape.length === 1 ? 0 : 1];
      const places = product(x.shape.slice(2)); // of one image, each with a target of its own
      target.data.forEach((c, k) => {
        const cell = (Math.floor(k / places) * classes + c) * places + (k % places);
        if (c !== ignored) visit(reduction === "none" ? k : 0, "x", cell, -share);
      });
    },
  },
};
