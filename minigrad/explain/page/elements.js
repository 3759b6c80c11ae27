// Elements of the page, made by hand.

// make("p.shape", { id: "x" }, "1 × 8", child): tag and class, attributes, children. Text is text,
// never HTML; what is null is left out.
function make(name, ...parts) {
  const [tag, className] = name.split(".");
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const part of parts) {
    if (part === null || part === undefined) continue;
    if (typeof part === "string" || part instanceof Node) element.append(part);
    else setAttributes(element, part);
  }
  return element;
}

function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null) element.setAttribute(name, value);
  }
}

function formula(text) {
  const holder = make("div.formula");
  holder.innerHTML = math(text);
  return holder;
}

// "16 × 1 × 3 × 3", and what each axis counts.
function shapeText({ shape, axes }) {
  if (!shape.length) return "a single number";
  const named = axes.some((axis) => !/^d\d+$/.test(axis));
  return shape.join(" × ") + (named ? ` (${axes.join(", ")})` : "");
}

const scaleText = (data, name) => {
  const [low, high] = scaleOf(data, name);
  return `${show(low)} to ${show(high)}`;
};

// A heat map under its legend; `size` is that of a cell. Returns the figure and what drawHeatMap
// does.
function heatMapFigure(array, name, label, size) {
  const canvas = make("canvas", { role: "img", "aria-label": label });
  const [low, high] = scaleOf(array.data, name);
  const legend = make(
    "figcaption.legend",
    make("span", show(low)),
    make("i", { class: `scale ${name === "value" ? "sequential" : "diverging"}` }),
    make("span", show(high)),
    make("span.norm", `norm ${show(norm(array.data))}`),
  );
  const figure = make("figure", make("div.scroll", canvas), legend);
  return { figure, canvas, ...drawHeatMap(canvas, array, name, size) };
}

// Lines of code with a button that copies them.
function codeBlock(name, lines) {
  const code = make("code", lines.join("\n"));
  const button = make(
    "button",
    { type: "button", "aria-label": `Copy the lines for ${name}` },
    "Copy",
  );
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      button.textContent = "Copied";
    } catch {
      // not allowed here: they are selected, to be copied by hand
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
  });
  return make("div.code", make("h4", name), button, make("pre", { tabindex: "0" }, code));
}
