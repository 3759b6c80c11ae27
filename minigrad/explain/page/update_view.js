// The optimizer's step: each parameter, its gradient, and what Adamax makes of it.

function showUpdate(holder, context) {
  const { trace } = context;
  const maps = [];
  const sections = updated(trace).map((id) => updateSection(id, context, maps));
  const { settings } = trace.values[updated(trace)[0]].update;
  holder.replaceChildren(
    make("h2", "Adamax ", make("small", "the optimizer's step")),
    make("div.formulas", ...[adamaxRule.formula, ...adamaxRule.back].map(formula)),
    make("p.why", adamaxRule.why),
    ...sections,
    codeOf(adamaxRule.code(settings)),
  );
  return maps;
}

function updateSection(id, context, maps) {
  const { trace, pass } = context;
  const value = trace.values[id];
  const { shape, data } = pass.values[id];
  const step = adamaxOf(trace, pass, id);
  const figure = (part, title, numbers) => {
    const label = mapLabel(title, value.name, value, numbers, part);
    const map = pointableMap({ value: id, part }, { shape, data: numbers }, label, context, maps);
    return make("div", make("h4", title), map);
  };
  return make(
    "section.array",
    make("h3", value.name),
    make("p.shape", shapeText(value)),
    make(
      "div.row",
      figure("value", "parameter", data),
      figure("gradient", "gradient", pass.gradients[id]),
      figure(
        "change",
        "step",
        data.map((_, k) => step(k).change),
      ),
    ),
  );
}
