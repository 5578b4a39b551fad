import { endingOf, Wrong } from "../entropy/checks.js";
import { DamagedError, type FormatError, LimitError, TruncatedError } from "../errors.js";
import type { Limits } from "../limits.js";
import type { Origin, Section } from "../types.js";
import { CodePoints } from "./codepoints.js";
import { CharHistory } from "./history.js";
import { isLanguageTag, LANGUAGES, MAX_TAG_CHARS, SPELLED_OUT, TAG_CHARS } from "./languages.js";
import { capitalised } from "./shapes.js";
import { TextStream } from "./stream.js";
import type { TextTable } from "./table.js";

export interface Read<Said> {
  /** As far as the bytes go; null: nothing. */
  readonly said: Said | null;
  /** What is wrong with the bytes; null: nothing. */
  readonly problem: FormatError | null;
}

/** More than a limit allows: its name and what there is. */
export class TooMuch extends Error {
  constructor(
    readonly limit: keyof Limits,
    says: string,
  ) {
    super(says);
  }
}

/** What words and regions have in common: origin, language, and tokens up to their END. */
export class TextReader {
  private readonly codePoints = new CodePoints();

  constructor(
    readonly stream: TextStream,
    private readonly table: TextTable,
  ) {}

  head(): { origin: Origin; language: string } {
    const origin = this.stream.symbol(this.table.head.origins);
    if (origin > 1) throw new Wrong(`origin ${origin} is not known`);
    return { origin: origin === 0 ? "human" : "machine", language: this.language(origin) };
  }

  /** `add` is told each piece of the text, the space in front of it included. */
  tokens(nextToken: () => number, add: (piece: string) => void): void {
    const { end, spell, cap, words } = this.table;
    for (let token = nextToken(); token !== end; token = nextToken()) {
      if (token === spell) {
        this.run(add);
      } else if (token === cap) {
        const word = words[nextToken()];
        if (!/^ [a-z]/.test(word)) throw new Wrong("a capital is asked of what is no lower-case word");
        add(" " + capitalised(word.slice(1)));
      } else {
        add(words[token]);
      }
    }
  }

  private language(origin: number): string {
    const number = this.stream.symbol(this.table.head.languages[origin]);
    if (number < LANGUAGES.length) return LANGUAGES[number];
    if (number !== SPELLED_OUT) throw new Wrong(`language number ${number} is not known`);
    const length = this.stream.uniform(MAX_TAG_CHARS) + 1;
    let tag = "";
    while (tag.length < length) tag += TAG_CHARS[this.stream.uniform(TAG_CHARS.length)];
    if (!isLanguageTag(tag)) throw new Wrong(`"${tag}" is no language tag`);
    return tag;
  }

  private run(add: (piece: string) => void): void {
    const { chars, charEnd, charRaw, charSpace, charModel } = this.table;
    const history = new CharHistory(charEnd, charSpace);
    for (let isEmpty = true; ; isEmpty = false) {
      const char = charModel.decode(charModel.lookUp(history.keys()), this.stream.decoder);
      history.push(char);
      this.stream.count(char);
      if (char === charEnd) {
        if (isEmpty) throw new Wrong("a spelled run is empty");
        return;
      }
      add(char === charRaw ? this.codePoint() : chars[char]);
    }
  }

  private codePoint(): string {
    const codePoint = this.codePoints.next(this.stream);
    if ((codePoint >= 0xd800 && codePoint <= 0xdfff) || codePoint > 0x10ffff) {
      throw new Wrong(`U+${codePoint.toString(16)} is no character`);
    }
    return String.fromCodePoint(codePoint);
  }
}

/**
 * Reads a payload of words or regions as far as its bytes go. What is damaged, or goes on behind a payload known to be
 * whole, gives what the last check that held had confirmed. Throws `LimitError`.
 */
export function readDraft<Said>(
  section: Section,
  name: string,
  seed: number,
  said: () => Said | null,
  read: (stream: TextStream) => void,
): Read<Said> {
  let confirmed: Said | null = null;
  const stream = new TextStream(section.payload, seed, () => (confirmed = said()));
  const here = () => section.offset + stream.decoder.position;
  const end = section.offset + section.payload.length;
  const damaged = (says: string, offset: number): Read<Said> => {
    return { said: confirmed, problem: new DamagedError(`the ${name} are damaged: ${says}`, offset) };
  };
  try {
    const ending = endingOf(stream.decoder, () => read(stream));
    switch (ending.kind) {
      case "end":
        return { said: said(), problem: null };
      case "short":
        if (section.openEnd) return { said: said(), problem: null };
        if (section.sized) return damaged("they go on behind the end of their section", end);
        return { said: said(), problem: new TruncatedError(`the ${name} end early: fetch the rest of the file`, end) };
      case "wrong":
        return damaged(ending.says, here());
      case "other end":
        return damaged("their payload has other bytes than their end", here());
    }
  } catch (error) {
    if (error instanceof TooMuch) {
      throw new LimitError(`${error.message}, above ${error.limit}; if you trust the file, raise it`, here());
    }
    throw error;
  }
}
