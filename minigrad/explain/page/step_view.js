// The step on show: its arrays with their gradients, its formula and rule, and the same in code.
// Returns the heat maps that can be pointed at: [{value, part, mark}].

function showStep(holder, context) {
  const { trace, moment } = context;
  if (moment.phase === "update") return showUpdate(holder, context);
  const step = trace.steps[moment.step];
  const rule = rules[step.op] ?? unknownRule;
  const backward = moment.phase === "backward";
  const maps = [];
  const columns = columnsOf(step).map(([name, id]) => arrayColumn(name, id, context, maps));
  const isParameter = Object.values(step.inputs).map((id) => trace.values[id].kind === "parameter");
  const [others, parameters] = [false, true].map((kind) =>
    columns.slice(0, -1).filter((_, k) => isParameter[k] === kind),
  );
  const arrow = make("span", { class: "arrow", "aria-hidden": "true" }, backward ? "←" : "→");
  holder.replaceChildren(
    make("h2", step.op, " ", make("small", `${step.path} ${moment.phase}`.trim())),
    make("div.formulas", ...(backward ? rule.back : [rule.formula]).map(formula)),
    make(
      "p.why",
      backward ? rule.why : rule.does,
      rule === unknownRule && step.forward ? ` minigrad says of it: ${step.forward}` : null,
    ),
    make(
      "div.arrays",
      ...others,
      arrow,
      columns.at(-1),
      parameters.length ? make("div", ...parameters) : null,
    ),
    codeOf(knows(trace, step) ? rule[moment.phase](step.arguments) : []),
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
  const column = make(
    "section.array",
    make("h3", name, " ", make("small", value.name)),
    make("p.shape", shapeText(value)),
  );
  const map = (part, numbers, title) => {
    const label = mapLabel(title, name, value, numbers, part);
    column.append(
      make("h4", title),
      pointableMap({ value: id, part }, { shape, data: numbers }, label, context, maps),
    );
  };
  if (data)
    map("value", data, isOutput ? "output" : value.kind === "intermediate" ? "input" : value.kind);
  else column.append(make("p", "The graph did not keep these numbers: no rule needs them."));
  const gradient = gradientSoFar(trace, pass, id, progress);
  if (!gradient) return column;
  showArrivals(column, id, context);
  const isSum = pass.contributions[id].length > 1;
  const here = isOutput
    ? "gradient that arrives"
    : isSum
      ? "their sum so far"
      : "gradient sent back";
  map("gradient", gradient, moment.phase === "forward" ? "gradient" : here);
  return column;
}

const mapLabel = (title, name, value, numbers, part) =>
  `${title} of ${name}, ${shapeText(value)}, ${scaleText(numbers, scaleNames[part])}. ` +
  "Arrow keys move over the cells, Enter pins one.";

// Where a value is used more than once: what has arrived, from whom, to be added.
function showArrivals(column, id, { trace, pass, progress }) {
  const uses = pass.contributions[id];
  if (uses.length < 2) return;
  column.append(
    make("h4", `gradient: used ${uses.length} times, so ${uses.length} contributions are added`),
  );
  const rows = uses.map(({ step, argument, data }, k) => {
    const { op, path } = trace.steps[step];
    const from = `${k ? "+ " : ""}from ${`${op} ${path}`.trim()}, its ${argument}`;
    if (!progress.hasSent(step)) return make("p.waiting", `${from}: still to come`);
    const size = cellSize(pass.values[id].shape, 96);
    const { figure } = heatMapFigure(
      { shape: pass.values[id].shape, data },
      "gradient",
      from,
      size,
    );
    return make("div.arrival", make("p", from), figure);
  });
  column.append(...rows);
}

// A heat map that can be pointed at; it joins the `maps` of the step.
function pointableMap({ value, part }, array, label, { point, pin, pinned }, maps) {
  const start = pinned?.value === value && pinned.part === part ? pinned.index : -1;
  const size = cellSize(array.shape, 250);
  const { figure, canvas, layout, mark } = heatMapFigure(array, scaleNames[part], label, size);
  const attributes = { tabindex: "0", "data-keys": "", "data-value": value, "data-part": part };
  setAttributes(canvas, attributes);
  makePointable(canvas, layout, start, {
    point: (index) => point(index < 0 ? null : { value, part, index }),
    pin: (index) => pin({ value, part, index }),
  });
  maps.push({ value, part, mark });
  return figure;
}

const scaleNames = { value: "value", gradient: "gradient", change: "gradient" };

// CSS pixels of a cell, so that an array is about `width` wide.
function cellSize(shape, width) {
  const { columns, rows } = layoutOf(shape);
  const isVector = shape.filter((length) => length > 1).length < 2;
  return Math.max(2, Math.min(isVector ? 15 : 28, Math.floor(width / Math.max(columns, rows))));
}

function codeOf(lines) {
  if (!lines.length) return "";
  return make(
    "section.codes",
    make("h3", "The same in code"),
    codeBlock("minigrad", ["import minigrad as torch", ...lines]),
    codeBlock("PyTorch", ["import torch", ...lines]),
  );
}
