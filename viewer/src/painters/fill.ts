import type { Picture } from "./picture.js";
import type { PixelGrid } from "../types.js";
import { cellsOf } from "../pixels/order.js";

/** A grid as a picture: a cell that is not there has the mean of the two that it lies between, rounded up. */
export function filled({ rows, columns, colours, known }: PixelGrid): Picture {
  const rgb = colours.slice();
  for (const { cell, one, other } of cellsOf(rows, columns)) {
    if (known[cell]) continue;
    for (let channel = 0; channel < 3; channel++) {
      rgb[3 * cell + channel] = (rgb[3 * one + channel] + rgb[3 * other + channel] + 1) >> 1;
    }
  }
  return { width: columns, height: rows, rgb };
}
