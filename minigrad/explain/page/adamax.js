// One step of Adamax for one number p: from its gradient g, and what it remembers, m and u.

function adamaxStep(
  p,
  g,
  m,
  u,
  t,
  { lr, betas: [beta1, beta2], eps, weight_decay: decay, maximize },
) {
  const slope = (maximize ? -g : g) + decay * p;
  const mean = beta1 * m + (1 - beta1) * slope;
  const largest = Math.max(beta2 * u, Math.abs(slope) + eps);
  return { g: slope, m: mean, u: largest, change: ((-lr / (1 - beta1 ** t)) * mean) / largest };
}

// The step of each number of a parameter: a function of its index. At the first, m and u are zeros.
function adamaxOf(trace, pass, id) {
  const { settings, state_before: before } = trace.values[id].update;
  const read = (name) => decode(before[name] ?? null);
  const [[steps], m, u] = [read("step") ?? [0], read("exp_avg"), read("exp_inf")];
  const { data } = pass.values[id];
  return (k) => ({
    t: steps + 1,
    ...adamaxStep(data[k], pass.gradients[id][k], m ? m[k] : 0, u ? u[k] : 0, steps + 1, settings),
  });
}

// The parameters that Adamax is about to change.
const updated = (trace) =>
  trace.values.flatMap(({ update }, id) => (update?.optimizer === "Adamax" ? [id] : []));
