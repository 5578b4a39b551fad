/** Maps of numbers between graphs: channels of rows of columns, (1, C, R, K), or pixels, (1, H, W, 3). */

import type { Numbers } from "./graphs.js";

/** A rectangle of cells. */
export interface Part {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** A part of a map of features. */
export function featuresPart({ data, dims }: Numbers, part: Part): Numbers<Float32Array> {
  const [, channels, rows, columns] = dims;
  if (part.rows === rows && part.columns === columns) return { data: data as Float32Array, dims };
  const cut = new Float32Array(channels * part.rows * part.columns);
  let to = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let row = part.row; row < part.row + part.rows; row++, to += part.columns) {
      const from = (channel * rows + row) * columns + part.column;
      cut.set((data as Float32Array).subarray(from, from + part.columns), to);
    }
  }
  return { data: cut, dims: [1, channels, part.rows, part.columns] };
}

/** Lays a part of a tile (from `from` on) into a map of features. */
export function putFeatures(
  map: Numbers<Float32Array>,
  part: Part,
  tile: Numbers,
  from: { row: number; column: number },
): void {
  const [, channels, rows, columns] = map.dims;
  const [, , tileRows, tileColumns] = tile.dims;
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < part.rows; row++) {
      const at = (channel * tileRows + from.row + row) * tileColumns + from.column;
      const line = (tile.data as Float32Array).subarray(at, at + part.columns);
      map.data.set(line, (channel * rows + part.row + row) * columns + part.column);
    }
  }
}

/** A part of the pixels of a picture of this width. */
export function pixelsPart(rgb: Uint8Array, width: number, part: Part): Uint8Array {
  const cut = new Uint8Array(3 * part.rows * part.columns);
  for (let row = 0; row < part.rows; row++) {
    const from = 3 * ((part.row + row) * width + part.column);
    cut.set(rgb.subarray(from, from + 3 * part.columns), 3 * row * part.columns);
  }
  return cut;
}

/** Lays pixels into a picture of this width. */
export function putPixels(rgb: Uint8Array, width: number, part: Part, pixels: Uint8Array): void {
  for (let row = 0; row < part.rows; row++) {
    const line = pixels.subarray(3 * row * part.columns, 3 * (row + 1) * part.columns);
    rgb.set(line, 3 * ((part.row + row) * width + part.column));
  }
}

/** A tile: what is computed, and of that what is kept. */
export interface Tile {
  readonly computed: Part;
  readonly kept: Part;
}

/**
 * A map cut into cores with margins, except at its own edges; one that is little larger than a core is one tile. What
 * margins as wide as a network sees give is what the whole gives.
 */
export function tilesOf(rows: number, columns: number, core: number, margin: number): Tile[] {
  if (Math.max(rows, columns) <= core + 2 * margin) {
    const whole = { row: 0, column: 0, rows, columns };
    return [{ computed: whole, kept: whole }];
  }
  return spansOf(rows, core, margin).flatMap((down) =>
    spansOf(columns, core, margin).map((across) => ({
      computed: {
        row: down.start,
        rows: down.end - down.start,
        column: across.start,
        columns: across.end - across.start,
      },
      kept: {
        row: down.keepStart,
        rows: down.keepEnd - down.keepStart,
        column: across.keepStart,
        columns: across.keepEnd - across.keepStart,
      },
    })),
  );
}

function spansOf(length: number, core: number, margin: number) {
  return Array.from({ length: Math.ceil(length / core) }, (_, n) => {
    const keepStart = n * core;
    const keepEnd = Math.min(keepStart + core, length);
    return { start: Math.max(0, keepStart - margin), end: Math.min(length, keepEnd + margin), keepStart, keepEnd };
  });
}

/** The same part in another unit: of 4 pixels a cell, say. */
export function scaled(part: Part, factor: number): Part {
  const { row, column, rows, columns } = part;
  return { row: row * factor, column: column * factor, rows: rows * factor, columns: columns * factor };
}
