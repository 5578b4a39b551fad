import { TableArrays } from "../words/arrays.js";
import { type ModelShape, SymbolModel } from "../words/model.js";
import { layoutOf, type TextTable } from "../words/table.js";

const MAGIC = "semcreg";
const STEPS: ModelShape = { below: [0, 1, 1], selectors: [[2, 1], [3]], hasTrace: false };
const PHRASES: ModelShape = {
  below: [0, 1, 1, 1],
  selectors: [
    [2, 1],
    [4, 3],
  ],
  hasTrace: false,
};
const NUMBERS: ModelShape = {
  below: [0, 1, 1, 1, 4],
  selectors: [
    [3, 2, 1],
    [5, 4],
  ],
  hasTrace: false,
};

/** A region table, ready to use; phrases are made of the words of its text table. */
export interface RegionTable {
  readonly seed: number;
  readonly text: TextTable;
  /** Of each word of the text table. */
  readonly tokenOf: ReadonlyMap<string, number>;
  readonly steps: SymbolModel;
  readonly phrases: SymbolModel;
  readonly numbers: SymbolModel;
}

export function parseRegionTable(bytes: Uint8Array, seed: number, text: TextTable): RegionTable {
  layoutOf(bytes, MAGIC);
  const arrays = new TableArrays(bytes, MAGIC.length + 1, null);
  const model = (shape: ModelShape) => new SymbolModel(arrays, shape, text.stretch, text.squash);
  const steps = model(STEPS);
  const phrases = model(PHRASES);
  const numbers = model(NUMBERS);
  const tokenOf = new Map(text.words.map((word, token) => [word, token] as const).filter(([word]) => word !== ""));
  return { seed, text, tokenOf, steps, phrases, numbers };
}
