import { EndOfStream, RangeDecoder } from "./range.js";

const FNV_PRIME = 16777619;
/** So many shifts lie between checks. */
export const SHIFTS_PER_CHECK = 64;

/** What no encoder writes; `position` counts bytes from the start of the payload. */
export class Wrong extends Error {
  override readonly name = "Wrong";
}

/** A range-coded payload whose symbols are hashed for the checks of chapter 4. */
export class CheckedStream {
  readonly decoder: RangeDecoder;

  constructor(
    payload: Uint8Array,
    private hash: number,
  ) {
    this.decoder = new RangeDecoder(payload);
  }

  /** Every symbol but the checks goes through here. */
  count(symbol: number): number {
    this.hash = Math.imul(this.hash ^ (symbol + 1), FNV_PRIME) >>> 0;
    return symbol;
  }

  symbol(starts: ArrayLike<number>, at = 0): number {
    return this.count(this.decoder.symbol(starts, at));
  }

  uniform(count: number): number {
    return this.count(this.decoder.uniform(count));
  }

  bit(start: number): number {
    return this.count(this.decoder.bit(start));
  }

  /** Throws `Wrong` where the check that comes now does not hold. */
  check(): void {
    if (this.decoder.uniform(256) !== this.hash >>> 24) throw new Wrong("a check does not hold");
  }
}

/** How reading a payload came to its end: all of it, its bytes used up, or something wrong. */
export type Ending = { kind: "end" } | { kind: "short" } | { kind: "other end" } | { kind: "wrong"; says: string };

/** Runs a reader of a payload to its end, or to what stops it. */
export function endingOf(decoder: RangeDecoder, read: () => void): Ending {
  try {
    read();
  } catch (error) {
    if (error instanceof EndOfStream) return { kind: "short" };
    if (error instanceof Wrong) return { kind: "wrong", says: error.message };
    throw error;
  }
  return decoder.endsHere() ? { kind: "end" } : { kind: "other end" };
}
