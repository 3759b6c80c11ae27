// The page: what is on show is a function of the state; each change of it shows all anew.

const trace = JSON.parse(document.getElementById("trace").textContent);
const recorded = recordedPass(trace);
const moments = momentsOf(trace);
const holders = Object.fromEntries(
  ["summary", "network", "step", "cell", "status"].map((id) => [id, document.getElementById(id)]),
);
const unknown = unknownOperations(trace);

let state = readState(location.hash, trace);
let pass = recorded;
let shownPass = ""; // what `pass` was computed from
let context = null;
let maps = [];

const showMoment = makeControls(moments.length, {
  go: (step) => update({ step }),
  unpin: () => update({ cell: null }),
});
const showDigit = canCompute(trace) ? makeDigitControls(trace, update) : () => {};
document.getElementById("try").hidden = !canCompute(trace);

function update(changes) {
  state = { ...state, ...changes };
  if (state.cell && !isOnShow(state.cell)) state.cell = null;
  remember();
  showAll();
}

// Put the state into the address, if there is one: in a notebook the page has none of its own.
function remember() {
  if (location.protocol !== "about:") history.replaceState(null, "", writeState(state));
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
    const leaves = canCompute(trace) ? leavesOf(trace, recorded, state) : null;
    pass = leaves ? computePass(trace, leaves) : recorded;
    shownPass = wanted;
  }
  const moment = moments[state.step];
  const progress = progressAt(trace, state.step);
  context = { trace, pass, moment, progress, point, pin, pinned: state.cell, go: goToStep };
  showMoment(state.step, momentText(moment));
  showSummary();
  showNetwork(holders.network, context);
  const focused = document.activeElement?.dataset ?? {};
  maps = showStep(holders.step, context);
  if (focused.value)
    holders.step
      .querySelector(`[data-value="${focused.value}"][data-part="${focused.part}"]`)
      ?.focus();
  showDigit(pass, state);
  pointAt(state.cell);
}

// Show a step that was chosen in the network: on the way that is being gone.
function goToStep(step) {
  const phase = moments[state.step].phase === "backward" ? "backward" : "forward";
  update({ step: moments.findIndex((moment) => moment.step === step && moment.phase === phase) });
}

function momentText({ phase, step }) {
  const what =
    step === null ? "Adamax" : `${trace.steps[step].op} ${trace.steps[step].path}`.trim();
  return `${state.step + 1} of ${moments.length}: ${phase}, ${what}`;
}

function showSummary() {
  const { data: loss } = pass.values[trace.loss];
  const sentences = [`The loss is ${show(loss[0])}.`];
  sentences.push(`All numbers are ${pass === recorded ? "minigrad's" : "computed on this page"}.`);
  const logSoftmax = trace.steps.find(({ op }) => op === "LogSoftmax");
  const logP = logSoftmax && pass.values[logSoftmax.outputs[0]];
  if (logP?.data && logP.shape.length === 2 && logP.shape[0] === 1) {
    const best = logP.data.indexOf(range(logP.data)[1]);
    const percent = (100 * Math.exp(logP.data[best])).toFixed(1);
    sentences.unshift(`The network says ${best}, with a probability of ${percent} %.`);
  }
  if (!trace.recorded) sentences.push("The pass was not watched: this is what its graph has kept.");
  if (unknown.length) {
    const names = unknown.join(", ");
    sentences.push(`The page does not know ${names}, and cannot compute the pass anew.`);
  }
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
  remember();
  context.pinned = state.cell;
  pointAt(state.cell ?? cell);
}

function pointAt(cell) {
  const about = cell ? explainCell(cell, context) : null;
  const unpin = () => update({ cell: null });
  showCell(holders.cell, about, { trace, isPinned: Boolean(state.cell), unpin });
  const related = cell ? relatedCells(cell, about.terms, context) : [];
  for (const { value, part, mark } of maps) {
    const cells = related.filter((other) => other.value === value && other.part === part);
    const isHere = cell?.value === value && cell.part === part;
    mark(
      cells.map(({ index }) => index),
      isHere ? cell.index : -1,
    );
  }
  holders.status.textContent = about ? spoken(about) : "";
}

// What a screen reader says of a cell.
function spoken({ title, number, terms, sentences }) {
  if (number === undefined) return `${title}: not here yet.`;
  const sum = terms?.length ? `, the sum of ${terms.length}` : "";
  return [`${title}: ${show(number)}${sum}.`, ...sentences].join(" ");
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
