import type { Reading } from "./read.js";
import type { Painting } from "./painters/painter.js";
import { MISSING, type PixelGrid, type Size, type TokenPyramid } from "./types.js";

/** What a block of a painted picture shows, as the Python package counts it (`metadata/provenance.py`). */
export const Part = {
  /** What the file says, as finely as it says anything. */
  sent: 0,
  /** What the restorer made of a coarser part that was sent. */
  restored: 1,
  /** Drawn by a network that was told nothing of it. */
  invented: 2,
  /** Less: it is as soft as what was sent of coarser scales. */
  missing: 3,
} as const;

export type PartName = keyof typeof Part;

/** A `Part` for each block of 8x8 pixels of the working picture (of a base: of its coded size; of a grid: each cell), row by row. */
export interface Parts {
  readonly rows: number;
  readonly columns: number;
  readonly kinds: Uint8Array;
}

const PART_PX = 8;

/** What was sent of a picture that is not restored. `strides`: of the family of its tokens. */
export function partsOf({ scene }: Reading, from: Painting["from"], strides: readonly number[]): Parts {
  if (from === "base") return partsOfBase(scene.base!);
  return from === "pixels" ? partsOfPixels(scene.pixels!) : partsOfTokens(scene.tokens!, strides);
}

/** The same of what a restorer made of it: all of a base, and what is missing of tokens. Grids are not restored. */
export function restoredParts(parts: Parts, from: Painting["from"]): Parts {
  if (from === "pixels") return parts;
  const { rows, columns, kinds } = parts;
  const restored = (kind: number) => (from === "base" || kind === Part.missing ? Part.restored : kind);
  return { rows, columns, kinds: kinds.map(restored) };
}

/** How many blocks there are of each kind. */
export function countsOf({ kinds }: Parts): Readonly<Record<PartName, number>> {
  const counts = { sent: 0, restored: 0, invented: 0, missing: 0 };
  const names = Object.keys(Part) as PartName[];
  for (const kind of kinds) counts[names[kind]]++;
  return counts;
}

function partsOfBase({ width, height }: Size): Parts {
  const [rows, columns] = [Math.ceil(height / PART_PX), Math.ceil(width / PART_PX)];
  return { rows, columns, kinds: new Uint8Array(rows * columns).fill(Part.sent) };
}

function partsOfPixels({ rows, columns, known }: PixelGrid): Parts {
  return { rows, columns, kinds: known.map((is) => (is ? Part.sent : Part.missing)) };
}

/** A block is missing where the finest scale that the file has anything of has no token for it. */
function partsOfTokens({ scales }: TokenPyramid, strides: readonly number[]): Parts {
  const { rows, columns } = scales[scales.length - 1];
  const kinds = new Uint8Array(rows * columns);
  const isThere = ({ digits, numDigits }: TokenPyramid["scales"][number], place: number) =>
    digits[place * numDigits] !== MISSING;
  const anyThere = scales.map((scale) => {
    for (let place = 0; place < scale.rows * scale.columns; place++) if (isThere(scale, place)) return true;
    return false;
  });
  const finest = anyThere.lastIndexOf(true);
  if (finest < 0) return { rows, columns, kinds: kinds.fill(Part.invented) };
  const scale = scales[finest];
  const ratio = strides[finest] / strides[strides.length - 1];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = Math.floor(row / ratio) * scale.columns + Math.floor(column / ratio);
      if (!isThere(scale, place)) kinds[row * columns + column] = Part.missing;
    }
  }
  return { rows, columns, kinds };
}
