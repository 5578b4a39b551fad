import { FormatError } from "../errors.js";
import type { Section, Vector } from "../types.js";

/** By their numbers (appendix A); only ever appended. */
const SPACES: Readonly<Record<number, string>> = { 1: "vector-nano-1" };
const NUM_BYTES = 32;

/**
 * The vector of a section: chapter 15. One of a space of a newer writer is no vector, and nothing is wrong with it; nor
 * is one that the file ends inside, which was said already.
 */
export function decodeVector(section: Section): { vector: Vector | null; problem: FormatError | null } {
  const { model, payload, offset, openEnd, cutShort } = section;
  const space = SPACES[model];
  if (space === undefined || cutShort) return { vector: null, problem: null };
  const wrong = (says: string) => ({
    vector: null,
    problem: new FormatError(`the vector ${says}; the picture does not need it`, offset),
  });
  if (openEnd) return wrong("is marked as cut, which no vector is");
  if (payload.length !== NUM_BYTES) return wrong(`has ${payload.length} bytes, not ${NUM_BYTES}`);
  const levels = new Uint8Array(2 * NUM_BYTES);
  payload.forEach((byte, at) => levels.set([byte >> 4, byte & 15], 2 * at));
  return { vector: { space, levels }, problem: null };
}
