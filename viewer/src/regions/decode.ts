import { Wrong } from "../entropy/checks.js";
import { startsOf } from "../entropy/range.js";
import type { Limits } from "../limits.js";
import type { Origin, Region, Regions, Section, Words } from "../types.js";
import { numCodePoints } from "../words/decode.js";
import { type Read, readDraft, TextReader, TooMuch } from "../words/reader.js";
import { applyShape } from "../words/shapes.js";
import type { TextStream } from "../words/stream.js";
import { BoxHistory, PhraseHistory, Step, StepHistory } from "./history.js";
import type { RegionTable } from "./table.js";

const HELP = startsOf([8768, 24000]);
const SHAPES = startsOf([30968, 1600, 100, 100]);

/** The regions of a section: chapter 11. `words`: those of the file, if they are whole. Throws `LimitError`. */
export function decodeRegions(
  section: Section,
  table: RegionTable,
  words: Words | null,
  limits: Limits,
): Read<Regions> {
  let head: { origin: Origin; language: string } = { origin: "human", language: "und" };
  const items: Region[] = [];
  const said = (): Regions | null => (items.length > 0 ? { ...head, items: [...items] } : null);
  return readDraft(section, "regions", table.seed, said, (stream) => {
    const reader = new TextReader(stream, table.text);
    head = reader.head();
    const atHand = stream.symbol(HELP) ? tokensAtHand(words, table) : [];
    const regions = new RegionReader(stream, reader, table, atHand, limits);
    for (let step: number = Step.new; step !== Step.end; step = regions.step()) {
      const region = regions.region(step);
      if (items.length === limits.maxRegions) {
        throw new TooMuch("maxRegions", `there are ${items.length + 1} regions or more`);
      }
      items.push(region);
    }
  });
}

/** Of each run of the letters A to Z in the words, its token as a word in small letters, if it has one. */
function tokensAtHand(words: Words | null, table: RegionTable): number[] {
  if (words === null) throw new Wrong("they are coded with the words of the file, which are not there, or not whole");
  const runs = words.text.match(/[A-Za-z]+/g) ?? [];
  return runs.flatMap((run) => table.tokenOf.get(" " + run.toLowerCase()) ?? []);
}

class RegionReader {
  private readonly steps = new StepHistory();
  private readonly boxes = new BoxHistory();
  private readonly phrases: PhraseHistory;
  private numChars = 0; // of new phrases

  constructor(
    private readonly stream: TextStream,
    private readonly reader: TextReader,
    private readonly table: RegionTable,
    atHand: readonly number[],
    private readonly limits: Limits,
  ) {
    this.phrases = new PhraseHistory(table.text.end, atHand);
  }

  step(): number {
    const model = this.table.steps;
    const found = model.lookUp(this.steps.keys());
    return this.stream.count(model.decode(found, this.stream.decoder, null, this.steps.numPossible));
  }

  region(step: number): Region {
    const phrase =
      step === Step.new ? { text: this.newPhrase(), last: this.phrases.last } : this.steps.phrases[step - Step.again];
    this.steps.push(step, phrase);
    this.boxes.begin(phrase.last);
    const [w, h, x, y] = [this.number(), this.number(), this.number(), this.number()];
    return { x, y, w, h, phrase: phrase.text };
  }

  private newPhrase(): string {
    const shape = this.stream.symbol(SHAPES);
    this.phrases.begin();
    let spaced = "";
    this.reader.tokens(
      () => this.token(),
      (piece) => {
        if (spaced === "" && !piece.startsWith(" ")) throw new Wrong("a phrase does not begin with a space");
        this.numChars += numCodePoints(piece) - Number(spaced === "");
        spaced += piece;
        if (this.numChars > this.limits.maxCaptionChars) {
          throw new TooMuch("maxCaptionChars", `the phrases have ${this.numChars} characters or more`);
        }
      },
    );
    const text = applyShape(shape, spaced.slice(1));
    if (text === "") throw new Wrong("a phrase is empty");
    if (this.steps.has(text)) throw new Wrong("a phrase that was there is written out again");
    return text;
  }

  private token(): number {
    const model = this.table.phrases;
    const found = model.lookUp(this.phrases.keys());
    found[found.length - 1] = this.phrases.handy;
    const token = model.decode(found, this.stream.decoder);
    this.phrases.push(token);
    return this.stream.count(token);
  }

  private number(): number {
    const model = this.table.numbers;
    const found = model.lookUp(this.boxes.keys());
    const number = model.decode(found, this.stream.decoder, null, this.boxes.numPossible);
    this.boxes.push(number);
    return this.stream.count(number);
  }
}
