import { LimitError } from "./errors.js";

/** What a stranger's file may ask for. Asked before anything is allocated; raise one for a file that you trust. */
export interface Limits {
  /** Width times height of the shown picture. */
  readonly maxPixels: number;
  /** The longer side of the same. */
  readonly maxSide: number;
  /** Pixels that networks work on, sides rounded up to whole tokens of the coarsest scale. */
  readonly maxWorkingPixels: number;
  /** Blocks of tokens, sent or not, over all scales. */
  readonly maxBlocks: number;
  /** Characters of the words; of the different phrases of regions together. */
  readonly maxCaptionChars: number;
  readonly maxRegions: number;
  /** Sections of a file, known and unknown ones. */
  readonly maxSections: number;
  /** EXIF, ICC, XMP and alpha together, unpacked. */
  readonly maxMetadataBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxPixels: 120_000_000,
  maxSide: 1 << 20,
  maxWorkingPixels: 1 << 25,
  maxBlocks: 1 << 17,
  maxCaptionChars: 2000,
  maxRegions: 64,
  maxSections: 64,
  maxMetadataBytes: 1 << 24,
};

/** Throws `LimitError` where `wanted` is above a limit. `what` begins the sentence: "600 sections". */
export function ask(limits: Limits, name: keyof Limits, wanted: number, what: string, offset: number): void {
  if (wanted > limits[name]) {
    throw new LimitError(
      `${what} (offset ${offset}), above ${name}=${limits[name]}; if you trust it, pass limits: { ${name}: ... }`,
      offset,
    );
  }
}
