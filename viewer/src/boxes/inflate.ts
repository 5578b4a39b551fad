/** A zlib stream (RFC 1950) that is unpacked no further than asked: integers alone, so that every reader says the same. */

import { BitReader, Huffman, NoZlib } from "./huffman.js";

export interface Inflated {
  readonly plain: Uint8Array;
  /** Bytes of the stream, its check included; null if it was left at `most` bytes. */
  readonly numRead: number | null;
}

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const FIXED_LITERALS = new Huffman(
  Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  false,
);
const FIXED_DISTANCES = new Huffman(new Uint8Array(32).fill(5), false);

/** Unpacks until the stream ends or more than `most` bytes have come out. Throws `NoZlib` or `ZlibEndsEarly`. */
export function inflate(bytes: Uint8Array, most: number): Inflated {
  const input = new BitReader(bytes);
  const head = input.bits(16);
  const method = head & 255;
  if (((method << 8) | (head >> 8)) % 31 !== 0 || (method & 15) !== 8 || method >> 4 > 7 || head & 0x2000) {
    throw new NoZlib();
  }
  const output = new Output(most);
  for (let isLast = 0; !isLast && !output.isFull;) {
    isLast = input.bits(1);
    readBlock(input, output, input.bits(2));
  }
  const plain = output.bytes();
  if (output.isFull) return { plain, numRead: null };
  input.alignToByte();
  const check = Array.from({ length: 4 }, () => input.bits(8)).reduce((sum, byte) => sum * 256 + byte);
  if (check !== adler32(plain)) throw new NoZlib();
  return { plain, numRead: input.position };
}

function readBlock(input: BitReader, output: Output, kind: number): void {
  if (kind === 0) readStored(input, output);
  else if (kind === 1) readCoded(input, output, FIXED_LITERALS, FIXED_DISTANCES);
  else if (kind === 2) readCoded(input, output, ...readTables(input));
  else throw new NoZlib();
}

function readStored(input: BitReader, output: Output): void {
  input.alignToByte();
  const length = input.bits(16);
  if ((length ^ input.bits(16)) !== 0xffff) throw new NoZlib();
  for (let n = 0; n < length && !output.isFull; n++) output.push(input.bits(8));
}

function readCoded(input: BitReader, output: Output, literals: Huffman, distances: Huffman): void {
  while (!output.isFull) {
    const symbol = literals.next(input);
    if (symbol === 256) return;
    if (symbol < 256) {
      output.push(symbol);
      continue;
    }
    const lengthCode = symbol - 257;
    if (lengthCode >= LENGTH_BASE.length) throw new NoZlib();
    const length = LENGTH_BASE[lengthCode] + input.bits(LENGTH_EXTRA[lengthCode]);
    const distanceCode = distances.next(input);
    if (distanceCode >= DISTANCE_BASE.length) throw new NoZlib();
    output.copy(DISTANCE_BASE[distanceCode] + input.bits(Math.max(0, (distanceCode >> 1) - 1)), length);
  }
}

function readTables(input: BitReader): [Huffman, Huffman] {
  const numLiterals = input.bits(5) + 257;
  const numDistances = input.bits(5) + 1;
  const numCodeLengths = input.bits(4) + 4;
  if (numLiterals > 286 || numDistances > 30) throw new NoZlib();
  const codeLengths = new Uint8Array(19);
  for (let n = 0; n < numCodeLengths; n++) codeLengths[CODE_LENGTH_ORDER[n]] = input.bits(3);
  const codes = new Huffman(codeLengths, false);
  const lengths = new Uint8Array(numLiterals + numDistances);
  for (let at = 0; at < lengths.length;) {
    const symbol = codes.next(input);
    if (symbol < 16) {
      lengths[at++] = symbol;
      continue;
    }
    const repeat = symbol === 16 ? 3 + input.bits(2) : symbol === 17 ? 3 + input.bits(3) : 11 + input.bits(7);
    if (at + repeat > lengths.length || (symbol === 16 && at === 0)) throw new NoZlib();
    lengths.fill(symbol === 16 ? lengths[at - 1] : 0, at, at + repeat);
    at += repeat;
  }
  if (lengths[256] === 0) throw new NoZlib();
  return [new Huffman(lengths.subarray(0, numLiterals), true), new Huffman(lengths.subarray(numLiterals), true)];
}

/** Bytes that come out; full once there are more than `most`. */
class Output {
  private buffer = new Uint8Array(1024);
  private length = 0;

  constructor(private readonly most: number) {}

  get isFull(): boolean {
    return this.length > this.most;
  }

  push(byte: number): void {
    if (this.length === this.buffer.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer[this.length++] = byte;
  }

  copy(distance: number, length: number): void {
    if (distance > this.length) throw new NoZlib();
    for (let n = 0; n < length && !this.isFull; n++) this.push(this.buffer[this.length - distance]);
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}
