// What is on show, as the address's hash holds it, so that a link shows the same.
//
//   step    the moment, from 0
//   cell    the pinned cell: v12.5 is cell 5 of value 12; g of its gradient, u of its update
//   digit   s3 is test image 3 of the page; 64 characters 0..g are pixels drawn by hand
//   label   the class that the loss takes for right
//   noise   how much the weights are perturbed, in percent of their spread; seed draws the noise

const parts = { v: "value", g: "gradient", u: "change" };

function readState(hash, trace) {
  const query = new URLSearchParams(hash.replace(/^#/, ""));
  const number = (name, low, high, otherwise) => {
    const found = Number(query.get(name) ?? NaN);
    return Number.isInteger(found) && found >= low && found <= high ? found : otherwise;
  };
  const digit = query.get("digit") ?? "";
  return {
    step: number("step", 0, momentsOf(trace).length - 1, 0),
    cell: readCell(query.get("cell") ?? "", trace),
    digit: /^[0-9a-g]{64}$/.test(digit) || samplePixels(trace, digit) ? digit : "",
    label: number("label", 0, 9, null),
    noise: number("noise", 0, 100, 0),
    seed: number("seed", 1, 1e6, 1),
  };
}

function readCell(text, trace) {
  const [, part, value, index] = text.match(/^([vgu])(\d+)\.(\d+)$/) ?? [];
  const shape = trace.values[value]?.shape;
  return shape && index < product(shape)
    ? { value: +value, part: parts[part], index: +index }
    : null;
}

function writeState({ step, cell, digit, label, noise, seed }) {
  const query = new URLSearchParams({ step });
  if (cell)
    query.set("cell", `${cell.part === "change" ? "u" : cell.part[0]}${cell.value}.${cell.index}`);
  if (digit) query.set("digit", digit);
  if (label !== null) query.set("label", label);
  if (noise) (query.set("noise", noise), query.set("seed", seed));
  return `#${query}`;
}

// The pixels, 0 to 16, that `digit` stands for; null if it stands for none.
function samplePixels(trace, digit) {
  return digit.startsWith("s") ? (trace.samples?.[digit.slice(1)]?.pixels ?? null) : null;
}

const drawnPixels = (digit) => Array.from(digit, (character) => Number.parseInt(character, 17));
const pixelsText = (pixels) =>
  Array.from(pixels, (pixel) => Math.round(pixel).toString(17)).join("");
