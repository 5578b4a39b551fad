import type { BasePicture } from "../types.js";

const SEQUENCE_HEADER = 0x0a;
const FRAME = 0x32;
const TEMPORAL_DELIMITER = [0x12, 0x00];

/** The AV1 stream of a base, as a decoder takes it: temporal delimiter, sequence header, frame. */
export function temporalUnit(base: BasePicture): Uint8Array {
  return Uint8Array.from([...TEMPORAL_DELIMITER, ...sequenceObu(base), ...frameObu(base)]);
}

/** The sequence header with its OBU header and length. */
export function sequenceObu(base: BasePicture): number[] {
  const header = sequenceHeader(base);
  return [SEQUENCE_HEADER, ...leb128(header.length), ...header];
}

export function frameObu(base: BasePicture): number[] {
  return [FRAME, ...leb128(base.frame.length), ...base.frame];
}

/** The sequence header of chapter 12, bit by bit. */
function sequenceHeader({ width, height, tools }: BasePicture): number[] {
  const widthBits = sideBits(width);
  const heightBits = sideBits(height);
  const tool = (bit: number) => ((tools >> bit) & 1).toString();
  const bits = [
    "000", // seq_profile
    "1", // still_picture
    "1", // reduced_still_picture_header
    "11111", // seq_level_idx
    binary(widthBits - 1, 4),
    binary(heightBits - 1, 4),
    binary(width - 1, widthBits),
    binary(height - 1, heightBits),
    tool(0) + tool(1) + tool(2),
    "0", // enable_superres
    tool(3) + tool(4),
    "0", // high_bitdepth
    "0", // mono_chrome
    "1", // color_description_present_flag
    "00000001" + "00001101" + "00000110", // BT.709, sRGB, BT.601
    "1", // color_range: full
    "00", // chroma_sample_position
    tool(5),
    "0", // film_grain_params_present
    "1", // trailing bits
  ].join("");
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
  return (padded.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
}

function sideBits(side: number): number {
  return Math.max(1, 32 - Math.clz32(side - 1));
}

function binary(value: number, numBits: number): string {
  return value.toString(2).padStart(numBits, "0");
}

function leb128(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
