/** 13 bits a token. */
const TOKEN = 2 ** 13;

/** The tokens of a text as the keys of its contexts (appendix A). CAP and SPELL are tokens as well. */
export class WordHistory {
  private last: number;
  private second: number;
  private third: number;
  private topic: number;
  private numTokens = 0;

  constructor(
    end: number,
    private readonly isTopic: ArrayLike<number>,
    private readonly classes: ArrayLike<number>,
  ) {
    this.last = this.second = this.third = this.topic = end;
  }

  keys(): number[] {
    const pair = this.last * TOKEN + this.second;
    const place = Math.min(this.numTokens, 23) * 128 + this.classes[this.last];
    return [this.last, pair, pair * TOKEN + this.third, place, this.topic, this.last * TOKEN + this.topic];
  }

  push(token: number): void {
    if (this.numTokens > 0 && this.isTopic[this.last]) this.topic = this.last;
    this.third = this.second;
    this.second = this.last;
    this.last = token;
    this.numTokens++;
  }
}

/** The characters of one spelled run as the keys of its contexts. */
export class CharHistory {
  private packed: number; // the last four, 7 bits each
  private numSpaces = 0;
  private numChars = 0; // since the last space

  constructor(
    end: number,
    private readonly space: number,
  ) {
    this.packed = (((end * 128 + end) * 128 + end) * 128 + end) >>> 0;
  }

  keys(): number[] {
    const last = this.packed & 127;
    const place = (Math.min(this.numSpaces, 3) * 16 + Math.min(this.numChars, 15)) * 128 + last;
    return [last, this.packed & 0x3fff, this.packed & 0x1fffff, this.packed, place];
  }

  push(char: number): void {
    this.packed = ((this.packed << 7) | char) & 0xfffffff;
    if (char === this.space) {
      this.numSpaces++;
      this.numChars = 0;
    } else {
      this.numChars++;
    }
  }
}
