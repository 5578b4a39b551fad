import type { TableArrays } from "./arrays.js";

const NUM_PLACES = 40;

/** Rows of `width` numbers: a row for each token, place or split. */
export class TraceTables {
  readonly keep: ArrayLike<number>;
  readonly held: ArrayLike<number>;
  readonly last: ArrayLike<number>;
  readonly second: ArrayLike<number>;
  readonly place: ArrayLike<number>;
  readonly curve: ArrayLike<number>;
  readonly nodes: ArrayLike<number>;
  readonly biases: ArrayLike<number>;

  constructor(arrays: TableArrays) {
    this.keep = arrays.next();
    this.held = arrays.next();
    this.last = arrays.next();
    this.second = arrays.next();
    this.place = arrays.next();
    this.curve = arrays.next();
    this.nodes = arrays.next();
    this.biases = arrays.next();
  }
}

/** What came before as a vector of small integers that fades: the *trace* of chapter 5. */
export class Trace {
  private readonly faded: Int32Array;
  private readonly hidden: Int32Array;
  private numTokens = 0;

  constructor(
    private readonly tables: TraceTables,
    private last: number,
  ) {
    this.faded = new Int32Array(tables.keep.length);
    this.hidden = new Int32Array(tables.keep.length);
    this.step(last);
  }

  push(token: number): void {
    this.numTokens++;
    const second = this.last;
    this.last = token;
    this.step(second);
  }

  /** How likely the token is at or above the split. */
  readonly logit = (split: number): number => {
    const { nodes, biases } = this.tables;
    const width = this.hidden.length;
    let sum = 0;
    for (let n = 0; n < width; n++) sum += this.hidden[n] * nodes[split * width + n];
    return (sum >> 2) + biases[split];
  };

  private step(second: number): void {
    const { keep, held, last, second: seconds, place, curve } = this.tables;
    const width = this.faded.length;
    const atPlace = Math.min(this.numTokens, NUM_PLACES - 1) * width;
    for (let n = 0; n < width; n++) {
      this.faded[n] = ((this.faded[n] * keep[n]) >> 8) + 16 * held[this.last * width + n];
      let sum = (this.faded[n] >> 4) + last[this.last * width + n] + place[atPlace + n];
      if (this.numTokens > 0) sum += seconds[second * width + n];
      this.hidden[n] = curve[Math.min(Math.max(sum, -128), 127) + 128];
    }
  }
}
