// Other numbers to run the network on: a digit drawn or chosen, another label, perturbed weights.

// The value that holds the pixels of a digit, and the one that holds its label; -1 where there is
// none.
function digitInputs(trace) {
  const pixels = trace.values.findIndex(
    ({ kind, shape, dtype }) =>
      kind === "input" && dtype.startsWith("float") && product(shape) === 64,
  );
  const target = trace.steps.find(({ op }) => op === "NLLLoss")?.inputs.target ?? -1;
  const isOne = target >= 0 && product(trace.values[target].shape) === 1;
  return { pixels: trace.samples?.length ? pixels : -1, label: isOne ? target : -1 };
}

// The leaves of a pass as the state wants them; null where that is what the trace holds already.
function leavesOf(trace, recorded, { digit, label, noise, seed }) {
  if (!digit && label === null && !noise) return null;
  const inputs = digitInputs(trace);
  const leaves = recorded.values.map(({ data }) => data);
  if (digit && inputs.pixels >= 0) {
    const sample = digit.startsWith("s") ? trace.samples[digit.slice(1)] : null;
    leaves[inputs.pixels] = Float64Array.from(sample ? sample.pixels : drawnPixels(digit));
    if (sample && label === null) leaves[inputs.label] = Float64Array.of(sample.label);
  }
  if (label !== null && inputs.label >= 0) leaves[inputs.label] = Float64Array.of(label);
  const normal = normals(seed);
  if (noise) {
    trace.values.forEach(({ kind }, id) => {
      if (kind === "parameter") leaves[id] = perturbed(leaves[id], noise / 100, normal);
    });
  }
  return leaves;
}

// Each number moved by `share` of the array's spread, times a normal random number.
function perturbed(data, share, normal) {
  const mean = data.reduce((sum, number) => sum + number, 0) / data.length;
  const spread = norm(data.map((number) => number - mean)) / Math.sqrt(data.length);
  return data.map((number) => number + share * spread * normal());
}

function makeDigitControls(trace, change) {
  const element = (id) => document.getElementById(id);
  const inputs = digitInputs(trace);
  const canvas = element("pad");
  const samples = (trace.samples ?? []).map(({ label, pixels }, k) => {
    const picture = make("canvas", { "aria-hidden": "true" });
    drawHeatMap(picture, { shape: [8, 8], data: pixels }, "value", 4);
    return make(
      "button",
      {
        type: "button",
        "aria-label": `a test image of a ${label}`,
        onclick: () => change({ digit: `s${k}`, label: null }),
      },
      picture,
    );
  });
  element("samples").replaceChildren(...samples);
  element("draw").hidden = inputs.pixels < 0;
  element("label").parentElement.hidden = inputs.label < 0;
  element("label").addEventListener("change", (event) =>
    change({ label: Number(event.target.value) }),
  );
  element("noise").addEventListener("input", (event) =>
    change({ noise: event.target.valueAsNumber }),
  );
  element("again").addEventListener("click", () =>
    change({ seed: 1 + Math.floor(Math.random() * 1e6) }),
  );
  element("clear").addEventListener("click", () => change({ digit: "0".repeat(64) }));
  element("reset").addEventListener("click", () => change({ digit: "", label: null, noise: 0 }));

  let pixels = new Float64Array(64);
  let cursor = 0;
  const ink = (cell, amount) => {
    const next = pixels.slice();
    next[cell] = amount;
    const [row, column] = [cell >> 3, cell & 7];
    for (const [r, c] of [
      [row - 1, column],
      [row + 1, column],
      [row, column - 1],
      [row, column + 1],
    ]) {
      if (amount && r >= 0 && c >= 0 && r < 8 && c < 8)
        next[8 * r + c] = Math.max(next[8 * r + c], 5); // a soft pen
    }
    change({ digit: pixelsText(next) });
  };
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    const at = (position, start, size) =>
      Math.max(0, Math.min(7, Math.floor((8 * (position - start)) / size)));
    return 8 * at(event.clientY, box.top, box.height) + at(event.clientX, box.left, box.width);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    ink((cursor = under(event)), 16);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons && under(event) !== cursor) ink((cursor = under(event)), 16);
  });
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8 }[event.key];
    if (move) cursor = Math.max(0, Math.min(63, cursor + move));
    else if (event.key === " ") ink(cursor, 16);
    else if (event.key === "Backspace" || event.key === "Delete") ink(cursor, 0);
    else return;
    event.preventDefault();
    drawPad();
  });
  const drawPad = () => {
    const { mark } = drawHeatMap(canvas, { shape: [8, 8], data: pixels }, "value", 22);
    if (document.activeElement === canvas) mark([], cursor);
  };
  canvas.addEventListener("focus", drawPad);
  canvas.addEventListener("blur", drawPad);

  return function showDigit(pass, { noise, digit, label }) {
    if (inputs.pixels >= 0) {
      pixels = pass.values[inputs.pixels].data;
      drawPad();
    }
    if (inputs.label >= 0) element("label").value = pass.values[inputs.label].data[0];
    element("noise").value = noise;
    element("noise-text").textContent = `${noise} %`;
    element("reset").disabled = !noise && !digit && label === null;
  };
}
