import { decodeBase } from "./base/decode.js";
import { workingSize } from "./container/header.js";
import { type FormatError, UnknownFamilyError, UnknownTextTableError } from "./errors.js";
import { decodeHint } from "./hint/decode.js";
import { Layer } from "./ids.js";
import type { Limits } from "./limits.js";
import { decodePixels } from "./pixels/decode.js";
import { decodeRegions } from "./regions/decode.js";
import { canvasOf } from "./structure/canvas.js";
import type { Tables } from "./tables.js";
import { decodeTokens } from "./tokens/decode.js";
import type { FileHeader, Scene, Section, Words } from "./types.js";
import { decodeVector } from "./vector/decode.js";
import { decodeWords } from "./words/decode.js";

/** A Scene that is being read. */
export type SceneDraft = { -readonly [Part in keyof Scene]: Scene[Part] };

export function emptyScene(): SceneDraft {
  return {
    words: null,
    regions: null,
    tokens: null,
    base: null,
    pixels: null,
    painter: null,
    vector: null,
    structure: null,
    boxes: {},
  };
}

/** Reads sections into a Scene, each with what is wrong with it. */
export class LayerReader {
  private wholeWords: Words | null = null;

  constructor(
    private readonly header: FileHeader,
    private readonly tables: Tables,
    private readonly limits: Limits,
    private readonly scene: SceneDraft,
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
      case Layer.vector: {
        const { vector, problem } = decodeVector(section);
        this.scene.vector = vector;
        return problem;
      }
      case Layer.structure:
        return this.structure(section);
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

  /** A family of a newer writer is no structure, and nothing is wrong with it. */
  private async structure(section: Section): Promise<FormatError | null> {
    const family = await this.tables.structure(section.model);
    if (family === null) return null;
    const { tokens, problem } = decodeTokens(section, family, canvasOf(this.header), this.limits);
    this.scene.structure = tokens;
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
