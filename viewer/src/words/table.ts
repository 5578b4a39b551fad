import { startsOf, TOTAL } from "../entropy/range.js";
import { TableArrays } from "./arrays.js";
import { SymbolModel } from "./model.js";
import { TraceTables } from "./trace.js";

const MAGIC = "semctxt";
const WORD_SHAPE = {
  below: [0, 1, 2, 0, 0, 1],
  selectors: [
    [3, 2, 1],
    [6, 5, 4],
  ],
};
const CHAR_SHAPE = { below: [0, 1, 2, 3, 0], selectors: [[4, 3, 2, 1], [5]] };

/** Cumulative frequencies of the first symbols of a text. */
export interface Head {
  readonly origins: Uint16Array;
  /** Of languages, by origin. */
  readonly languages: readonly [human: Uint16Array, machine: Uint16Array];
}

/** A text table, ready to use. */
export interface TextTable {
  readonly seed: number;
  readonly head: Head;
  /** What each token adds to the text. */
  readonly words: readonly string[];
  readonly end: number;
  readonly spell: number;
  readonly cap: number;
  readonly isTopic: ArrayLike<number>;
  /** Of each token, one of 128 classes of about equal count. */
  readonly classes: Uint8Array;
  readonly wordModel: SymbolModel;
  readonly chars: readonly string[];
  readonly charEnd: number;
  readonly charRaw: number;
  readonly charSpace: number;
  readonly charModel: SymbolModel;
  readonly trace: TraceTables | null;
  readonly stretch: ArrayLike<number>;
  readonly squash: ArrayLike<number>;
}

/** The table of a file's bytes and of its base's; `seed`: of the checks. */
export function parseTextTable(bytes: Uint8Array, seed: number, base: Uint8Array | null): TextTable {
  const layout = layoutOf(bytes, MAGIC);
  const hasTrace = layout > 1;
  const arrays = new TableArrays(bytes, MAGIC.length + 1, base);
  const [end, spell, cap, charEnd, charRaw, charSpace] = Array.from(arrays.next());
  const words = arrays.text();
  const isTopic = arrays.next();
  const chars = arrays.text();
  const stretch = arrays.next();
  const squash = arrays.next();
  const wordModel = new SymbolModel(arrays, { ...WORD_SHAPE, hasTrace }, stretch, squash);
  const trace = hasTrace ? new TraceTables(arrays) : null;
  const charModel = new SymbolModel(arrays, { ...CHAR_SHAPE, hasTrace: false }, stretch, squash);
  const classes = classesOf(wordModel.base);
  const numbers = { end, spell, cap, charEnd, charRaw, charSpace };
  return {
    seed,
    head: headOf(layout),
    words,
    isTopic,
    chars,
    stretch,
    squash,
    wordModel,
    trace,
    charModel,
    classes,
    ...numbers,
  };
}

/** The digit behind the magic number of a table. */
export function layoutOf(bytes: Uint8Array, magic: string): number {
  const begins = new TextDecoder().decode(bytes.subarray(0, magic.length));
  const layout = bytes[magic.length] - 48;
  if (begins !== magic || !(layout === 1 || layout === 2)) throw new Error(`no table: it does not begin with ${magic}`);
  return layout;
}

function headOf(layout: number): Head {
  const either = languages(14400, 14400);
  if (layout === 1) return { origins: origins(4762), languages: [either, either] };
  return { origins: origins(12762), languages: [languages(10800, 18000), languages(2000, 26800)] };
}

function origins(machine: number): Uint16Array {
  return startsOf([TOTAL - 6 - machine, machine, 1, 1, 1, 1, 1, 1]);
}

/** Numbers 0, 1, 2 to 10, 11 to 113, 114 to 254; 255 is a tag spelled out. */
function languages(notSaid: number, english: number): Uint16Array {
  const known = [notSaid, english];
  for (let number = 2; number < 255; number++) known.push(number < 11 ? 80 : number < 114 ? 29 : 1);
  return startsOf([...known, TOTAL - known.reduce((sum, frequency) => sum + frequency)]);
}

function classesOf(base: ArrayLike<number>): Uint8Array {
  const total = base[base.length - 1];
  return Uint8Array.from({ length: base.length - 1 }, (_, token) => Math.floor((base[token] * 128) / total));
}
