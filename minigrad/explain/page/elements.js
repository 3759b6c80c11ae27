// Elements of the page, made by hand.

// make("p", {class: "shape"}, "1 × 8", child): text is text, never HTML.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function formula(text) {
  const holder = make("div", { class: "formula" });
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

// A heat map under its legend; `size` is that of a cell. Returns the figure and what drawHeatMap does.
function heatMapFigure(array, name, label, size, attributes = {}) {
  const canvas = make("canvas", { role: "img", "aria-label": label, ...attributes });
  const [low, high] = scaleOf(array.data, name);
  const legend = make("figcaption", { class: "legend" },
    make("span", {}, show(low)), make("i", { class: `scale ${name === "value" ? "sequential" : "diverging"}` }),
    make("span", {}, show(high)), make("span", { class: "norm" }, `norm ${show(norm(array.data))}`));
  const figure = make("figure", {}, make("div", { class: "scroll" }, canvas), legend);
  return { figure, canvas, ...drawHeatMap(canvas, array, name, size) };
}

// Lines of code with a button that copies them.
function codeBlock(name, lines) {
  const code = make("code", {}, lines.join("\n"));
  const button = make("button", { type: "button", "aria-label": `Copy the lines for ${name}` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      button.textContent = "Copied";
    } catch { // not allowed here: they are selected, to be copied by hand
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
  });
  return make("div", { class: "code" }, make("h4", {}, name), button, make("pre", { tabindex: "0" }, code));
}
