/** As much of WebAssembly's binary format as it takes to put other bodies into the functions of a module. */

const CODE_SECTION = 10;
const HEADER_BYTES = 8;

/** The body of a function with all that is in it, without its length. */
export type Body = Uint8Array;

/** What ends a program as soon as it is called: no locals, `unreachable`, `end`. */
export const TRAP: Body = Uint8Array.of(0x00, 0x00, 0x0b);

/** A module with each function's body as `change` makes it. Functions are counted without those that are imported. */
export function withBodies(wasm: Uint8Array, change: (body: Body, index: number) => Body): Uint8Array {
  const parts: Uint8Array[] = [wasm.subarray(0, HEADER_BYTES)];
  const reader = new Reader(wasm, HEADER_BYTES);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const content = reader.take(reader.unsigned());
    const changed = id === CODE_SECTION ? changedCode(content, change) : content;
    parts.push(Uint8Array.of(id), unsigned(changed.length), changed);
  }
  return joined(parts);
}

/** How many functions a module has, without those that are imported. */
export function numFunctions(wasm: Uint8Array): number {
  let count = 0;
  withBodies(wasm, (body) => (count++, body));
  return count;
}

/** A body that first stores 1 at an address. */
export function marking(body: Body, address: number): Body {
  const reader = new Reader(body, 0);
  for (let left = reader.unsigned(); left > 0; left--) {
    reader.unsigned(); // how many locals of this type
    reader.byte();
  }
  const code = Uint8Array.of(0x41, ...signed(address), 0x41, 0x01, 0x3a, 0x00, 0x00); // i32.const, i32.const, i32.store8
  return joined([body.subarray(0, reader.at), code, body.subarray(reader.at)]);
}

function changedCode(content: Uint8Array, change: (body: Body, index: number) => Body): Uint8Array {
  const reader = new Reader(content, 0);
  const count = reader.unsigned();
  const parts = [unsigned(count)];
  for (let index = 0; index < count; index++) {
    const body = change(reader.take(reader.unsigned()), index);
    parts.push(unsigned(body.length), body);
  }
  return joined(parts);
}

class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.at++];
  }

  take(count: number): Uint8Array {
    return this.bytes.subarray(this.at, (this.at += count));
  }

  unsigned(): number {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }
}

function unsigned(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Uint8Array.of(...bytes, value);
}

function signed(value: number): Uint8Array {
  const bytes: number[] = [];
  for (;;) {
    const byte = value & 0x7f;
    value >>= 7;
    const isLast = (value === 0 && !(byte & 0x40)) || (value === -1 && (byte & 0x40) !== 0);
    bytes.push(isLast ? byte : byte + 0x80);
    if (isLast) return Uint8Array.from(bytes);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
