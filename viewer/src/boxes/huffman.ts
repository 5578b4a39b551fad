/** The codes of RFC 1951 and the bits that they are read from. */

/** It is no zlib stream, or its check does not hold. */
export class NoZlib extends Error {}
/** It ends before its time. */
export class ZlibEndsEarly extends Error {}

const MAX_BITS = 15;

/** Canonical codes by their lengths (RFC 1951, 3.2.2). */
export class Huffman {
  private readonly counts = new Uint16Array(MAX_BITS + 1);
  private readonly symbols: number[] = [];

  /** `mayBeOneCode`: a code of one symbol may leave the other half of its space empty. */
  constructor(lengths: Uint8Array, mayBeOneCode: boolean) {
    for (const length of lengths) if (length > 0) this.counts[length]++;
    let left = 1;
    for (let length = 1; length <= MAX_BITS; length++) {
      left = 2 * left - this.counts[length];
      if (left < 0) throw new NoZlib();
      lengths.forEach((own, symbol) => own === length && this.symbols.push(symbol));
    }
    const mayLack = mayBeOneCode && (this.symbols.length === 0 || (this.symbols.length === 1 && this.counts[1] === 1));
    if (left > 0 && !mayLack) throw new NoZlib();
  }

  next(input: BitReader): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_BITS; length++) {
      code |= input.bits(1);
      const count = this.counts[length];
      if (code - first < count) return this.symbols[index + code - first];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new NoZlib();
  }
}

/** Bits of bytes, low bits first. */
export class BitReader {
  /** Bytes taken, whole or in part. */
  position = 0;
  private held = 0;
  private numHeld = 0;

  constructor(private readonly bytes: Uint8Array) {}

  bits(count: number): number {
    while (this.numHeld < count) {
      if (this.position === this.bytes.length) throw new ZlibEndsEarly();
      this.held |= this.bytes[this.position++] << this.numHeld;
      this.numHeld += 8;
    }
    const value = this.held & ((1 << count) - 1);
    this.held >>>= count;
    this.numHeld -= count;
    return value;
  }

  alignToByte(): void {
    this.held = 0;
    this.numHeld = 0;
  }
}
