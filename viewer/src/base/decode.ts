import { DamagedError, type FormatError, TruncatedError, UnknownBaseError } from "../errors.js";
import { ask, type Limits } from "../limits.js";
import type { BasePicture, Section, Size } from "../types.js";
import { crc16 } from "./crc.js";

const AV1 = 1;
const MOST_SIDE = 8192;
const HEAD_BYTES = 3; // tools, check

/** The base of a section: chapter 12. It is checked, and not decoded. Throws `LimitError`. */
export function decodeBase(
  section: Section,
  working: Size,
  limits: Limits,
): { base: BasePicture | null; problem: FormatError | null } {
  const { payload, offset } = section;
  const { width, height } = working;
  const refused = (problem: FormatError) => ({ base: null, problem });
  if (section.model !== AV1) {
    return refused(
      new UnknownBaseError(`base coding ${section.model} is unknown to this build: get a newer one`, offset),
    );
  }
  if (section.openEnd) return refused(new DamagedError("the base is marked as cut, which no base is", offset));
  if (Math.max(width, height) > MOST_SIDE) {
    const says = `the base would be of ${width}x${height} pixels: ${MOST_SIDE} a side is the most`;
    return refused(new DamagedError(says, offset));
  }
  ask(limits, "maxWorkingPixels", width * height, `the base has ${width * height} pixels`, offset);
  const end = offset + payload.length;
  if (payload.length <= HEAD_BYTES) return refused(new TruncatedError("the base ends early: fetch the rest", end));
  const tools = payload[0];
  if (tools > 63) return refused(new DamagedError("the base asks for tools that there are not", offset));
  const frame = payload.subarray(HEAD_BYTES);
  const covered = [(width - 1) >> 8, (width - 1) & 255, (height - 1) >> 8, (height - 1) & 255, tools, ...frame];
  if (crc16(covered) !== ((payload[1] << 8) | payload[2])) {
    if (section.sized) return refused(new DamagedError("the base is damaged: its check does not hold", offset));
    return refused(new TruncatedError("the base is not whole: the file is cut short or damaged", end));
  }
  return { base: { width, height, tools, frame }, problem: null };
}
