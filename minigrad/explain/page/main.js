// The page: what is on show is a function of the state; each change of it shows all anew.

const trace = JSON.parse(document.getElementById("trace").textContent);
const recorded = recordedPass(trace);
const moments = momentsOf(trace);
const holders = Object.fromEntries(["summary", "network", "step", "cell", "status"].map((id) => [id, document.getElementById(id)]));
const unknown = unknownOperations(trace);
const canCompute = !unknown.length && trace.recorded;

let state = readState(location.hash, trace);
let pass = recorded;
let shownPass = ""; // what `pass` was computed from
let context = null;
let maps = [];

const showMoment = makeControls(moments.length, { go: (step) => update({ step }), unpin: () => update({ cell: null }) });
const showDigit = canCompute ? makeDigitControls(trace, update) : () => {};
document.getElementById("try").hidden = !canCompute;

function update(changes) {
  state = { ...state, ...changes };
  if (state.cell && !isOnShow(state.cell)) state.cell = null;
  history.replaceState(null, "", writeState(state));
  showAll();
}

// Whether a cell belongs to an array of the step on show.
function isOnShow({ value, part }) {
  const { phase, step } = moments[state.step];
  if (phase === "update") return updated(trace).includes(value);
  if (part === "gradient") {
    const progress = progressAt(trace, state.step);
    if (!gradientSoFar(trace, recorded, value, progress)) return false;
  }
  return part !== "change" && columnsOf(trace.steps[step]).some(([, id]) => id === value);
}

function showAll() {
  const { digit, label, noise, seed } = state;
  const wanted = JSON.stringify([digit, label, noise, noise && seed]);
  if (wanted !== shownPass) {
    const leaves = canCompute ? leavesOf(trace, recorded, state) : null;
    pass = leaves ? computePass(trace, leaves) : recorded;
    shownPass = wanted;
  }
  const moment = moments[state.step];
  context = {
    trace, pass, moment, point, pin, pinned: state.cell,
    progress: progressAt(trace, state.step),
    go: (step) => update({ step: moments.findIndex((m) => m.step === step && m.phase === (moment.phase === "backward" ? "backward" : "forward")) }),
  };
  showMoment(state.step, momentText(moment));
  showSummary();
  showNetwork(holders.network, context);
  const focused = document.activeElement?.dataset ?? {};
  maps = showStep(holders.step, context);
  if (focused.value) holders.step.querySelector(`[data-value="${focused.value}"][data-part="${focused.part}"]`)?.focus();
  showDigit(pass, state);
  pointAt(state.cell);
}

function momentText({ phase, step }) {
  const what = step === null ? "Adamax" : `${trace.steps[step].op} ${trace.steps[step].path}`.trim();
  return `${state.step + 1} of ${moments.length}: ${phase}, ${what}`;
}

function showSummary() {
  const logSoftmax = trace.steps.find(({ op }) => op === "LogSoftmax");
  const sentences = [];
  if (logSoftmax) {
    const { data } = pass.values[logSoftmax.outputs[0]];
    const best = data.indexOf(range(data)[1]);
    sentences.push(`The network says ${best}, with a probability of ${(100 * Math.exp(data[best])).toFixed(1)} %.`);
  }
  sentences.push(`The loss is ${show(pass.values[trace.loss].data[0])}.`);
  sentences.push(pass === recorded ? "All numbers are minigrad's." : "All numbers are computed on this page.");
  if (unknown.length) sentences.push(`The page does not know ${unknown.join(", ")}: it shows what minigrad computed, and cannot compute it again.`);
  holders.summary.textContent = sentences.join(" ");
}

// Show a cell that is pointed at; while one is pinned, it stays.
function point(cell) {
  if (!state.cell) pointAt(cell);
}

function pin(cell) {
  const { cell: before } = state;
  const same = before && ["value", "part", "index"].every((key) => before[key] === cell[key]);
  state = { ...state, cell: same ? null : cell };
  history.replaceState(null, "", writeState(state));
  context.pinned = state.cell;
  pointAt(state.cell ?? cell);
}

function pointAt(cell) {
  const about = showCell(holders.cell, cell, Boolean(state.cell), context, () => update({ cell: null }));
  const related = cell ? relatedCells(cell, about, context) : [];
  for (const { value, part, mark } of maps) {
    const cells = related.filter((other) => other.value === value && other.part === part).map(({ index }) => index);
    mark(cells, cell?.value === value && cell.part === part ? cell.index : -1);
  }
  holders.status.textContent = cell && about.number !== undefined
    ? `${about.title}: ${show(about.number)}${about.terms?.length ? `, the sum of ${about.terms.length}` : ""}. ${about.sentences.join(" ")}`
    : "";
}

addEventListener("hashchange", () => {
  state = readState(location.hash, trace);
  update({});
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  palettes = {};
  showAll();
});
update({});
