import { decodeBase } from "./base/decode.js";
import { decodeBoxes } from "./boxes/decode.js";
import { ByteReader } from "./container/bytes.js";
import { readHeader, workingSize } from "./container/header.js";
import { readSections } from "./container/sections.js";
import { type FormatError, UnknownFamilyError, UnknownTextTableError } from "./errors.js";
import { decodeHint } from "./hint/decode.js";
import { Layer } from "./ids.js";
import { DEFAULT_LIMITS, type Limits } from "./limits.js";
import { decodePixels } from "./pixels/decode.js";
import { decodeRegions } from "./regions/decode.js";
import type { Tables } from "./tables.js";
import { decodeTokens } from "./tokens/decode.js";
import type { FileHeader, Scene, Section, Words } from "./types.js";
import { decodeWords } from "./words/decode.js";

/** What a file says as far as its bytes go, and what is wrong with the rest. */
export interface Reading {
  readonly header: FileHeader;
  readonly scene: Scene;
  readonly problems: readonly FormatError[];
  /** Bytes of the payload of the tokens; 0 without them. */
  readonly numTokenBytes: number;
}

export interface ReadOptions {
  readonly limits?: Partial<Limits>;
  /** False: words and regions are passed over, and their tables (4 MB) are not loaded. */
  readonly words?: boolean;
}

type Draft = { -readonly [Part in keyof Scene]: Scene[Part] };

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
  const scene: Draft = {
    words: null,
    regions: null,
    tokens: null,
    base: null,
    pixels: null,
    painter: null,
    boxes: {},
  };
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
  return { header, scene, problems: [...problems, ...boxProblems], numTokenBytes };
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
  const scene = { words: null } as unknown as Draft;
  const wrong = await new LayerReader(header, tables, limits, scene).read(section);
  if (wrong !== null) throw wrong;
  return scene.words;
}

/** Reads sections into a Scene, each with what is wrong with it. */
class LayerReader {
  private wholeWords: Words | null = null;

  constructor(
    private readonly header: FileHeader,
    private readonly tables: Tables,
    private readonly limits: Limits,
    private readonly scene: Draft,
  ) {}

  async read(section: Section): Promise<FormatError | null> {
    const working = workingSize(this.header);
    switch (section.layer) {
      case Layer.text:
        return this.text(section);
      case Layer.regions:
        return this.regions(section);
      case Layer.tokens:
        return this.tokens(section);
      case Layer.base: {
        const { base, problem } = decodeBase(section, working, this.limits);
        this.scene.base = base;
        return problem;
      }
      case Layer.pixels: {
        const { pixels, problem } = decodePixels(section, working);
        this.scene.pixels = pixels;
        return problem;
      }
      case Layer.painter: {
        const { painter, problem } = decodeHint(section);
        this.scene.painter = painter;
        return problem;
      }
      default:
        return null;
    }
  }

  private async text(section: Section): Promise<FormatError | null> {
    const table = await this.tables.text(section.model);
    if (table === null) return unknownTable("words are coded with text table", section);
    const { said, problem } = decodeWords(section, table, this.limits);
    this.scene.words = said;
    this.wholeWords = problem === null && !section.openEnd ? said : null;
    return problem;
  }

  private async regions(section: Section): Promise<FormatError | null> {
    const table = await this.tables.regions(section.model);
    if (table === null) return unknownTable("regions are coded with region table", section);
    const { said, problem } = decodeRegions(section, table, this.wholeWords, this.limits);
    this.scene.regions = said;
    return problem;
  }

  private async tokens(section: Section): Promise<FormatError | null> {
    const family = await this.tables.family(section.model);
    if (family === null) {
      const says = `the tokens are of family ${section.model}, which this build does not have; the words can be read`;
      return new UnknownFamilyError(says, section.offset);
    }
    const { tokens, problem } = decodeTokens(section, family, workingSize(this.header), this.limits);
    this.scene.tokens = tokens;
    return problem;
  }
}

function unknownTable(what: string, section: Section): UnknownTextTableError {
  return new UnknownTextTableError(`the ${what} ${section.model}, which this build does not have`, section.offset);
}
