import { RangeDecoder, TOTAL } from "../entropy/range.js";
import type { TableArrays } from "./arrays.js";
import { binOf, countOf, lowerBound, splitOf } from "./halving.js";

/** How much a context has seen is one of these. */
const NUM_BINS = 18;
const ALWAYS_THERE = NUM_BINS - 1; // the bin of the base
const LEAST = 16;
const MOST = 65536 - LEAST;
const SQUASH_HALF = 2048;

/** Symbols that followed in one context, ascending in [first, last), and their cumulative counts. */
export interface Followers {
  readonly symbols: ArrayLike<number>;
  readonly cumulative: ArrayLike<number>;
  readonly first: number;
  readonly last: number;
}

/** Which columns a model has: `below` smooths each context, `selectors` name columns, the best first. */
export interface ModelShape {
  readonly below: readonly number[];
  readonly selectors: readonly (readonly number[])[];
  readonly hasTrace: boolean;
}

/** Counts of what followed in each context of one kind. */
interface Component {
  readonly keys: ArrayLike<number>;
  readonly starts: ArrayLike<number>;
  readonly followers: ArrayLike<number>;
  readonly cumulative: Float64Array;
}

const NONE: Followers = { symbols: [], cumulative: [0], first: 0, last: 0 };

/** Finds a symbol by halving, each decision mixed from what contexts say: chapter 5. */
export class SymbolModel {
  /** Cumulative counts of all symbols, without context. */
  readonly base: ArrayLike<number>;
  private readonly components: readonly Component[];
  private readonly discounts: ArrayLike<number>;
  private readonly strengths: ArrayLike<number>;
  private readonly weights: ArrayLike<number>;
  private readonly selectorRows: readonly ArrayLike<number>[];
  private readonly nodeRowAt: Map<number, number>;
  private readonly nodeRows: ArrayLike<number>;
  private readonly numColumns: number;
  private readonly probs: Float64Array;
  private readonly bins: Uint8Array;

  constructor(
    arrays: TableArrays,
    private readonly shape: ModelShape,
    private readonly stretch: ArrayLike<number>,
    private readonly squash: ArrayLike<number>,
  ) {
    this.base = arrays.next();
    this.components = shape.below.map(() => readComponent(arrays));
    this.discounts = arrays.next();
    this.strengths = arrays.next();
    this.weights = arrays.next();
    this.selectorRows = shape.selectors.map(() => arrays.next());
    this.nodeRowAt = new Map(Array.from(arrays.next(), (split, row) => [split, row + 1]));
    this.nodeRows = arrays.next();
    this.numColumns = shape.below.length + 1 + Number(shape.hasTrace);
    this.probs = new Float64Array(shape.below.length + 1);
    this.bins = new Uint8Array(shape.below.length + 1);
  }

  get numSymbols(): number {
    return this.base.length - 1;
  }

  /** What was seen in the context of each kind with these keys. */
  lookUp(keys: readonly number[]): Followers[] {
    return this.components.map((component, kind) => {
      const at = lowerBound(component.keys, keys[kind], 0, component.keys.length);
      if (component.keys[at] !== keys[kind]) return NONE;
      const { followers: symbols, cumulative, starts } = component;
      return { symbols, cumulative, first: starts[at], last: starts[at + 1] };
    });
  }

  /** The next symbol, one of the first `numSymbols`. `trace`: what the fading trace says of a split. */
  decode(
    found: readonly Followers[],
    decoder: RangeDecoder,
    trace: ((split: number) => number) | null = null,
    numSymbols: number = this.numSymbols,
  ): number {
    const first = found.map((followers) => followers.first);
    const last = found.map(({ symbols, first, last }) => lowerBound(symbols, numSymbols, first, last));
    const middle = new Array<number>(found.length).fill(0);
    let low = 0;
    let high = numSymbols;
    while (high - low > 1) {
      const split = splitOf(this.base, low, high);
      this.ask(found, first, middle, last, low, split, high);
      const mixed = this.mix(split, trace);
      const at = Math.floor(mixed / 2 ** 19) + SQUASH_HALF;
      const frequency = this.squash[Math.min(Math.max(at, 0), 2 * SQUASH_HALF - 1)];
      if (decoder.bit(TOTAL - frequency)) {
        low = split;
        for (let kind = 0; kind < found.length; kind++) first[kind] = middle[kind];
      } else {
        high = split;
        for (let kind = 0; kind < found.length; kind++) last[kind] = middle[kind];
      }
    }
    return low;
  }

