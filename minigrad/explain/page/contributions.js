// Where the number in a cell comes from: the terms that sum to it, with the cells they are made of.
//
// A term is {step, from, number, slope, source, product}: `number` stands in the cell `from`,
// `slope` is what it was multiplied by, `source` the cell where that stands, if it stands in one. A
// cell is {value, part, index}, part being "value", "gradient" or "change".

// The terms of a cell of a step's output; null where it is no sum.
function forwardTerms(trace, pass, s, index) {
  const step = trace.steps[s];
  if (!knows(trace, step) || !operations[step.op].sums) return null;
  const terms = [];
  eachSlope(step, pass, (out, input, cell, slope, ofInput, ofCell) => {
    if (out !== index || !operations[step.op].sums.includes(input)) return;
    const from = { value: step.inputs[input], part: "value", index: cell };
    terms.push(
      makeTerm(
        s,
        from,
        pass.values[from.value].data[cell],
        slope,
        sourceCell(step, ofInput, ofCell),
      ),
    );
  });
  return terms;
}

// The terms of a cell of a value's gradient: every upstream cell, through which slope. `arrived`
// says which steps have run. null where one of them is not known.
function backwardTerms(trace, pass, value, index, arrived = () => true) {
  const terms = [];
  for (const { step: s, argument } of pass.contributions[value]) {
    const step = trace.steps[s];
    if (!arrived(s)) continue;
    if (!knows(trace, step)) return null;
    const upstream = step.outputs[0];
    eachSlope(step, pass, (out, input, cell, slope, ofInput, ofCell) => {
      if (input !== argument || cell !== index) return;
      const from = { value: upstream, part: "gradient", index: out };
      terms.push(
        makeTerm(s, from, pass.gradients[upstream][out], slope, sourceCell(step, ofInput, ofCell)),
      );
    });
  }
  return terms;
}

function eachSlope(step, pass, visit) {
  const output = pass.values[step.outputs[0]];
  operations[step.op].slopes(inputsOf(step, pass.values), output, step.arguments, visit);
}

const sourceCell = (step, input, index) =>
  input === undefined ? null : { value: step.inputs[input], part: "value", index };

const makeTerm = (step, from, number, slope, source) => ({
  step,
  from,
  number,
  slope,
  source,
  product: number * slope,
});

// The step that made a value, or -1: it is a leaf.
const makerOf = (trace, value) => trace.steps.findIndex((step) => step.outputs.includes(value));
