import { CheckedStream, endingOf, SHIFTS_PER_CHECK, Wrong } from "../entropy/checks.js";
import { TOTAL } from "../entropy/range.js";
import { DamagedError, type FormatError, UnknownFamilyError } from "../errors.js";
import { problemOf } from "../entropy/problem.js";
import type { PixelGrid, Section, Size } from "../types.js";
import { cellsOf } from "./order.js";

const CODING = 1;
const MAX_CELLS = 1 << 14;
const SEED = 2166136261;
const LEVELS = [2, 3, 4, 5, 6, 8, 10, 12, 16, 22, 32, 43, 64, 86, 128, 256];
const [GREEN, RED, BLUE] = [1, 0, 2];
/** Counts are halved where their sum is above this. */
const MOST_COUNTS = 512;

/** The grid of colours of a section: chapter 13. */
export function decodePixels(
  section: Section,
  working: Size,
): { pixels: PixelGrid | null; problem: FormatError | null } {
  const { offset } = section;
  if (section.model !== CODING) {
    const says = `the pixels are coded in way ${section.model}, which this build does not know: get a newer one`;
    return { pixels: null, problem: new UnknownFamilyError(says, offset) };
  }
  const { width, height } = working;
  if (width * height > MAX_CELLS) {
    const says = `the pixels lie on a grid of ${width}x${height}, which is above ${MAX_CELLS} cells: fetch the file again`;
    return { pixels: null, problem: new DamagedError(says, offset) };
  }
  const reader = new PixelReader(section.payload, width, height);
  const ending = endingOf(reader.stream.decoder, () => reader.read());
  const problem = problemOf("the grid of pixels", section, ending, offset + reader.stream.decoder.position);
  return { pixels: reader.grid(), problem };
}

class PixelReader {
  readonly stream: CheckedStream;
  private levels = 0;
  private readonly cells: Int16Array; // levels of red, green and blue
  private readonly known: Uint8Array;
  private readonly counts = new Map<string, [number, number]>();

  constructor(
    payload: Uint8Array,
    private readonly columns: number,
    private readonly rows: number,
  ) {
    this.stream = new CheckedStream(payload, SEED);
    this.cells = new Int16Array(3 * rows * columns);
    this.known = new Uint8Array(rows * columns);
  }

  /** What there is so far; null before there is a cell. */
  grid(): PixelGrid | null {
    if (this.known[0] === 0) return null;
    const top = 2 * (this.levels - 1);
    const colours = Uint8Array.from(this.cells, (level) => Math.floor((510 * level + this.levels - 1) / top));
    this.known.forEach((known, cell) => known || colours.fill(0, 3 * cell, 3 * cell + 3));
    return { levels: this.levels, rows: this.rows, columns: this.columns, colours, known: this.known };
  }

  read(): void {
    this.levels = LEVELS[this.stream.uniform(LEVELS.length)];
    const first = [GREEN, RED, BLUE].map((channel) => [channel, this.stream.uniform(this.levels)]);
    for (const [channel, level] of first) this.cells[channel] = level;
    this.known[0] = 1;
    let wasOwn = 0;
    let shiftsAtCheck = 0;
    for (const { cell, one, other } of cellsOf(this.rows, this.columns)) {
      if (this.stream.decoder.numShifts - shiftsAtCheck >= SHIFTS_PER_CHECK) {
        shiftsAtCheck = this.stream.decoder.numShifts;
        this.stream.check();
      }
      wasOwn = this.cell(cell, one, other, wasOwn);
    }
    this.stream.check();
  }

  /** Reads a cell between two others; returns whether its colour is its own. */
  private cell(cell: number, one: number, other: number, wasOwn: number): number {
    const { cells } = this;
    const colour = (at: number) => cells.subarray(3 * at, 3 * at + 3);
    const [a, b] = [colour(one), colour(other)];
    const largest = Math.max(...[RED, GREEN, BLUE].map((channel) => Math.abs(a[channel] - b[channel])));
    const gap = kindOf(largest);
    const isOwn = this.adaptive(`own ${gap} ${wasOwn}`);
    if (isOwn) {
      cells.set(this.ownColour(a, b, gap), 3 * cell);
    } else {
      const second = largest > 0 && this.adaptive(`which ${gap}`);
      cells.set(second ? b : a, 3 * cell);
    }
    this.known[cell] = 1;
    return isOwn;
  }

  private ownColour(a: Int16Array, b: Int16Array, gap: number): number[] {
    const mean = (channel: number) => (a[channel] + b[channel] + 1) >> 1;
    const clamp = (level: number) => Math.min(Math.max(level, 0), this.levels - 1);
    const green = this.lacking(GREEN, mean(GREEN), gap);
    const red = this.lacking(RED, clamp(mean(RED) + green.lacked), kindOf(Math.abs(green.lacked)));
    const blue = this.lacking(BLUE, clamp(mean(BLUE) + green.lacked), kindOf(Math.abs(red.lacked)));
    return [red.level, green.level, blue.level];
  }

  /** A level and what it has more than expected. */
  private lacking(channel: number, expected: number, kind: number): { level: number; lacked: number } {
    if (!this.adaptive(`lacks ${channel} ${kind}`)) return { level: expected, lacked: 0 };
    const above = this.levels - 1 - expected;
    const isBelow = expected > 0 && above > 0 ? this.adaptive(`sign ${channel}`) : Number(above === 0);
    const most = bitsOf(isBelow ? expected : above);
    let length = 1;
    while (length < most && this.adaptive(`length ${channel} ${kind} ${length}`)) length++;
    let amount = 1;
    for (let bit = 1; bit < length; bit++) {
      amount = 2 * amount + (bit === 1 ? this.adaptive(`first ${channel} ${length}`) : this.stream.uniform(2));
    }
    const lacked = isBelow ? -amount : amount;
    const level = expected + lacked;
    if (level < 0 || level >= this.levels) throw new Wrong("a colour that is none");
    return { level, lacked };
  }

  /** A binary symbol with counts of its own in its context. */
  private adaptive(context: string): number {
    let counts = this.counts.get(context);
    if (counts === undefined) this.counts.set(context, (counts = [1, 1]));
    const bit = this.stream.bit(Math.floor((TOTAL * counts[0]) / (counts[0] + counts[1])));
    counts[bit] += 2;
    if (counts[0] + counts[1] > MOST_COUNTS) {
      counts[0] = (counts[0] + 1) >> 1;
      counts[1] = (counts[1] + 1) >> 1;
    }
    return bit;
  }
}

/** 0, 1, 2 to 3, 4 to 15, above. */
function kindOf(difference: number): number {
  return difference < 2 ? difference : difference < 4 ? 2 : difference < 16 ? 3 : 4;
}

function bitsOf(number: number): number {
  return 32 - Math.clz32(number);
}
