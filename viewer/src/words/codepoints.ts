import { startsOf, TOTAL } from "../entropy/range.js";
import type { TextStream } from "./stream.js";

const KINDS = { same: 0, ideographs: 1, any: 2, high: 3 };
/** At first, after a page that stays, after ideographs. */
const KIND_STARTS = [
  startsOf([14000, 8000, 9000, 1768]),
  startsOf([28500, 2000, 1700, 568]),
  startsOf([5500, 25000, 1700, 568]),
];

/** Code points of one text, each a kind of page, a page if the kind asks for it, and a low byte. */
export class CodePoints {
  private page = 0;
  private row = 0;
  private readonly counts = new Map<number, Uint32Array>();

  /** Any code point, surrogates too. */
  next(stream: TextStream): number {
    const kind = stream.symbol(KIND_STARTS[this.row]);
    let page = this.page;
    if (kind === KINDS.ideographs) page = 0x4e + stream.uniform(82);
    else if (kind === KINDS.any) page = stream.uniform(256);
    else if (kind === KINDS.high) page = 256 + stream.uniform(4096);
    this.row = kind === KINDS.ideographs ? 2 : 1;
    if (kind !== KINDS.ideographs) this.page = page;
    return page * 256 + this.lowByte(stream, page);
  }

  private lowByte(stream: TextStream, page: number): number {
    let counts = this.counts.get(page);
    if (counts === undefined) this.counts.set(page, (counts = new Uint32Array(512).fill(1)));
    let node = 1;
    while (node < 256) {
      const zeros = counts[2 * node];
      const ones = counts[2 * node + 1];
      const bit = stream.decoder.bit(Math.floor((TOTAL * zeros) / (zeros + ones)));
      counts[2 * node + bit] += 2;
      node = 2 * node + bit;
    }
    return stream.count(node & 255);
  }
}
