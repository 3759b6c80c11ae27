// A pass: every value, its gradient, and what each consumer contributed to that gradient.
//
//   pass.values[id]         {shape, data}; data is null where the graph did not keep the numbers
//   pass.gradients[id]      Float64Array, or null where no gradient arrives
//   pass.contributions[id]  [{step, argument, data}], in the order in which they arrive
//
// The page opens with minigrad's own numbers. What is drawn or perturbed is computed here.

// minigrad's pass, as the trace holds it.
function recordedPass(trace) {
  const values = trace.values.map(({ shape, array }) => ({ shape, data: decode(array) }));
  const gradients = trace.values.map(({ grad }) => decode(grad));
  const contributions = trace.values.map((value, id) =>
    value.contributions.map(({ step, argument, array }) => ({
      step,
      argument,
      data: decode(array) ?? gradients[id],
    })),
  );
  return { values, gradients, contributions };
}

// The numbers of an array of the trace: base64 of little-endian float32 or int32.
function decode(array) {
  if (array === null) return null;
  const bytes = Uint8Array.from(atob(array.data), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const read = array.dtype === "int32" ? "getInt32" : "getFloat32";
  return Float64Array.from({ length: bytes.length / 4 }, (_, k) => view[read](4 * k, true));
}

// Whether the page can compute a step, and say where its numbers come from. It cannot where the
// pass was not watched while it ran: then the arguments are not known, nor all of the numbers.
const knows = (trace, { op, arguments: args }) =>
  trace.recorded && op in operations && (operations[op].canDo?.(args) ?? true);

// The operations of which the page can only show what minigrad computed.
const unknownOperations = (trace) => [
  ...new Set(trace.steps.map(({ op }) => op).filter((op) => !(op in operations))),
];

const canCompute = (trace) => trace.steps.every((step) => knows(trace, step));

const inputsOf = (step, values) =>
  Object.fromEntries(Object.entries(step.inputs).map(([name, id]) => [name, values[id]]));

// A pass from other numbers: of leaves, the values that no step computes.
function computePass(trace, leaves) {
  const values = trace.values.map(({ shape }, id) => ({ shape, data: leaves[id] }));
  for (const step of trace.steps)
    values[step.outputs[0]] = forwardStep(step, inputsOf(step, values));
  return { values, ...backwardPass(trace, values) };
}

function forwardStep(step, inputs) {
  const { sums, forward, shape, slopes } = operations[step.op];
  const output = { shape: shape(inputs, step.arguments), data: null };
  output.data = new Float64Array(product(output.shape));
  if (forward) {
    forward(inputs, output, step.arguments);
  } else {
    slopes(inputs, output, step.arguments, (out, input, cell, slope) => {
      if (sums.includes(input)) output.data[out] += slope * inputs[input].data[cell];
    });
  }
  return output;
}

// The chain rule: the steps in reverse, each handing back the gradient of its output.
function backwardPass(trace, values) {
  const gradients = values.map(() => null);
  const contributions = values.map(() => []);
  gradients[trace.loss] = Float64Array.of(1); // d loss / d loss
  for (const s of trace.backward) {
    const step = trace.steps[s];
    const grads = backwardStep(step, values, gradients[step.outputs[0]]);
    for (const [argument, data] of Object.entries(grads)) {
      const id = step.inputs[argument];
      const before = gradients[id]; // a value used twice: its gradients add up
      gradients[id] = before ? before.map((sum, k) => sum + data[k]) : data;
      contributions[id].push({ step: s, argument, data });
    }
  }
  return { gradients, contributions };
}

// The gradients of a step's inputs, by their names.
function backwardStep(step, values, gradOutput) {
  const inputs = inputsOf(step, values);
  const output = values[step.outputs[0]];
  const grads = {};
  for (const name of step.needs_grad) grads[name] = new Float64Array(inputs[name].data.length);
  operations[step.op].slopes(inputs, output, step.arguments, (out, input, cell, slope) => {
    if (grads[input]) grads[input][cell] += slope * gradOutput[out];
  });
  return grads;
}
