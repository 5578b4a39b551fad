import { MISSING, type Size, type TokenScale } from "../types.js";
import type { Family } from "./family.js";

/** The tokens of one scale, and how far from the middle of their levels they are. */
export class Scale implements TokenScale {
  readonly rows: number;
  readonly columns: number;
  readonly numDigits: number;
  readonly digits: Uint8Array;
  /** The sum of the magnitudes of a token's digits; -1 where it was not sent so far. */
  readonly activity: Int16Array;
  readonly blockRows: number;
  readonly blockColumns: number;
  /** Magnitudes by digit and value, 256 values a digit. */
  readonly magnitudes: Uint8Array;
  /** The middle of the levels of each digit. */
  readonly middles: Uint8Array;

  constructor(
    readonly index: number,
    family: Family,
    working: Size,
  ) {
    const stride = family.strides[index];
    const levels = family.levels[index];
    this.rows = Math.ceil(working.height / stride);
    this.columns = Math.ceil(working.width / stride);
    this.numDigits = levels.length;
    this.digits = new Uint8Array(this.rows * this.columns * this.numDigits).fill(MISSING);
    this.activity = new Int16Array(this.rows * this.columns).fill(-1);
    this.blockRows = Math.ceil(this.rows / family.blocks[index]);
    this.blockColumns = Math.ceil(this.columns / family.blocks[index]);
    this.middles = Uint8Array.from(levels, (count) => (count - 1) >> 1);
    this.magnitudes = new Uint8Array(256 * this.numDigits);
    levels.forEach((count, digit) => {
      for (let value = 0; value < count; value++) {
        this.magnitudes[256 * digit + value] = Math.abs(2 * value - (count - 1)) >> 1;
      }
    });
  }

  get numBlocks(): number {
    return this.blockRows * this.blockColumns;
  }
}

/** The tokens of a block, as their places in the scale, row by row. */
export function tokensOfBlock(scale: Scale, side: number, block: number): number[] {
  const firstRow = Math.floor(block / scale.blockColumns) * side;
  const firstColumn = (block % scale.blockColumns) * side;
  const tokens: number[] = [];
  for (let row = firstRow; row < Math.min(firstRow + side, scale.rows); row++) {
    for (let column = firstColumn; column < Math.min(firstColumn + side, scale.columns); column++) {
      tokens.push(row * scale.columns + column);
    }
  }
  return tokens;
}

/** The place of a token's parent in the scale before. */
export function parentOf(scale: Scale, coarser: Scale, token: number): number {
  const row = Math.floor(token / scale.columns);
  return (row >> 1) * coarser.columns + ((token % scale.columns) >> 1);
}
