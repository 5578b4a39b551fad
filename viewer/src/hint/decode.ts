import { FormatError } from "../errors.js";
import type { PainterHint, Section } from "../types.js";

/** By their numbers (appendix A); only ever appended. 0 stands for a name that is spelled out. */
export const PAINTERS: readonly string[] = [
  "",
  "stable-diffusion-v1-5/stable-diffusion-v1-5",
  "stabilityai/sd-turbo",
  "stabilityai/sdxl-turbo",
  "stabilityai/stable-diffusion-xl-base-1.0",
  "stabilityai/stable-diffusion-3.5-medium",
  "stabilityai/stable-diffusion-3.5-large-turbo",
  "black-forest-labs/FLUX.1-schnell",
  "black-forest-labs/FLUX.1-dev",
  "Efficient-Large-Model/Sana_1600M_1024px_diffusers",
  "Tongyi-MAI/Z-Image-Turbo",
  "Qwen/Qwen-Image",
  "anchored-nano-1",
  "anchored-nano-2",
];

const NAME = /^[A-Za-z0-9._/-]{1,96}$/;

/**
 * The painter hint of a section: chapter 10. A number of a newer writer is no hint, and nothing is wrong with it; nor is
 * one that the file ends inside, which was said already.
 */
export function decodeHint(section: Section): { painter: PainterHint | null; problem: FormatError | null } {
  if (section.model >= PAINTERS.length || section.cutShort) return { painter: null, problem: null };
  try {
    return { painter: readHint(section), problem: null };
  } catch (error) {
    if (error instanceof FormatError) return { painter: null, problem: error };
    throw error;
  }
}

function readHint({ payload, model, offset, openEnd }: Section): PainterHint {
  const wrong = (says: string, at: number) =>
    new FormatError(`the painter hint ${says}; the picture does not need it`, offset + at);
  if (openEnd) throw wrong("is marked as cut, which no hint is", 0);
  const numBits = payload.length > 3 ? payload[3] & 15 : 0;
  const seedEnd = 4 + Math.ceil(numBits / 8);
  if (payload.length < seedEnd) throw wrong("ends early", payload.length);
  const revision = Array.from(payload.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, 7);
  let seed = 0;
  for (const byte of payload.subarray(4, seedEnd)) seed = seed * 256 + byte;
  const padding = 2 ** (8 * (seedEnd - 4) - numBits);
  if (seed % padding !== 0) throw wrong("has bits set behind its seed", seedEnd - 1);
  const rest = payload.subarray(seedEnd);
  return {
    name: model === 0 ? spelledName(rest, (says) => wrong(says, seedEnd)) : numberedName(model, rest, wrong, seedEnd),
    revision: revision === "0000000" ? null : revision,
    seed: seed / padding,
    tries: 2 ** numBits,
  };
}

function numberedName(model: number, rest: Uint8Array, wrong: (says: string, at: number) => Error, at: number): string {
  if (rest.length > 0) throw wrong("goes on behind its end", at);
  return PAINTERS[model];
}

function spelledName(rest: Uint8Array, wrong: (says: string) => Error): string {
  const name = new TextDecoder("latin1").decode(rest);
  if (!NAME.test(name)) throw wrong("has no name of 1 to 96 letters, digits or . _ / -");
  if (PAINTERS.includes(name)) throw wrong(`spells out painter ${PAINTERS.indexOf(name)}, which has this number`);
  return name;
}
