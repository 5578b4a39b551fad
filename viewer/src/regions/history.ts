import type { Followers } from "../words/model.js";

const TOKEN = 2 ** 13; // 13 bits a token
const SIDE = 64;
export const Step = { end: 0, new: 1, again: 2 } as const;
const MAX_AGAIN = 30;

/** A phrase and its last token. */
export interface Phrase {
  readonly text: string;
  readonly last: number;
}

/** The different phrases so far, and which of them the steps named. */
export class StepHistory {
  /** The latest first. */
  readonly phrases: Phrase[] = [];
  private numRegions = 0;
  private last = 0;
  private second = 0;

  get numPossible(): number {
    return Step.again + Math.min(this.phrases.length, MAX_AGAIN);
  }

  keys(): number[] {
    const different = Math.min(this.phrases.length, 15);
    return [Math.min(this.numRegions, 31), this.last * 4 + this.second, different * 4 + this.last];
  }

  /** Whether a step could have named this phrase. */
  has(text: string): boolean {
    return this.phrases.slice(0, MAX_AGAIN).some((phrase) => phrase.text === text);
  }

  push(step: number, phrase: Phrase): void {
    if (step >= Step.again) this.phrases.splice(step - Step.again, 1);
    this.phrases.unshift(phrase);
    this.second = this.last;
    this.last = Math.min(step, Step.again + 1);
    this.numRegions++;
  }
}

/** The tokens of a phrase, and those at hand: of the words of the file, and of the new phrases before it. */
export class PhraseHistory {
  private readonly counts = new Map<number, number>();
  private before: number;
  private tokens: number[] = [];
  private atHand: Followers = { symbols: [], cumulative: [0], first: 0, last: 0 };

  constructor(
    private readonly end: number,
    atHand: readonly number[],
  ) {
    this.before = end;
    this.add(atHand);
  }

  get last(): number {
    return this.tokens.at(-1) ?? this.end;
  }

  /** The next token is the first of a phrase. */
  begin(): void {
    this.add(this.tokens);
    this.before = this.tokens.at(-1) ?? this.before;
    this.tokens = [];
    const symbols = [...this.counts.keys()].sort((a, b) => a - b);
    const cumulative = [0];
    for (const symbol of symbols) cumulative.push(cumulative.at(-1)! + this.counts.get(symbol)!);
    this.atHand = { symbols, cumulative, first: 0, last: symbols.length };
  }

  /** The context of those at hand has no key; its followers are `handy`. */
  keys(): number[] {
    const second = this.tokens.at(-2) ?? this.end;
    return [this.last, this.last * TOKEN + second, this.last * TOKEN + this.before, 0];
  }

  get handy(): Followers {
    return this.atHand;
  }

  push(token: number): void {
    if (token !== this.end) this.tokens.push(token);
  }

  private add(tokens: readonly number[]): void {
    for (const token of tokens) this.counts.set(token, (this.counts.get(token) ?? 0) + 1);
  }
}

/** Boxes so far, each with the last token of its phrase. A box is its width, height, left and top, less 1 the first two. */
export class BoxHistory {
  private readonly latest = new Map<number, readonly number[]>();
  private before: readonly number[] | null = null;
  private area = SIDE * SIDE;
  private phrase = 0;
  private numbers: number[] = [];

  /** The next number is the first of a box; `phrase` is the last token of its phrase. */
  begin(phrase: number): void {
    this.phrase = phrase;
    this.numbers = [];
  }

  /** A box ends inside the picture, and is no larger than the one before. */
  get numPossible(): number {
    const [width] = this.numbers;
    if (this.numbers.length === 0) return Math.min(SIDE, this.area);
    if (this.numbers.length === 1) return Math.min(SIDE, Math.floor(this.area / (width + 1)));
    return SIDE - this.numbers[this.numbers.length - 2];
  }

  keys(): number[] {
    const which = this.numbers.length;
    const [width] = this.numbers;
    let given = 32 - Math.clz32(this.area);
    let coarse = given;
    if (which === 1) {
      given = given * 16 + (width >> 2);
      coarse = width >> 3;
    } else if (which > 1) {
      given = this.numbers[which - 2];
      coarse = given >> 3;
    }
    const same = this.latest.get(this.phrase);
    const other = same ?? this.before;
    const reference = other === null ? 0 : (same ? 2 : 1) * 64 + other[which];
    const phrase = this.phrase * 4 + which;
    return [which, given * 4 + which, reference * 4 + which, phrase, phrase * 16 + coarse];
  }

  push(number: number): void {
    this.numbers.push(number);
    if (this.numbers.length === 4) {
      this.before = this.numbers;
      this.latest.set(this.phrase, this.numbers);
      this.area = (this.numbers[0] + 1) * (this.numbers[1] + 1);
    }
  }
}
