// An array as a picture: one square a cell, channels and filters as tiles side by side.
//
// Values have a sequential scale, light to dark; gradients a diverging one, orange below zero, blue
// above, and the ground's own colour at zero: these two are told apart by colour-blind eyes.

// Where each cell goes: {columns, rows, at(index) -> [column, row], cellAt(column, row) -> index or
// -1}.
function layoutOf(shape) {
  const sizes = shape.filter((size) => size > 1);
  const width = sizes.length > 1 ? sizes.at(-1) : lineWidth(sizes[0] ?? 1);
  const height = sizes.length > 1 ? sizes.at(-2) : Math.ceil((sizes[0] ?? 1) / width);
  const leading = sizes.slice(0, -2);
  const tiles = product(leading);
  const gap = tiles > 1 ? 1 : 0;
  // Near a square; of filters (out, in, rows, columns), one or more whole ones in a line.
  const filter = leading.length > 1 ? leading.at(-1) : 1;
  const across = Math.min(tiles, filter * Math.ceil(Math.sqrt(tiles) / filter));
  const down = Math.ceil(tiles / across);
  const count = product(shape);
  return {
    columns: across * (width + gap) - gap,
    rows: down * (height + gap) - gap,
    at(index) {
      const inTile = index % (width * height);
      const tile = Math.floor(index / (width * height));
      const [c, r] = [tile % across, Math.floor(tile / across)];
      return [
        c * (width + gap) + (inTile % width),
        r * (height + gap) + Math.floor(inTile / width),
      ];
    },
    cellAt(column, row) {
      const [c, r] = [Math.floor(column / (width + gap)), Math.floor(row / (height + gap))];
      const [x, y] = [column - c * (width + gap), row - r * (height + gap)];
      if (column < 0 || row < 0 || c >= across || r >= down || x >= width || y >= height) return -1;
      const index = (r * across + c) * width * height + y * width + x;
      return index < count ? index : -1;
    },
  };
}

// A long line of numbers is broken: 256 into 16 by 16.
const lineWidth = (size) => (size <= 16 ? size : 2 ** Math.ceil(Math.log2(Math.sqrt(size))));

// The colours of a scale, 256 of them, as the style sheet names its ends.
let palettes = {};
function palette(name) {
  return (palettes[name] ??= makePalette(name));
}

function makePalette(name) {
  const style = getComputedStyle(document.documentElement);
  const stops = (name === "value" ? ["--low", "--high"] : ["--negative", "--zero", "--positive"])
    .map((variable) => style.getPropertyValue(variable).trim())
    .map((hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16)));
  return Uint32Array.from({ length: 256 }, (_, k) => {
    const position = (k / 255) * (stops.length - 1);
    const stop = Math.min(Math.floor(position), stops.length - 2);
    const mix = (i) =>
      Math.round(stops[stop][i] + (position - stop) * (stops[stop + 1][i] - stops[stop][i]));
    return (255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0); // a pixel of an ImageData
  });
}

// The ends of an array's scale.
function scaleOf(data, name) {
  const [low, high] = range(data);
  if (name === "value") return [low, high];
  const most = Math.max(Math.abs(low), Math.abs(high));
  return [-most, most];
}

// A picture of one pixel a cell.
function paint(data, layout, name, [low, high]) {
  const image = new ImageData(layout.columns, layout.rows);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = palette(name);
  const middle = name === "value" ? 0 : 127.5; // of an array that is the same everywhere
  for (let index = 0; index < data.length; index++) {
    const share = high > low ? ((data[index] - low) / (high - low)) * 255 : middle;
    const [column, row] = layout.at(index);
    pixels[row * layout.columns + column] = colours[Math.round(share)] ?? 0; // none for a NaN
  }
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [layout.columns, layout.rows];
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// Draw an array into a canvas, `size` CSS pixels a cell. Returns the layout and what marks cells:
// mark(indices, strong) outlines cells, and forgets those of before.
function drawHeatMap(canvas, array, name, size) {
  const layout = layoutOf(array.shape);
  const scale = Math.max(1, Math.round(size * devicePixelRatio)); // of a cell, on the screen
  const picture = paint(array.data, layout, name, scaleOf(array.data, name));
  [canvas.width, canvas.height] = [layout.columns * scale, layout.rows * scale];
  canvas.style.width = `${canvas.width / devicePixelRatio}px`;
  const context = canvas.getContext("2d");
  const redraw = () => {
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  };
  redraw();
  const mark = (indices, cursor = -1) => {
    redraw();
    const style = getComputedStyle(canvas);
    const line = Math.max(1, Math.min(2 * devicePixelRatio, scale / 4));
    for (const index of cursor < 0 ? indices : [...indices, cursor]) {
      const [column, row] = layout.at(index);
      context.lineWidth = index === cursor ? line * 1.5 : line;
      context.strokeStyle = style.getPropertyValue(index === cursor ? "--cursor" : "--source");
      context.strokeRect(column * scale, row * scale, scale, scale);
    }
  };
  return { layout, mark };
}

// Let a heat map be pointed at, with the mouse, a finger or the arrow keys.
// point(index) when a cell is pointed at, -1 when none is any more; pin(index) when it is chosen.
function makePointable(canvas, layout, start, { point, pin }) {
  let cursor = start;
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    return layout.cellAt(
      Math.floor(((event.clientX - box.left) / box.width) * layout.columns),
      Math.floor(((event.clientY - box.top) / box.height) * layout.rows),
    );
  };
  const go = (index) => {
    if (index < 0 || index === cursor) return;
    cursor = index;
    point(index);
  };
  canvas.addEventListener("pointermove", (event) => go(under(event)));
  canvas.addEventListener("pointerleave", () => {
    cursor = -1;
    point(-1);
  });
  canvas.addEventListener("click", (event) => {
    if (under(event) >= 0) pin((cursor = under(event)));
  });
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
      event.key
    ];
    if (move) {
      let [column, row] = cursor < 0 ? [0, 0] : layout.at(cursor);
      if (cursor < 0) return (event.preventDefault(), go(0));
      do {
        // over the gap between two tiles
        column += move[0];
        row += move[1];
      } while (
        column > 0 &&
        row > 0 &&
        column < layout.columns - 1 &&
        row < layout.rows - 1 &&
        layout.cellAt(column, row) < 0
      );
      go(layout.cellAt(column, row));
    } else if (event.key === "Enter" && cursor >= 0) {
      pin(cursor);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
}
