import { DamagedError, FormatError, TruncatedError } from "../errors.js";
import { Layer, layerName } from "../ids.js";
import { ask, type Limits } from "../limits.js";
import type { Boxes, Link, Section, Size } from "../types.js";
import { NoZlib, ZlibEndsEarly } from "./huffman.js";
import { type Inflated, inflate } from "./inflate.js";

const Coding = { plain: 0, zlib: 1, webp: 2 } as const;
const CODING_OF = new Map<number, number>([
  [Layer.alpha, Coding.webp],
  [Layer.link, Coding.plain],
  [Layer.icc, Coding.zlib],
  [Layer.exif, Coding.zlib],
  [Layer.xmp, Coding.zlib],
]);
const HASH_BYTES = 32;
const WEBP_HEAD_BYTES = 25;

/** What the boxes among the sections hold: chapter 9. `size` is the picture's. Throws `LimitError`. */
export function decodeBoxes(
  sections: readonly Section[],
  size: Size,
  limits: Limits,
): { boxes: Boxes; problems: FormatError[] } {
  const boxes: { -readonly [Box in keyof Boxes]: Boxes[Box] } = {};
  const problems: FormatError[] = [];
  let numBytes = 0;
  for (const section of sections) {
    const coding = CODING_OF.get(section.layer);
    if (coding === undefined) continue;
    try {
      if (section.model !== coding) {
        throw new FormatError(`${named(section)} is coded in a way that this build does not know`, section.offset);
      }
      if (section.layer === Layer.link) {
        boxes.link = readLink(section);
        continue;
      }
      const plain =
        coding === Coding.webp ? readWebp(section, size, limits, numBytes) : unpack(section, limits, numBytes);
      numBytes += plain.length;
      boxes[layerName(section.layer) as "alpha" | "icc" | "exif" | "xmp"] = plain;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      if (!section.cutShort) problems.push(error); // (of one that the file ends inside, that was said already)
    }
  }
  return { boxes, problems };
}

function named(section: Section): string {
  return `the ${layerName(section.layer)} box`;
}

function askRoom(section: Section, numBytes: number, limits: Limits): void {
  ask(limits, "maxMetadataBytes", numBytes, `the boxes unpack to ${numBytes} bytes or more`, section.offset);
}

function unpack(section: Section, limits: Limits, numBefore: number): Uint8Array {
  const { payload, offset } = section;
  const { plain, numRead } = inflated(section, limits.maxMetadataBytes - numBefore);
  askRoom(section, numBefore + plain.length, limits);
  if (numRead !== null && numRead < payload.length) throw goesOn(section, numRead);
  if (section.layer === Layer.exif && !/^(II\*\0|MM\0\*)/.test(String.fromCharCode(...plain.subarray(0, 4)))) {
    throw new DamagedError(`${named(section)} does not hold a TIFF stream`, offset);
  }
  return plain;
}

function inflated(section: Section, most: number): Inflated {
  try {
    return inflate(section.payload, most);
  } catch (error) {
    if (error instanceof ZlibEndsEarly) throw endsEarly(section);
    if (error instanceof NoZlib) {
      throw new DamagedError(`${named(section)} is no zlib stream, or its check does not hold`, section.offset);
    }
    throw error;
  }
}

/** A simple lossless file: RIFF, its length, WEBP, VP8L, its length, 2F, 14 bits of width - 1, 14 of height - 1. */
function readWebp(section: Section, size: Size, limits: Limits, numBefore: number): Uint8Array {
  const { payload, offset } = section;
  askRoom(section, numBefore + payload.length, limits);
  if (payload.length < WEBP_HEAD_BYTES) throw endsEarly(section);
  const text = (from: number, to: number) => String.fromCharCode(...payload.subarray(from, to));
  if (text(0, 4) !== "RIFF" || text(8, 16) !== "WEBPVP8L" || payload[20] !== 0x2f) {
    throw new DamagedError(`${named(section)} does not hold a lossless WebP file`, offset);
  }
  const view = new DataView(payload.buffer, payload.byteOffset);
  const length = 8 + view.getUint32(4, true);
  if (payload.length < length) throw endsEarly(section);
  if (payload.length > length) throw goesOn(section, length);
  const sides = view.getUint32(21, true);
  const [width, height] = [(sides & 0x3fff) + 1, ((sides >>> 14) & 0x3fff) + 1];
  if (width > size.width || height > size.height) {
    throw new DamagedError(`${named(section)} is of ${width}x${height} pixels, larger than the picture`, offset + 21);
  }
  return payload;
}

function readLink(section: Section): Link {
  const { payload } = section;
  const start = HASH_BYTES + 1;
  const length = start + (payload.length > HASH_BYTES ? payload[HASH_BYTES] : 0);
  if (payload.length < length) throw endsEarly(section);
  if (payload.length > length) throw goesOn(section, length);
  const bytes = payload.subarray(start);
  const numGood = numGoodUtf8(bytes);
  if (numGood < bytes.length) {
    throw new DamagedError(`the name in ${named(section)} is not UTF-8`, section.offset + start + numGood);
  }
  const name = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (/[\x00-\x1f\x7f/\\]/.test(name)) {
    throw new DamagedError(
      `the name in ${named(section)} has a folder or a control character in it`,
      section.offset + start,
    );
  }
  return { sha256: payload.subarray(0, HASH_BYTES), name };
}

/** How many bytes are UTF-8, from the first on, whole characters alone. */
function numGoodUtf8(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let numGood = 0;
  for (let end = 1; end <= bytes.length; end++) {
    try {
      decoder.decode(bytes.subarray(numGood, end));
      numGood = end;
    } catch {
      // Not a whole character yet, or none.
    }
  }
  return numGood;
}

function endsEarly(section: Section): TruncatedError {
  return new TruncatedError(
    `${named(section)} ends early: fetch the whole file`,
    section.offset + section.payload.length,
  );
}

function goesOn(section: Section, numBytes: number): DamagedError {
  const says = `${named(section)} goes on behind its end: the file is damaged or has bytes appended`;
  return new DamagedError(says, section.offset + numBytes);
}
