// The step on show: its arrays with their gradients, its formula and rule, and the same in code.
// Returns the heat maps that can be pointed at: [{value, part, mark}].

function showStep(holder, context) {
  const { trace, moment } = context;
  if (moment.phase === "update") return showUpdate(holder, context);
  const step = trace.steps[moment.step];
  const rule = ruleOf(knows(step) ? step.op : null);
  const backward = moment.phase === "backward";
  const maps = [];
  const columns = columnsOf(step).map(([name, id]) => arrayColumn(name, id, context, maps));
  const isParameter = Object.values(step.inputs).map((id) => trace.values[id].kind === "parameter");
  const [others, parameters] = [false, true].map((kind) => columns.slice(0, -1).filter((_, k) => isParameter[k] === kind));
  const arrow = make("span", { class: "arrow", "aria-hidden": "true" }, backward ? "←" : "→");
  const known = backward && step.op in rules ? rule.back : [rule.formula];
  holder.replaceChildren(
    make("h2", {}, step.op, " ", make("small", {}, [step.path, backward ? "backward" : "forward"].filter(Boolean).join(", "))),
    make("div", { class: "formulas" }, ...known.map(formula)),
    make("p", { class: "why" }, backward || rule === unknownRule ? rule.why : rule.does, rule === unknownRule && step.forward ? ` minigrad says: ${step.forward}` : null),
    make("div", { class: "arrays" }, ...others, arrow, columns.at(-1),
      parameters.length ? make("div", {}, ...parameters) : null),
    codeOf(backward ? rule.backward(step.arguments) : rule.forward(step.arguments)),
  );
  return maps;
}

// A step's arrays by their names: the arguments, and y, the output.
const columnsOf = (step) => [...Object.entries(step.inputs), ["y", step.outputs[0]]];

function arrayColumn(name, id, context, maps) {
  const { trace, pass, moment, progress } = context;
  const value = trace.values[id];
  const { shape, data } = pass.values[id];
  const step = trace.steps[moment.step];
  const isOutput = step.outputs.includes(id);
  const column = make("section", { class: "array" },
    make("h3", {}, name, " ", make("small", {}, value.name)), make("p", { class: "shape" }, shapeText(value)));
  const map = (part, numbers, title) => {
    const label = mapLabel(title, name, value, numbers, part);
    column.append(make("h4", {}, title), pointableMap({ value: id, part }, { shape, data: numbers }, label, context, maps));
  };
  if (data) map("value", data, isOutput ? "output" : value.kind === "intermediate" ? "input" : value.kind);
  else column.append(make("p", {}, "The graph did not keep these numbers: no rule needs them."));
  const gradient = gradientSoFar(trace, pass, id, progress);
  if (!gradient) return column;
  showArrivals(column, id, context);
  const title = moment.phase === "forward" ? "gradient" : isOutput ? "gradient that arrives" : "gradient sent back";
  map("gradient", gradient, pass.contributions[id].length > 1 ? "their sum so far" : title);
  return column;
}

const mapLabel = (title, name, value, numbers, part) =>
  `${title} of ${name}, ${shapeText(value)}, ${scaleText(numbers, part)}. Arrow keys move over the cells, Enter pins one.`;

// Where a value is used more than once: what has arrived, from whom, to be added.
function showArrivals(column, id, { trace, pass, progress }) {
  const uses = pass.contributions[id];
  if (uses.length < 2) return;
  column.append(make("h4", {}, `gradient: used ${uses.length} times, so ${uses.length} contributions are added`));
  const rows = uses.map(({ step, argument, data }, k) => {
    const { op, path } = trace.steps[step];
    const from = `${k ? "+ " : ""}from ${`${op} ${path}`.trim()}, its ${argument}`;
    if (!progress.hasSent(step)) return make("p", { class: "waiting" }, `${from}: still to come`);
    const size = cellSize(pass.values[id].shape, 96);
    const { figure } = heatMapFigure({ shape: pass.values[id].shape, data }, "gradient", from, size);
    return make("div", { class: "arrival" }, make("p", {}, from), figure);
  });
  column.append(...rows);
}

function pointableMap({ value, part }, array, label, { point, pin, pinned }, maps) {
  const start = pinned?.value === value && pinned.part === part ? pinned.index : -1;
  const scale = part === "value" ? "value" : "gradient";
  const { figure, canvas, layout, mark } = heatMapFigure(array, scale, label, cellSize(array.shape, 250), {
    tabindex: "0",
    "data-keys": "arrows",
    "data-value": value,
    "data-part": part,
  });
  makePointable(canvas, layout, start, {
    point: (index) => point(index < 0 ? null : { value, part, index }),
    pin: (index) => pin({ value, part, index }),
  });
  maps.push({ value, part, mark });
  return figure;
}

// CSS pixels of a cell, so that an array is about `width` wide.
function cellSize(shape, width) {
  const { columns, rows } = layoutOf(shape);
  const isVector = shape.filter((length) => length > 1).length < 2;
  return Math.max(2, Math.min(isVector ? 15 : 28, Math.floor(width / Math.max(columns, rows))));
}

function showUpdate(holder, context) {
  const { trace, pass } = context;
  const maps = [];
  const rows = updated(trace).map((id) => {
    const { shape, data } = pass.values[id];
    const of = adamaxOf(trace, pass, id);
    const arrays = { value: data, gradient: pass.gradients[id], change: data.map((_, k) => of(k).change) };
    const columns = Object.entries({ value: "parameter", gradient: "gradient", change: "step" }).map(([part, title]) => {
      const label = mapLabel(title, trace.values[id].name, trace.values[id], arrays[part], part);
      return make("div", {}, make("h4", {}, title),
        pointableMap({ value: id, part }, { shape, data: arrays[part] }, label, context, maps));
    });
    return make("section", { class: "array" }, make("h3", {}, trace.values[id].name),
      make("p", { class: "shape" }, shapeText(trace.values[id])), make("div", { class: "row" }, ...columns));
  });
  const { settings } = trace.values[updated(trace)[0]].update;
  holder.replaceChildren(
    make("h2", {}, "Adamax ", make("small", {}, "the optimizer's step")),
    make("div", { class: "formulas" }, ...[adamaxRule.formula, ...adamaxRule.back].map(formula)),
    make("p", { class: "why" }, adamaxRule.why),
    ...rows,
    codeOf(adamaxRule.code(settings)),
  );
  return maps;
}

function codeOf(lines) {
  if (!lines.length) return "";
  return make("section", { class: "codes" }, make("h3", {}, "The same in code"),
    codeBlock("minigrad", ["import minigrad as torch", ...lines]), codeBlock("PyTorch", ["import torch", ...lines]));
}
