import { FormatError, NotSemcError, TruncatedError, UnsupportedVersionError } from "../errors.js";
import { ask, type Limits } from "../limits.js";
import type { FileHeader, Size } from "../types.js";
import type { ByteReader } from "./bytes.js";

const MAGIC = [0xc5, 0xec];
const VERSION = 1;
const LOW_BITS = 14;
const SCALES = [65536, 55109, 46341, 38968]; // 2^(16 - n/4), rounded

/** Magic number and header: chapter 2. Throws what is wrong with them. */
export function readHeader(reader: ByteReader, limits: Limits): FileHeader {
  for (const byte of MAGIC) {
    const at = reader.offset;
    if (reader.numLeft === 0 && at > 0) throw new TruncatedError("the file ends inside the magic number", at);
    if (reader.numLeft === 0 || reader.take(1, "the magic number")[0] !== byte) {
      throw new NotSemcError("no semcodec file: it does not begin with c5 ec; choose a .semc file", 0);
    }
  }
  return readFields(reader, limits);
}

/** The header behind its magic number (packets have it so). */
export function readFields(reader: ByteReader, limits: Limits): FileHeader {
  const start = reader.offset;
  const fields = reader.take(5, "the header");
  const version = fields[0] >> 4;
  if (version !== VERSION) {
    throw new UnsupportedVersionError(`file format ${version}; this build reads ${VERSION}: get a newer one`, start);
  }
  if (fields[0] & 4) throw new FormatError("the reserved bit is set: the file is damaged", start);
  const isLarge = (fields[0] & 8) !== 0;
  const step = ((fields[0] & 3) << 4) | (fields[1] >> 4);
  let width = ((fields[1] & 15) << 10) | (fields[2] << 2) | (fields[3] >> 6);
  let height = ((fields[3] & 63) << 8) | fields[4];
  if (isLarge) {
    const high = reader.take(2, "the header's high bits");
    if (high[0] === 0 && high[1] === 0) {
      throw new FormatError("the header has the large form for sides that need it not: the file is damaged", start);
    }
    width |= high[0] << LOW_BITS;
    height |= high[1] << LOW_BITS;
  }
  const header = { width: width + 1, height: height + 1, step };
  const pixels = header.width * header.height;
  const sides = `the picture of ${header.width}x${header.height}`;
  ask(limits, "maxPixels", pixels, `${sides} has ${pixels} pixels`, start);
  ask(limits, "maxSide", Math.max(header.width, header.height), `${sides} has too long a side`, start);
  return header;
}

/** The size that tokens, pixels and bases lie on. */
export function workingSize(header: FileHeader): Size {
  const shift = 16 + (header.step >> 2);
  const scale = SCALES[header.step & 3];
  const side = (px: number) => Math.max(1, Math.floor((px * scale + 2 ** (shift - 1)) / 2 ** shift));
  return { width: side(header.width), height: side(header.height) };
}
