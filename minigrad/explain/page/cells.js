// What there is to say about a cell: {title, place, number, terms or null, sentences}.

function explainCell(cell, { trace, pass, progress }) {
  const { value, part, index } = cell;
  const { axes, shape } = trace.values[value];
  const places = placeOf(shape, index);
  const about = {
    title: cellName(trace.values[value], index),
    place: axes.map((axis, k) => `${axis} ${places[k]}`).join(", "),
    terms: null,
  };
  const explain = { value: explainValue, gradient: explainGradient, change: explainChange }[part];
  return { ...about, ...explain({ trace, pass, progress, value, index, name: about.title }) };
}

// "weight[3, 0, 1, 1]"
const cellName = ({ name, shape }, index) =>
  shape.length ? `${name}[${placeOf(shape, index).join(", ")}]` : name;

function explainValue({ trace, pass, value, index }) {
  const number = pass.values[value].data[index];
  const maker = makerOf(trace, value);
  if (maker < 0) return { number, sentences: [leafSentences[trace.values[value].kind]] };
  const terms = forwardTerms(trace, pass, maker, index);
  return { number, terms, sentences: storyOf(trace, pass, maker, index) };
}

const leafSentences = {
  parameter: "A parameter: what training has made of it.",
  input: "A number of the input.",
  constant: "A constant.",
};

function explainGradient({ trace, pass, progress, value, index, name }) {
  const title = `gradient of ${name}`;
  const number = gradientSoFar(trace, pass, value, progress)?.[index];
  if (value === trace.loss) {
    const begin = "Here backward begins: the loss moves as itself, so its gradient is 1.";
    return { title, number, sentences: [begin] };
  }
  const terms = backwardTerms(trace, pass, value, index, progress.hasSent);
  const sentences = pass.contributions[value]
    .filter(({ step }) => progress.hasSent(step))
    .flatMap(({ step, argument }) => storyOf(trace, pass, step, index, argument));
  return { title, number, terms, sentences };
}

function explainChange({ trace, pass, value, index, name }) {
  const { t, g, m, u, change } = adamaxOf(trace, pass, value)(index);
  const { lr, betas, weight_decay: decay } = trace.values[value].update.settings;
  const p = pass.values[value].data[index];
  const product = `${lr} / ${show(1 - betas[0] ** t)} · ${show(m)} / ${show(u)}`;
  const sentences = [
    `g = ${show(g)}, the gradient${decay ? `, and ${decay} × p of weight decay` : ""}.`,
    `m = ${show(m)}, u = ${show(u)} after step t = ${t}.`,
    `step = −lr / (1 − β₁ᵗ) · m / u = −${product} = ${show(change)}.`,
    `p = ${show(p)} becomes ${show(p + change)}.`,
  ];
  return { title: `step of ${name}`, number: change, sentences };
}

// The cells to outline: those of the terms, and those that an input's cell reaches in this step.
function relatedCells(cell, terms, { trace, pass, moment }) {
  const cells = (terms ?? []).flatMap(({ from, source }) => (source ? [from, source] : [from]));
  const step = trace.steps[moment.step];
  if (!step || cell.part !== "value" || !knows(trace, step)) return cells;
  const reached = new Set();
  eachSlope(step, pass, (out, input, index, slope) => {
    if (slope && step.inputs[input] === cell.value && index === cell.index) reached.add(out);
  });
  const output = { value: step.outputs[0], part: "value" };
  return [...cells, ...Array.from(reached, (index) => ({ ...output, index }))];
}
