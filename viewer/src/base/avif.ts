import type { BasePicture } from "../types.js";
import { temporalUnit } from "./av1.js";

const ITEM = [0, 1];
/** Boxes without version and flags. */
const PLAIN = new Set(["ftyp", "mdat", "iprp", "ipco", "colr", "av1C"]);

/** A base as an AVIF file (ISO/IEC 23000-22) of one item, for decoders that take whole files. */
export function avifOf(base: BasePicture): Uint8Array {
  const stream = temporalUnit(base);
  const ftyp = box("ftyp", ascii("avif"), u32(0), ascii("avifmif1miafMA1B"));
  const offset = ftyp.length + meta(base, 0, stream.length).length + 8;
  return Uint8Array.from([...ftyp, ...meta(base, offset, stream.length), ...box("mdat", stream)]);
}

/** What stands about the item, `length` bytes at `offset` of the file. */
function meta({ width, height }: BasePicture, offset: number, length: number): number[] {
  const properties = box(
    "ipco",
    box("ispe", u32(width), u32(height)),
    box("pixi", [3, 8, 8, 8]),
    box("av1C", [0x81, 0x1f, 0x0c, 0x00]), // profile 0, any level; 8 bits, colour, chroma halved both ways
    box("colr", ascii("nclx"), [0, 1, 0, 13, 0, 6, 0x80]), // BT.709, sRGB, BT.601, full range
  );
  const owned = box("ipma", u32(1), ITEM, [4, 1, 2, 0x80 | 3, 4]); // av1C (bit 7) is needed to decode
  return box(
    "meta",
    box("hdlr", u32(0), ascii("pict"), new Array<number>(13).fill(0)),
    box("pitm", ITEM),
    box("iloc", [0x44, 0, 0, 1], ITEM, [0, 0, 0, 1], u32(offset), u32(length)),
    box("iinf", [0, 1], box("infe", ITEM, [0, 0], ascii("av01"), [0])),
    box("iprp", properties, owned),
  );
}

function box(kind: string, ...content: ArrayLike<number>[]): number[] {
  const version = kind === "infe" ? 2 : 0;
  const body = [...(PLAIN.has(kind) ? [] : [version, 0, 0, 0]), ...content.flatMap((bytes) => Array.from(bytes))];
  return [...u32(8 + body.length), ...ascii(kind), ...body];
}

function u32(value: number): number[] {
  return [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function ascii(text: string): number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}
