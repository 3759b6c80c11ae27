// What the sum of a cell alone does not say, in a sentence: who won, whether it passed, what p was.
//
// Each is given the step and its arrays, the cell's index, and whether the way is forward.

const stories = {
  ReLU({ x }, k, forward) {
    const above = x.data[k] > 0;
    const what = forward
      ? above
        ? "it passes unchanged"
        : "y is 0"
      : above
        ? "the gradient passes unchanged"
        : "the gradient stops here";
    return [`x = ${show(x.data[k])} is ${above ? "" : "not "}above 0: ${what}.`];
  },

  MaxPool2d({ x, y }, k, forward, step) {
    const at = (pixel) => `x[${placeOf(x.shape, pixel).join(", ")}] = ${show(x.data[pixel])}`;
    const winners = [];
    operations.MaxPool2d.slopes(
      { x },
      y,
      step.arguments,
      (out, input, pixel) => (winners[out] = pixel),
    );
    if (forward) return [`The largest of its window is ${at(winners[k])}.`];
    const wonBy = new Set();
    eachWindow(x.shape, y.shape, step.arguments.window, (out, n, c, eachPixel) => {
      eachPixel(c, (pixel) => pixel === k && wonBy.add(winners[out]));
    });
    return [...wonBy].map((winner) =>
      winner === k
        ? `${at(k)} is the largest of its window: it takes the whole gradient.`
        : `${at(k)} lost its window to ${at(winner)}: it takes nothing.`,
    );
  },

  LogSoftmax({ x, y }, k, forward, step, target) {
    const p = Math.exp(y.data[k]);
    const isP = `p = exp y = ${show(p)}.`;
    if (forward) {
      const [score, log] = [x.data[k], x.data[k] - y.data[k]];
      return [`y = x − log ∑ exp x = ${show(score)} − ${show(log)}.`, `So ${isP}`];
    }
    if (!target) return [isP];
    const [n, c] = placeOf(x.shape, k);
    const hot = target.data[n] === c ? 1 : 0;
    return [
      `p − one-hot = ${show(p)} − ${hot} = ${show(p - hot)}.`,
      hot ? "This is the right class." : "This is not the right class.",
    ];
  },
};

// The sentences on a cell that step s made, or whose gradient it sent back for `argument`.
function storyOf(trace, pass, s, index, argument) {
  const step = trace.steps[s];
  if (!knows(trace, step)) return [];
  const arrays = { ...inputsOf(step, pass.values), y: pass.values[step.outputs[0]] };
  if (stories[step.op]) {
    const isLoss = ({ op, inputs }) => op === "NLLLoss" && inputs.x === step.outputs[0];
    const target = trace.steps.find(isLoss)?.inputs.target;
    return stories[step.op](arrays, index, !argument, step, pass.values[target]);
  }
  const names = Object.keys(arrays);
  if (operations[step.op].sums || names.length > 2) return []; // the terms say it all
  return [names.map((name) => `${name} = ${show(arrays[name].data[index])}`).join(", ") + "."];
}
