// Arrays, and how they are written down. An array is {shape, data}: data lies row by row, as in
// NumPy.

const product = (numbers) => numbers.reduce((a, b) => a * b, 1);

// The place of flat index k: of shape (2, 3) and k = 4, [1, 1].
function placeOf(shape, k) {
  const place = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = k % shape[axis];
    k = Math.floor(k / shape[axis]);
  }
  return place;
}

// A function from the flat index of an array to that of the smaller one it was broadcast from.
function broadcastFrom(small, shape) {
  const missing = shape.length - small.length;
  return (k) => {
    const place = placeOf(shape, k).slice(missing);
    return small.reduce((flat, size, axis) => flat * size + (size === 1 ? 0 : place[axis]), 0);
  };
}

// The shape of two arrays broadcast against each other.
function broadcastShape(a, b) {
  const length = Math.max(a.length, b.length);
  const [long, short] = [a, b].map((shape) => [...Array(length - shape.length).fill(1), ...shape]);
  return long.map((size, axis) => Math.max(size, short[axis]));
}

function range(data) {
  let low = Infinity;
  let high = -Infinity;
  for (const number of data) {
    if (number < low) low = number;
    if (number > high) high = number;
  }
  return [low, high];
}

const norm = (data) => Math.sqrt(data.reduce((sum, number) => sum + number * number, 0));

// Four digits, a true minus sign, and no exponent where none is needed.
function show(number) {
  const size = Math.abs(number);
  if (!Number.isFinite(number)) return String(number);
  if (size === 0) return "0";
  let text = size >= 1e5 || size < 1e-4 ? size.toExponential(3) : size.toPrecision(4);
  text = text.replace(
    /e([+-])0*(\d+)$/,
    (_, sign, digits) => `e${sign === "-" ? "−" : ""}${digits}`,
  );
  if (Number.isInteger(number) && size < 1e5) text = String(size);
  return (number < 0 ? "−" : "") + text;
}

// Normal random numbers that are the same for the same seed, so that a link shows what its maker
// saw.
function normals(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
