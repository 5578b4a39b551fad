import { Wrong } from "../entropy/checks.js";
import { startsOf } from "../entropy/range.js";
import type { Limits } from "../limits.js";
import type { Origin, Section, Words } from "../types.js";
import { WordHistory } from "./history.js";
import { type Read, readDraft, TextReader, TooMuch } from "./reader.js";
import { applyShape } from "./shapes.js";
import type { TextTable } from "./table.js";
import { Trace } from "./trace.js";

const SHAPES = startsOf([3400, 29200, 100, 68]);

/** The words of a text section: chapter 5. Throws `LimitError`. */
export function decodeWords(section: Section, table: TextTable, limits: Limits): Read<Words> {
  let head: { origin: Origin; language: string } = { origin: "human", language: "und" };
  let shape = 0;
  let spaced = ""; // a space and the base text
  let numChars = -1;
  const said = (): Words | null => (spaced.length > 1 ? { text: applyShape(shape, spaced.slice(1)), ...head } : null);
  return readDraft(section, "words", table.seed, said, (stream) => {
    const reader = new TextReader(stream, table);
    head = reader.head();
    shape = stream.symbol(SHAPES);
    const history = new WordHistory(table.end, table.isTopic, table.classes);
    const trace = table.trace && new Trace(table.trace, table.end);
    const nextToken = (): number => {
      const found = table.wordModel.lookUp(history.keys());
      const token = table.wordModel.decode(found, stream.decoder, trace && trace.logit);
      history.push(token);
      trace?.push(token);
      return stream.count(token);
    };
    reader.tokens(nextToken, (piece) => {
      if (spaced === "" && !piece.startsWith(" ")) throw new Wrong("the text does not begin with a space");
      spaced += piece;
      numChars += numCodePoints(piece);
      if (numChars > limits.maxCaptionChars) {
        throw new TooMuch("maxCaptionChars", `the words have ${numChars} characters or more`);
      }
    });
    if (numChars < 1) throw new Wrong("they are empty");
  });
}

export function numCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
