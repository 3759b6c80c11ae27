// Walks over arrays: the windows of a convolution or a pooling, and the lines along an axis.

// How many windows fit into an image, down and across.
function countWindows(shape, { kernel, stride, before, after, dilation }) {
  return [0, 1].map((axis) => {
    const reach = dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.floor((shape[2 + axis] + before[axis] + after[axis] - reach) / stride[axis]) + 1;
  });
}

// Visit each output cell: visit(out, n, o, eachPixel), where eachPixel(c, visitPixel) walks over
// the window in channel c: visitPixel(pixel, u, v), the kernel's place (u, v). Padding is left out.
function eachWindow(shape, outShape, { kernel, stride, before, dilation }, visit) {
  const [, channels, height, width] = shape;
  const [samples, outputs, rows, columns] = outShape;
  let [n, i, j] = [0, 0, 0];
  const eachPixel = (c, visitPixel) => {
    for (let u = 0; u < kernel[0]; u++)
      for (let v = 0; v < kernel[1]; v++) {
        const row = stride[0] * i + dilation[0] * u - before[0];
        const column = stride[1] * j + dilation[1] * v - before[1];
        if (row >= 0 && row < height && column >= 0 && column < width) {
          visitPixel(((n * channels + c) * height + row) * width + column, u, v);
        }
      }
  };
  let out = 0;
  for (n = 0; n < samples; n++)
    for (let o = 0; o < outputs; o++) {
      for (i = 0; i < rows; i++) for (j = 0; j < columns; j++) visit(out++, n, o, eachPixel);
    }
}

// The flat indices of each line of cells along one axis.
function eachRow(shape, dim, visit) {
  const axis = (dim + shape.length) % shape.length;
  const step = product(shape.slice(axis + 1));
  for (let k = 0; k < product(shape); k++) {
    if (Math.floor(k / step) % shape[axis] === 0) {
      visit(Array.from({ length: shape[axis] }, (_, c) => k + c * step));
    }
  }
}
