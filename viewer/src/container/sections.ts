import { FormatError, TruncatedError } from "../errors.js";
import { layerName } from "../ids.js";
import { ask, type Limits } from "../limits.js";
import type { Section } from "../types.js";
import type { ByteReader } from "./bytes.js";

const LAST = 0x80;
const OPEN_END = 0x40;

export interface Sections {
  readonly sections: readonly Section[];
  /** What is wrong with the rest of the file; null if nothing is. */
  readonly problem: FormatError | null;
}

/** The sections as far as the file goes: chapter 3. Throws `LimitError` alone. */
export function readSections(reader: ByteReader, limits: Limits): Sections {
  const sections: Section[] = [];
  try {
    for (;;) {
      const count = sections.length + 1;
      if (reader.numLeft > 0)
        ask(limits, "maxSections", count, `the file has ${count} sections or more`, reader.offset);
      const { section, isLast } = readSection(reader, sections);
      sections.push(section);
      if (isLast) return { sections, problem: null };
      if (section.cutShort) {
        const says = "the file ends inside a section; fetch the whole file for the rest";
        return { sections, problem: new TruncatedError(says, reader.offset) };
      }
    }
  } catch (error) {
    if (error instanceof FormatError) return { sections, problem: error };
    throw error;
  }
}

/** The next section; `before` are those read so far. Throws what is wrong with its head. */
export function readSection(reader: ByteReader, before: readonly Section[]): { section: Section; isLast: boolean } {
  const start = reader.offset;
  const [id, model] = reader.take(2, "a section's head");
  const layer = id & 63;
  if (layer === 0) throw new FormatError("section number 0: the file is damaged", start);
  const name = layerName(layer);
  if (name !== undefined && before.some((section) => section.layer === layer)) {
    throw new FormatError(`a second ${name} section: the file is damaged`, start);
  }
  const isLast = (id & LAST) !== 0;
  const length = isLast ? reader.numLeft : reader.varint("a section's length");
  const offset = reader.offset;
  const cutShort = length > reader.numLeft;
  const payload = reader.take(Math.min(length, reader.numLeft), "a section");
  const sized = !isLast && !cutShort;
  return { section: { layer, model, payload, offset, openEnd: (id & OPEN_END) !== 0, sized, cutShort }, isLast };
}
