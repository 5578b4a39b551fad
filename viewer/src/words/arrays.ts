/** The arrays of a table file, one after the other (appendix A); those that it only names are in its base's file. */
export class TableArrays {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly base: Uint8Array | null,
  ) {
    this.view = viewOf(bytes);
  }

  next(): ArrayLike<number> {
    const at = this.at;
    if (this.bytes[at] === 0) {
      this.at = at + 8;
      if (this.base === null) throw new Error("a table names an array of a base that was not given");
      return arrayAt(this.base, this.view.getUint32(at + 4, true)).items;
    }
    const { items, end } = arrayAt(this.bytes, at);
    this.at = end;
    return items;
  }

  text(): string[] {
    return new TextDecoder().decode(Uint8Array.from(this.next())).split("\0");
  }
}

function arrayAt(bytes: Uint8Array, at: number): { items: ArrayLike<number>; end: number } {
  const view = viewOf(bytes);
  const itemBytes = bytes[at];
  const isSigned = bytes[at + 1] === 1;
  const count = view.getUint32(at + 4, true);
  const start = at + 8;
  const numBytes = count * itemBytes;
  const end = start + numBytes + (-numBytes & 3);
  if (itemBytes === 1) {
    const items = bytes.subarray(start, start + count);
    return { items: isSigned ? new Int8Array(items.buffer, items.byteOffset, count) : items, end };
  }
  const read = readerOf(view, itemBytes, isSigned);
  const items = itemBytes === 2 ? (isSigned ? new Int16Array(count) : new Uint16Array(count)) : new Float64Array(count);
  for (let n = 0; n < count; n++) items[n] = read(start + n * itemBytes);
  return { items, end };
}

/** Integers of 8 bytes stay below 2^53 in every table. */
function readerOf(view: DataView, itemBytes: number, isSigned: boolean): (at: number) => number {
  if (itemBytes === 2) return isSigned ? (at) => view.getInt16(at, true) : (at) => view.getUint16(at, true);
  if (itemBytes === 4) return isSigned ? (at) => view.getInt32(at, true) : (at) => view.getUint32(at, true);
  return (at) =>
    view.getUint32(at, true) + (isSigned ? view.getInt32(at + 4, true) : view.getUint32(at + 4, true)) * 2 ** 32;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
