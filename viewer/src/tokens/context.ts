import type { Scale } from "./grid.js";

const LARGEST = 62;
const LEFT = 0;
const ABOVE = 1;
const ABOVE_LEFT = 2;
const ABOVE_RIGHT = 3;
const RIGHT = 4;
const BELOW = 5;

/** What is known of a token and around it, as the features of chapter 6; one object serves token after token. */
export class Context {
  /** Digits of this token that are coded so far. */
  readonly digits: Uint8Array;
  numCoded = 0;
  /** How many digits will be coded; -1 while that is. */
  length = -1;
  private activity = 0; // of the digits so far
  private row = 0;
  private column = 0;
  private scale: Scale;
  private parents: Scale | null = null;
  private parent = -1; // its place
  private readonly places = new Int32Array(6); // of the six neighbours; -1: not there, or not sent so far

  /** `numDigits`: the most of any scale. */
  constructor(
    private readonly numDigits: number,
    scale: Scale,
  ) {
    this.digits = new Uint8Array(numDigits);
    this.scale = scale;
  }

  /** The next digits are those of this token. `parents`: the scale before. */
  begin(scale: Scale, parents: Scale | null, token: number): void {
    this.scale = scale;
    this.parents = parents;
    this.row = Math.floor(token / scale.columns);
    this.column = token % scale.columns;
    this.places[LEFT] = placeOf(scale, this.row, this.column - 1);
    this.places[ABOVE] = placeOf(scale, this.row - 1, this.column);
    this.places[ABOVE_LEFT] = placeOf(scale, this.row - 1, this.column - 1);
    this.places[ABOVE_RIGHT] = placeOf(scale, this.row - 1, this.column + 1);
    this.places[RIGHT] = placeOf(scale, this.row, this.column + 1);
    this.places[BELOW] = placeOf(scale, this.row + 1, this.column);
    this.parent = parents === null ? -1 : placeOf(parents, this.row >> 1, this.column >> 1);
    this.numCoded = 0;
    this.length = -1;
    this.activity = 0;
  }

  push(digit: number): void {
    this.activity += this.scale.magnitudes[256 * this.numCoded + digit];
    this.digits[this.numCoded++] = digit;
  }

  feature(number: number): number {
    return Math.min(this.value(number), LARGEST);
  }

  private value(number: number): number {
    const { numDigits } = this;
    if (number < numDigits) return number < this.numCoded ? this.digits[number] : -1;
    const group = Math.floor(number / numDigits);
    const digit = number % numDigits;
    if (group < 7) return digitOf(this.scale, this.places[group - 1], digit);
    if (group === 7) return digitOf(this.parents, this.parent, digit);
    if (group === 8) return this.magnitudesAround(digit);
    return this.summary(number - 9 * numDigits);
  }

  private summary(which: number): number {
    if (which < 6) return activityOf(this.scale, this.places[which]);
    switch (which) {
      case 6:
        return activityOf(this.parents, this.parent);
      case 7:
        return this.neighbourActivity();
      case 8:
        return this.parentActivity();
      case 9:
        return this.activity;
      case 10:
        return this.row & 1;
      case 11:
        return this.column & 1;
      default:
        return this.length < 0 ? -1 : this.length - 1 - this.numCoded;
    }
  }

  /** Of one digit, over the tokens to the left, above, above left and above right. */
  private magnitudesAround(digit: number): number {
    const { scale, places } = this;
    if (digit >= scale.numDigits) return 0;
    let sum = 0;
    for (let n = LEFT; n <= ABOVE_RIGHT; n++) {
      if (places[n] >= 0) sum += scale.magnitudes[256 * digit + scale.digits[places[n] * scale.numDigits + digit]];
    }
    return sum;
  }

  private neighbourActivity(): number {
    let sum = 0;
    let count = 0;
    for (const place of this.places) {
      if (place >= 0) {
        sum += this.scale.activity[place];
        count++;
      }
    }
    return count === 0 ? -1 : Math.floor((4 * sum) / count);
  }

  private parentActivity(): number {
    if (this.parents === null) return -1;
    let sum = 0;
    let count = 0;
    for (let row = (this.row >> 1) - 1; row <= (this.row >> 1) + 1; row++) {
      for (let column = (this.column >> 1) - 1; column <= (this.column >> 1) + 1; column++) {
        const place = placeOf(this.parents, row, column);
        if (place >= 0) {
          sum += this.parents.activity[place];
          count++;
        }
      }
    }
    return count === 0 ? -1 : Math.floor((4 * sum) / count);
  }
}

/** The place of a token that was sent; -1 for one that was not, or lies outside. */
function placeOf(scale: Scale, row: number, column: number): number {
  if (row < 0 || column < 0 || row >= scale.rows || column >= scale.columns) return -1;
  const place = row * scale.columns + column;
  return scale.activity[place] < 0 ? -1 : place;
}

function digitOf(scale: Scale | null, place: number, digit: number): number {
  if (scale === null || place < 0 || digit >= scale.numDigits) return -1;
  return scale.digits[place * scale.numDigits + digit];
}

function activityOf(scale: Scale | null, place: number): number {
  return scale === null || place < 0 ? -1 : scale.activity[place];
}
