// The moments of a pass: each step forward, each step backward, and the optimizer's step at the
// end.

function momentsOf(trace) {
  const forward = trace.steps.map((_, step) => ({ phase: "forward", step }));
  const backward = trace.backward.map((step) => ({ phase: "backward", step }));
  const update = updated(trace).length ? [{ phase: "update", step: null }] : [];
  return [...forward, ...backward, ...update];
}

// What has happened by moment t.
function progressAt(trace, t) {
  const forwardRun = Math.min(t + 1, trace.steps.length); // steps that have run forward
  const backwardRun = t + 1 - trace.steps.length;
  const sent = new Set(trace.backward.slice(0, Math.max(0, backwardRun)));
  return {
    hasValue: (id) => makerOf(trace, id) < forwardRun,
    hasSent: (step) => sent.has(step),
    isBackward: backwardRun > 0,
  };
}

// A value's gradient as far as it has arrived; null where nothing has.
function gradientSoFar(trace, pass, id, progress) {
  if (id === trace.loss) return progress.isBackward ? pass.gradients[id] : null;
  const arrived = pass.contributions[id].filter(({ step }) => progress.hasSent(step));
  if (!arrived.length) return null;
  if (arrived.length === pass.contributions[id].length) return pass.gradients[id];
  return arrived
    .map(({ data }) => data)
    .reduce((sum, data) => sum.map((number, k) => number + data[k]));
}
