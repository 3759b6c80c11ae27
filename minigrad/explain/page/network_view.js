// The network as a picture: one card for the input and one for each step's output, left to right.

function showNetwork(holder, { trace, pass, moment, progress, go }) {
  const input = trace.steps[0].inputs.x ?? Object.values(trace.steps[0].inputs)[0];
  const cards = [
    { id: input, title: "input", path: trace.values[input].name, step: null },
    ...trace.steps.map((step, s) => ({
      id: step.outputs[0],
      title: step.op,
      path: step.path,
      step: s,
    })),
  ];
  const scrolled = holder.scrollLeft;
  holder.replaceChildren(
    ...cards.map((card) => networkCard(card, { trace, pass, moment, progress, go })),
  );
  holder.scrollLeft = scrolled;
  const current = holder.querySelector("[aria-current]");
  if (!current) return;
  const middle = current.offsetLeft + current.offsetWidth / 2 - holder.clientWidth / 2;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  holder.scrollTo({ left: middle, behavior: calm ? "instant" : "smooth" });
}

function networkCard({ id, title, path, step }, { trace, pass, moment, progress, go }) {
  const { shape, data } = pass.values[id];
  const seen = data && (step === null || progress.hasValue(id));
  const gradient = gradientSoFar(trace, pass, id, progress);
  const isCurrent = step !== null && step === moment.step;
  const button = make(
    "button",
    {
      type: "button",
      class: "card",
      disabled: step === null ? "" : null,
      "aria-current": isCurrent ? "step" : null,
      "aria-label":
        `${title} ${path}, ${shapeText(trace.values[id])}` +
        (seen ? `, values ${scaleText(data, "value")}` : ", not computed yet") +
        (gradient ? `, norm of the gradient ${show(norm(gradient))}` : ""),
      onclick: () => go(step),
    },
    make("b", title),
    make("span.path", path),
    smallMap(shape, seen ? data : null, "value"),
    smallMap(shape, gradient, "gradient"),
    make("span.shape", shape.join(" × ") || "1"),
    make("span.norm", seen ? `‖y‖ ${show(norm(data))}` : " "),
    make("span.norm", gradient ? `‖∇‖ ${show(norm(gradient))}` : " "),
  );
  return make("li", button);
}

// A heat map as small as a card, or an empty place for what is not there yet.
function smallMap(shape, data, name) {
  const place = make("span", { class: `map ${name}` });
  if (data) {
    const canvas = make("canvas", { "aria-hidden": "true" });
    const { columns, rows } = layoutOf(shape);
    drawHeatMap(
      canvas,
      { shape, data },
      name,
      Math.max(1, Math.min(12, Math.floor(76 / Math.max(columns, rows)))),
    );
    place.append(canvas);
  }
  return place;
}
