/** Frequencies of a table sum to this. */
export const TOTAL = 1 << 15;
const FULL = 2 ** 32;
const LEAST_RANGE = 2 ** 24;

/** The bytes do not settle another symbol. */
export class EndOfStream extends Error {
  override readonly name = "EndOfStream";
}

/**
 * The range coder of chapter 4. A symbol is given only if the bytes that are there settle it, whatever might follow;
 * where they do not, `EndOfStream` is thrown. All numbers are integers below 2^40, which doubles hold exactly.
 */
export class RangeDecoder {
  /** Shifts after the symbols so far. */
  numShifts = 0;
  private taken = 0;
  private range = FULL;
  private low = 0; // the encoder's low end, modulo 2^32
  private code = 0; // how far the point lies above the low end, if missing bytes are zeros
  private slack = 0; // how much further it may lie, if they are ones

  constructor(private readonly bytes: Uint8Array) {
    for (let n = 0; n < 4; n++) this.takeByte();
  }

  /** The next symbol of a table: `starts` has its cumulative frequencies from `at` on, 0 first, 2^15 last. */
  symbol(starts: ArrayLike<number>, at = 0): number {
    const unit = Math.floor(this.range / TOTAL);
    const target = this.target(unit);
    let symbol = 0;
    while (starts[at + symbol + 1] <= target) symbol++;
    this.take(unit, starts[at + symbol], starts[at + symbol + 1]);
    return symbol;
  }

  /** The next of `count` equally likely symbols: start(i) = (i * 2^15) div count. */
  uniform(count: number): number {
    const unit = Math.floor(this.range / TOTAL);
    const symbol = Math.floor(((this.target(unit) + 1) * count - 1) / TOTAL);
    this.take(unit, Math.floor((symbol * TOTAL) / count), Math.floor(((symbol + 1) * TOTAL) / count));
    return symbol;
  }

  /** The next of two symbols; `start` is the frequency of 0. */
  bit(start: number): number {
    const unit = Math.floor(this.range / TOTAL);
    const bit = this.target(unit) < start ? 0 : 1;
    if (bit) this.take(unit, start, TOTAL);
    else this.take(unit, 0, start);
    return bit;
  }

  /** Where the byte stands that the next symbol begins in; never behind the last byte. */
  get position(): number {
    return Math.min(this.numShifts, this.bytes.length);
  }

  /** Whether the payload ends with exactly the bytes that an encoder appends after these symbols. */
  endsHere(): boolean {
    for (let numBytes = 0; numBytes <= 4; numBytes++) {
      const cell = 2 ** (32 - 8 * numBytes);
      const point = Math.ceil(this.low / cell) * cell;
      if (point + cell <= this.low + this.range) {
        return this.bytes.length === this.numShifts + numBytes && this.code === point - this.low;
      }
    }
    return false;
  }

  private target(unit: number): number {
    return Math.min(Math.floor(this.code / unit), TOTAL - 1);
  }

  private take(unit: number, start: number, end: number): void {
    const low = unit * start;
    const isTop = end === TOTAL;
    const width = isTop ? this.range - low : unit * end - low;
    if (this.slack > 0 && !isTop && this.code + this.slack >= low + width) throw new EndOfStream();
    this.code -= low;
    this.low = (this.low + low) % FULL;
    this.range = width;
    while (this.range < LEAST_RANGE) {
      this.range *= 256;
      this.low = (this.low * 256) % FULL;
      this.takeByte();
      this.numShifts++;
    }
  }

  private takeByte(): void {
    if (this.taken < this.bytes.length) {
      this.code = this.code * 256 + this.bytes[this.taken];
      this.slack *= 256;
    } else {
      this.code *= 256;
      this.slack = this.slack * 256 + 255;
    }
    this.taken++;
  }
}

/** Cumulative frequencies: 0 first, 2^15 last. */
export function startsOf(frequencies: readonly number[]): Uint16Array {
  const starts = new Uint16Array(frequencies.length + 1);
  frequencies.forEach((frequency, symbol) => (starts[symbol + 1] = starts[symbol] + frequency));
  return starts;
}
