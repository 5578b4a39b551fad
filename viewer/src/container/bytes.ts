import { FormatError, TruncatedError } from "../errors.js";

/** Reads forward; every read is bounded and knows where it is. */
export class ByteReader {
  offset = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get numLeft(): number {
    return this.bytes.length - this.offset;
  }

  /** The next bytes; `where` names the part that is being read. */
  take(numBytes: number, where: string): Uint8Array {
    if (numBytes > this.numLeft) {
      const message = `the file ends inside ${where}: ${numBytes} bytes are needed, ${this.numLeft} are left`;
      throw new TruncatedError(`${message}; fetch the whole file for the rest`, this.offset);
    }
    this.offset += numBytes;
    return this.bytes.subarray(this.offset - numBytes, this.offset);
  }

  /** Seven bits a byte, low bits first, bit 7 set on all but the last; at most 4 bytes, none useless. */
  varint(where: string): number {
    const start = this.offset;
    let value = 0;
    for (let n = 0; n < 4; n++) {
      const byte = this.take(1, where)[0];
      value |= (byte & 127) << (7 * n);
      if (byte < 128) {
        if (n > 0 && byte === 0) {
          throw new FormatError(`${where} is written with a useless byte: fetch the file again`, this.offset - 1);
        }
        return value;
      }
    }
    throw new FormatError(`${where} is longer than 4 bytes: fetch the file again`, start);
  }
}
