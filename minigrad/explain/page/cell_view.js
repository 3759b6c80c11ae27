// The panel of the cell that is pointed at: its number, and the numbers it was made of.

function showCell(holder, about, { trace, isPinned, unpin }) {
  if (!about) {
    holder.replaceChildren(
      make("h2", "Point at a cell"),
      make("p", "and see the numbers it was made of. A click, or Enter, pins it."),
    );
    return;
  }
  const { title, place, number, terms, sentences } = about;
  const unknown = number === undefined;
  const children = [
    make("h2", title),
    place ? make("p.shape", place) : null,
    make("p.number", { "data-number": number ?? null }, unknown ? "not here yet" : show(number)),
    ...sentences.map((sentence) => make("p", sentence)),
    terms?.length ? termTable(terms, trace) : null,
    isPinned ? make("button", { type: "button", onclick: unpin }, "Unpin") : null,
  ];
  holder.replaceChildren(...children.filter(Boolean));
}

const longList = 16; // of more terms the largest come first, and those that are 0 are only counted

function termTable(terms, trace) {
  const isLong = terms.length > longList;
  const shown = isLong ? terms.filter(({ product }) => product !== 0) : terms;
  const zeros = terms.length - shown.length;
  const heads = ["number", "", "slope", "product"];
  return make(
    "div.terms",
    { tabindex: "0", role: "region", "aria-label": "what the cell sums" },
    make(
      "table",
      make(
        "caption",
        terms.length === 1 ? "1 product" : `${terms.length} products`,
        zeros ? `, ${zeros} of them 0` : "",
        isLong ? ", the largest first:" : ":",
      ),
      make("thead", make("tr", ...heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", ...termRows(shown, isLong, trace)),
      make("tfoot", sumRow("tr", "sum", terms)),
    ),
  );
}

// The rows, grouped by the step that they come from where there are several.
function termRows(terms, isLong, trace) {
  const groups = [...Map.groupBy(terms, ({ step }) => trace.steps[step])];
  return groups.flatMap(([step, group]) => {
    if (isLong) group.sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    const rows = group.map((term) => termRow(term, step, trace));
    if (groups.length === 1) return rows;
    return [sumRow("tr.group", `from ${step.op} ${step.path}`, group), ...rows];
  });
}

function sumRow(tag, text, terms) {
  const sum = terms.reduce((total, { product }) => total + product, 0);
  return make(tag, make("th", { colspan: "3", scope: "row" }, text), make("td", show(sum)));
}

function termRow({ from, number, slope, source, product }, step, trace) {
  const name = ({ value, part, index }) => {
    const [argument] = Object.entries(step.inputs).find(([, id]) => id === value) ?? ["y"];
    const nabla = part === "gradient" ? "∇" : "";
    return make("span.name", nabla + cellName({ ...trace.values[value], name: argument }, index));
  };
  return make(
    "tr",
    { "data-product": product },
    make("td", name(from), show(number)),
    make("td", "×"),
    make("td", source ? name(source) : null, show(slope)),
    make("td", show(product)),
  );
}
