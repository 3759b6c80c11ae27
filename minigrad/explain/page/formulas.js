// A formula written plainly, "y_{n,o} = b_o + ∑_i w_{o,i} x_{n,i}", as MathML.
//
// Words are functions, single letters variables, and what stands in 'quotes' is text. _ and ^ take
// the next symbol or {group}, frac{a}{b} is a fraction, ȳ is y with a bar. The index of ∑ and max
// goes below.

function math(text) {
  const bar = "\u0304";
  const tokens = text.normalize("NFD").match(/'[^']*'|\p{L}\u0304|[A-Za-z]+|\d+|\S/gu);
  let position = 0;
  const row = () => {
    let parts = "";
    while (position < tokens.length && tokens[position] !== "}") parts += scripted();
    position++; // the closing brace
    return `<mrow>${parts}</mrow>`;
  };
  const atom = () => {
    const token = tokens[position++];
    if (token === "{") return row();
    if (token === "frac") return `<mfrac>${atom()}${atom()}</mfrac>`;
    if (token.endsWith(bar))
      return `<mover><mi>${token[0]}</mi><mo stretchy="false">¯</mo></mover>`;
    if (token[0] === "'") return `<mtext>\u00a0${token.slice(1, -1)}\u00a0</mtext>`;
    if (/^\d/.test(token)) return `<mn>${token}</mn>`;
    if (/^[\p{L}∞]/u.test(token)) return `<mi>${token}</mi>`;
    return `<mo>${token.replace("<", "&lt;").replace(">", "&gt;")}</mo>`;
  };
  const scripted = () => {
    const token = tokens[position];
    const under = ["∑", "max"].includes(token);
    const base = atom();
    const scripts = {};
    while (["_", "^"].includes(tokens[position])) {
      const mark = tokens[position++];
      scripts[mark] = atom();
    }
    if (scripts._ && scripts["^"]) return `<msubsup>${base}${scripts._}${scripts["^"]}</msubsup>`;
    if (scripts["^"]) return `<msup>${base}${scripts["^"]}</msup>`;
    const isApplied = /^[A-Za-z]{2,}$/.test(token) && /^[\p{L}∑]/u.test(tokens[position] ?? "");
    if (!scripts._) return isApplied ? `${base}<mspace width="0.17em"/>` : base; // log x, not logx
    return under ? `<munder>${base}${scripts._}</munder>` : `<msub>${base}${scripts._}</msub>`;
  };
  return `<math display="block">${row()}</math>`;
}
