import { decodeBoxes } from "./boxes/decode.js";
import { ByteReader } from "./container/bytes.js";
import { readHeader } from "./container/header.js";
import { readSections } from "./container/sections.js";
import type { FormatError } from "./errors.js";
import { Layer } from "./ids.js";
import { emptyScene, LayerReader } from "./layers.js";
import { DEFAULT_LIMITS, type Limits } from "./limits.js";
import type { Tables } from "./tables.js";
import type { FileHeader, Scene, Section, Words } from "./types.js";

/** What a file says as far as its bytes go, and what is wrong with the rest. */
export interface Reading {
  readonly header: FileHeader;
  readonly scene: Scene;
  readonly problems: readonly FormatError[];
  /** In the order of the file, those of layers that this build does not know too. */
  readonly sections: readonly Section[];
  /** Bytes of the payload of the tokens; 0 without them. */
  readonly numTokenBytes: number;
}

export interface ReadOptions {
  readonly limits?: Partial<Limits>;
  /** False: words and regions are passed over, and their tables (4 MB) are not loaded. */
  readonly words?: boolean;
}

/**
 * Reads a file; no network is opened, and tables are loaded only if a section of the file needs them.
 *
 * Throws `FormatError` where not even the header can be read, and `LimitError` where the file asks for more than the
 * limits allow.
 */
export async function read(data: Uint8Array, tables: Tables, options: ReadOptions = {}): Promise<Reading> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const reader = new ByteReader(data);
  const header = readHeader(reader, limits);
  const { sections, problem } = readSections(reader, limits);
  const problems = problem === null ? [] : [problem];
  const scene = emptyScene();
  const layers = new LayerReader(header, tables, limits, scene);
  for (const section of sections) {
    const isWords = section.layer === Layer.text || section.layer === Layer.regions;
    if (isWords && options.words === false) continue;
    const wrong = await layers.read(section);
    if (wrong !== null) problems.push(wrong);
  }
  const { boxes, problems: boxProblems } = decodeBoxes(sections, header, limits);
  scene.boxes = boxes;
  const numTokenBytes = sections.find((section) => section.layer === Layer.tokens)?.payload.length ?? 0;
  return { header, scene, problems: [...problems, ...boxProblems], sections, numTokenBytes };
}

/** The words of a file; null if it has none. Throws what is wrong with them. */
export async function readWords(data: Uint8Array, tables: Tables, options: ReadOptions = {}): Promise<Words | null> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const reader = new ByteReader(data);
  const header = readHeader(reader, limits);
  const { sections, problem } = readSections(reader, limits);
  const section = sections.find(({ layer }) => layer === Layer.text);
  if (section === undefined) {
    if (problem !== null) throw problem;
    return null;
  }
  const scene = emptyScene();
  const wrong = await new LayerReader(header, tables, limits, scene).read(section);
  if (wrong !== null) throw wrong;
  return scene.words;
}