  /** How likely the upper part is after the base and each context (`probs`), and how much each has seen (`bins`). */
  private ask(
    found: readonly Followers[],
    first: readonly number[],
    middle: number[],
    last: readonly number[],
    low: number,
    split: number,
    high: number,
  ): void {
    const { base, probs, bins } = this;
    probs[0] = clamp(Math.floor(((base[high] - base[split]) * 65536) / (base[high] - base[low])));
    bins[0] = ALWAYS_THERE;
    for (let kind = 0; kind < found.length; kind++) {
      const { symbols, cumulative } = found[kind];
      const column = kind + 1;
      const below = probs[this.shape.below[kind]];
      const kinds = last[kind] - first[kind];
      if (kinds === 0) {
        middle[kind] = first[kind];
        probs[column] = below;
        bins[column] = 0;
        continue;
      }
      const cut = (middle[kind] = lowerBound(symbols, split, first[kind], last[kind]));
      const count = cumulative[last[kind]] - cumulative[first[kind]];
      const bin = (bins[column] = binOf(count, kinds));
      const discount = this.discounts[column * NUM_BINS + bin];
      const strength = this.strengths[column * NUM_BINS + bin];
      const upper = 256 * (cumulative[last[kind]] - cumulative[cut]) - discount * (last[kind] - cut);
      const smoothed = upper * 65536 + (strength + discount * kinds) * below;
      probs[column] = clamp(Math.floor(smoothed / (256 * count + strength)));
    }
  }

  /** The weighted sum in the logistic domain. */
  private mix(split: number, trace: ((split: number) => number) | null): number {
    const { bins, probs, numColumns, weights, nodeRows } = this;
    const [firstRows, secondRows] = this.selectorRows;
    const firstRow = rowOf(this.shape.selectors[0], bins) * numColumns;
    const secondRow = rowOf(this.shape.selectors[1], bins) * numColumns;
    const nodeRow = (this.nodeRowAt.get(split) ?? 0) * numColumns;
    let mixed = 0;
    for (let column = 0; column < bins.length; column++) {
      if (bins[column] === 0) continue;
      const shared = firstRows[firstRow + column] + secondRows[secondRow + column] + nodeRows[nodeRow + column];
      mixed += (weights[column * NUM_BINS + bins[column]] + shared) * this.stretch[probs[column] >> 4];
    }
    if (trace !== null) {
      const column = numColumns - 1;
      const shared = firstRows[firstRow + column] + secondRows[secondRow + column] + nodeRows[nodeRow + column];
      mixed += (weights[weights.length - 1] + shared) * trace(split);
    }
    return mixed;
  }
}

function readComponent(arrays: TableArrays): Component {
  const keys = arrays.next();
  const starts = arrays.next();
  const followers = arrays.next();
  const codes = arrays.next();
  const cumulative = new Float64Array(codes.length + 1);
  for (let n = 0; n < codes.length; n++) cumulative[n + 1] = cumulative[n] + countOf(codes[n]);
  return { keys, starts, followers, cumulative };
}

/** Of the first column of a selector that has seen anything; the last row if none has. */
function rowOf(selector: readonly number[], bins: Uint8Array): number {
  const rank = selector.findIndex((column) => bins[column] > 0);
  return rank < 0 ? selector.length * NUM_BINS : rank * NUM_BINS + bins[selector[rank]];
}

function clamp(prob: number): number {
  return Math.min(Math.max(prob, LEAST), MOST);
}
