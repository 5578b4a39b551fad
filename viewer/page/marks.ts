/** How parts are marked: each kind with a colour and a pattern of its own, so that no one needs to tell colours apart. */
import { Part, type PartName, type Parts } from "../src/provenance.js";

const CELL = 8; // pixels of a mark

interface Mark {
  readonly colour: readonly [number, number, number];
  /** How opaque a pixel of a mark is, 0 to 255. */
  opacity(x: number, y: number): number;
}

const MARKS: Readonly<Record<PartName, Mark | null>> = {
  sent: null,
  restored: { colour: [251, 176, 36], opacity: (x, y) => ((x + y) % CELL < 2 ? 235 : 70) },
  missing: { colour: [219, 39, 119], opacity: (x, y) => ((x - y + CELL) % CELL < 2 || (x + y) % CELL < 2 ? 235 : 90) },
  invented: { colour: [126, 87, 255], opacity: (_, y) => (y % 4 < 2 ? 235 : 90) },
};

export const NAMES: Readonly<Record<PartName, string>> = {
  sent: "sent, as finely as the file goes",
  restored: "restored by a network from coarser parts",
  missing: "not sent: as soft as its coarser parts",
  invented: "invented",
};

/** Lays marks on a canvas, a mark a block. */
export function mark({ rows, columns, kinds }: Parts, canvas: HTMLCanvasElement): void {
  [canvas.width, canvas.height] = [columns * CELL, rows * CELL];
  const pixels = new ImageData(canvas.width, canvas.height);
  const names = Object.keys(Part) as PartName[];
  for (let y = 0, to = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++, to += 4) {
      const found = MARKS[names[kinds[Math.floor(y / CELL) * columns + Math.floor(x / CELL)]]];
      if (found !== null) pixels.data.set([...found.colour, found.opacity(x, y)], to);
    }
  }
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}

/** A swatch of a kind. */
export function swatch(name: PartName): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.ariaHidden = "true";
  mark({ rows: 2, columns: 2, kinds: new Uint8Array(4).fill(Part[name]) }, canvas);
  return canvas;
}
