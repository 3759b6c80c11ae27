// The cell that is pointed at: its number, and the numbers it was made of.

// What there is to say: {title, number, terms or null, sentences}.
function explainCell(cell, { trace, pass, progress, moment }) {
  const { value, part, index } = cell;
  const place = placeOf(trace.values[value].shape, index).join(", ");
  const axes = trace.values[value].axes.map((axis, k) => `${axis} ${placeOf(trace.values[value].shape, index)[k]}`);
  const about = { place: axes.join(", "), terms: null, sentences: [], title: `${trace.values[value].name}[${place}]` };
  if (part === "change") return { ...about, ...explainChange(trace, pass, value, index) };
  if (part === "value") {
    const maker = makerOf(trace, value);
    about.number = pass.values[value].data[index];
    if (maker < 0) return { ...about, sentences: [leafSentence(trace.values[value])] };
    return { ...about, terms: forwardTerms(trace, pass, maker, index), sentences: storyOf(trace, pass, maker, index) };
  }
  about.title = `gradient of ${about.title}`;
  about.number = (gradientSoFar(trace, pass, value, progress) ?? [])[index];
  if (value === trace.loss) return { ...about, sentences: ["Here backward begins: the loss moves as itself, so its gradient is 1."] };
  const sent = pass.contributions[value].filter(({ step }) => progress.hasSent(step));
  const stories = sent.flatMap(({ step, argument }) => storyOf(trace, pass, step, index, argument));
  return { ...about, terms: backwardTerms(trace, pass, value, index, progress.hasSent), sentences: stories };
}

const leafSentence = ({ kind }) => ({
  parameter: "A parameter: what training has made of it.",
  input: "A number of the input.",
}[kind] ?? "A constant.");

function explainChange(trace, pass, value, index) {
  const { t, g, m, u, change } = adamaxOf(trace, pass, value)(index);
  const { settings } = trace.values[value].update;
  const p = pass.values[value].data[index];
  const decay = settings.weight_decay ? `, and ${settings.weight_decay} × p of weight decay` : "";
  return {
    title: `step of ${trace.values[value].name}[${placeOf(pass.values[value].shape, index).join(", ")}]`,
    number: change,
    sentences: [
      `g = ${show(g)}, the gradient${decay}.`,
      `m = ${show(m)}, u = ${show(u)} after step t = ${t}.`,
      `step = −lr / (1 − β₁ᵗ) · m / u = −${settings.lr} / ${show(1 - settings.betas[0] ** t)} · ${show(m)} / ${show(u)} = ${show(change)}.`,
      `p = ${show(p)} becomes ${show(p + change)}.`,
    ],
  };
}

function showCell(holder, cell, isPinned, context, unpin) {
  if (!cell) {
    holder.replaceChildren(make("h2", {}, "Point at a cell"),
      make("p", {}, "and see the numbers it was made of. A click, or Enter, pins it."));
    return null;
  }
  const about = explainCell(cell, context);
  const button = make("button", { type: "button", onclick: unpin }, "Unpin");
  const children = [
    make("h2", {}, about.title), about.place && make("p", { class: "shape" }, about.place),
    make("p", { class: "number", "data-number": about.number ?? null }, about.number === undefined ? "not here yet" : show(about.number)),
    ...about.sentences.map((sentence) => make("p", {}, sentence)),
    about.terms?.length ? termTable(about.terms, context) : null,
    isPinned ? button : null,
  ];
  holder.replaceChildren(...children.filter(Boolean));
  return about;
}

const longList = 16; // of more terms the largest come first, and those that are 0 are only counted

function termTable(terms, { trace }) {
  const sumOf = (list) => list.reduce((sum, { product }) => sum + product, 0);
  const isLong = terms.length > longList;
  const shown = isLong ? terms.filter(({ product }) => product !== 0) : terms;
  const zeros = terms.length - shown.length;
  const body = make("tbody");
  for (const [step, group] of Map.groupBy(shown, (term) => term.step)) {
    if (shown.some((term) => term.step !== step)) {
      const from = `from ${trace.steps[step].op} ${trace.steps[step].path}`;
      body.append(make("tr", { class: "group" },
        make("th", { colspan: "3", scope: "rowgroup" }, from), make("td", {}, show(sumOf(group)))));
    }
    if (isLong) group.sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    body.append(...group.map((term) => termRow(term, trace)));
  }
  const count = terms.length === 1 ? "1 product" : `${terms.length} products`;
  const caption = `${count}${zeros ? `, ${zeros} of them 0` : ""}${isLong ? ", the largest first" : ""}:`;
  const heads = ["number", "", "slope", "product"].map((head) => make("th", { scope: "col" }, head));
  return make("div", { class: "terms", tabindex: "0", role: "region", "aria-label": "what the cell sums" },
    make("table", { "data-sum": sumOf(terms) }, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...heads)), body,
      make("tfoot", {}, make("tr", {}, make("th", { colspan: "3", scope: "row" }, "sum"), make("td", {}, show(sumOf(terms)))))));
}

function termRow({ step, from, number, slope, source, product }, trace) {
  const cellText = ({ value, part, index }) => {
    const name = Object.entries(trace.steps[step].inputs).find(([, id]) => id === value)?.[0] ?? "y";
    return `${part === "gradient" ? "∇" : ""}${name}[${placeOf(trace.values[value].shape, index).join(",")}]`;
  };
  return make("tr", { "data-product": product },
    make("td", {}, make("span", { class: "name" }, cellText(from)), " ", show(number)),
    make("td", {}, "×"),
    make("td", {}, source ? make("span", { class: "name" }, cellText(source)) : null, " ", show(slope)),
    make("td", {}, show(product)));
}

// The cells to outline on the maps: those of the terms, and those an input's cell reaches.
function relatedCells(cell, about, { trace, pass, moment }) {
  const cells = (about?.terms ?? []).flatMap(({ from, source }) => (source ? [from, source] : [from]));
  const step = trace.steps[moment.step];
  if (!step || cell.part !== "value" || !knows(step)) return cells;
  const reached = new Set();
  eachSlope(step, pass, (out, input, index, slope) => {
    if (slope && step.inputs[input] === cell.value && index === cell.index) reached.add(out);
  });
  return [...cells, ...Array.from(reached, (index) => ({ value: step.outputs[0], part: "value", index }))];
}
