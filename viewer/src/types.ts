/** A digit that is not in the file. */
export const MISSING = 255;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface FileHeader extends Size {
  /** Of the working size: chapter 2 of the format. */
  readonly step: number;
}

/** A section's head and payload. */
export interface Section {
  readonly layer: number;
  readonly model: number;
  readonly payload: Uint8Array;
  /** Where the payload begins in the file. */
  readonly offset: number;
  /** Cut on purpose: it may stop after any symbol. */
  readonly openEnd: boolean;
  /** It has a length, and all of its bytes are there. */
  readonly sized: boolean;
  /** The file ends inside it, before its length is reached. */
  readonly cutShort: boolean;
}

export type Origin = "human" | "machine";

export interface Words {
  readonly text: string;
  /** A BCP-47 tag; "und" where it is not said. */
  readonly language: string;
  readonly origin: Origin;
}

/** A part of the picture: its box in 64ths of the sides, w + 1 columns and h + 1 rows of them. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly phrase: string;
}

export interface Regions {
  readonly language: string;
  readonly origin: Origin;
  readonly items: readonly Region[];
}

/** Tokens of one scale, row by row, `numDigits` digits each; `MISSING` where one is not in the file. */
export interface TokenScale {
  readonly rows: number;
  readonly columns: number;
  readonly numDigits: number;
  readonly digits: Uint8Array;
}

export interface TokenPyramid {
  readonly family: number;
  /** Coarse to fine. */
  readonly scales: readonly TokenScale[];
}

/** A small AV1 still of the working size. */
export interface BasePicture extends Size {
  readonly tools: number;
  /** The content of one OBU_FRAME. */
  readonly frame: Uint8Array;
}

/** A grid of colours: red, green and blue of each cell, row by row, where `known` is 1. */
export interface PixelGrid {
  readonly levels: number;
  readonly rows: number;
  readonly columns: number;
  readonly colours: Uint8Array;
  readonly known: Uint8Array;
}

/** Which painter the writer tried, and which of its seeds came nearest to the original. */
export interface PainterHint {
  readonly name: string;
  readonly revision: string | null;
  readonly seed: number;
  readonly tries: number;
}

/** What the picture shows, in numbers that a search compares with those of the same space: level v stands for v - 7.5. */
export interface Vector {
  readonly space: string;
  /** 64 of 0 to 15. */
  readonly levels: Uint8Array;
}

export interface Link {
  readonly sha256: Uint8Array;
  readonly name: string;
}

/** What belongs to the picture and is not needed to show it; a box that is absent or damaged is not there. */
export interface Boxes {
  /** A lossless WebP file. */
  readonly alpha?: Uint8Array;
  readonly link?: Link;
  readonly icc?: Uint8Array;
  readonly exif?: Uint8Array;
  readonly xmp?: Uint8Array;
}

/** What a file says; null for what it does not say, or not readably. */
export interface Scene {
  readonly words: Words | null;
  readonly regions: Regions | null;
  readonly tokens: TokenPyramid | null;
  readonly base: BasePicture | null;
  readonly pixels: PixelGrid | null;
  readonly painter: PainterHint | null;
  readonly vector: Vector | null;
  /** Outlines: tokens of a family of their own, over the canvas of chapter 16. */
  readonly structure: TokenPyramid | null;
  readonly boxes: Boxes;
}
