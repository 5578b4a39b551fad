import { CheckedStream } from "../entropy/checks.js";
import { EndOfStream, TOTAL } from "../entropy/range.js";
import type { Limits } from "../limits.js";
import { Context } from "../tokens/context.js";
import { openScales } from "../tokens/decode.js";
import type { Family } from "../tokens/family.js";
import type { Scale } from "../tokens/grid.js";
import { placeToken, readToken } from "../tokens/token.js";
import type { Size, TokenPyramid } from "../types.js";
import { blockAt, type Plan, readNumber, readPlan } from "./plan.js";

interface PlacedToken {
  readonly scale: number;
  readonly token: number;
  readonly digits: Uint8Array;
}

/** The tokens that arrived, of the first packet and of those of kind 2. */
export class PacketTokens {
  private readonly scales: readonly Scale[]; // what contexts see: the first packet, and for a while another one
  private readonly arrived: readonly Scale[];
  private readonly plan: Plan;
  private readonly context: Context;

  /** `first`: the stream of the first packet, which begins there at `streamAt`. Throws `PacketError`, `LimitError`, and `EndOfStream` for half a plan. */
  constructor(
    private readonly family: Family,
    working: Size,
    limits: Limits,
    private readonly first: Uint8Array,
    streamAt: number,
  ) {
    this.scales = openScales(family, working, limits, 0);
    this.arrived = openScales(family, working, limits, 0);
    this.context = new Context(Math.max(...this.scales.map((scale) => scale.numDigits)), this.scales[0]);
    this.plan = readPlan(new CheckedStream(first, family.seed), family, this.scales, streamAt);
  }

  get pyramid(): TokenPyramid {
    return { family: this.family.number, scales: this.arrived };
  }

  /** Reads the first packet's tokens and the others' (by their numbers); gives the numbers of those that are left out. */
  read(others: ReadonlyMap<number, Uint8Array>): number[] {
    const leftOut: number[] = [];
    const opened: { number: number; stream: CheckedStream; position: number }[] = [];
    for (const [number, body] of others) {
      const stream = new CheckedStream(body, this.family.seed);
      const position = settled(() => readNumber(stream, this.plan.end));
      if (position === null || position >= this.plan.end) leftOut.push(number);
      else opened.push({ number, stream, position });
    }
    const stream = new CheckedStream(this.first, this.family.seed);
    readPlan(stream, this.family, this.scales, 0); // (it was good before)
    const first = this.tokens(stream, 0, this.plan.end);
    this.keep(first.tokens);
    opened.sort((a, b) => a.position - b.position);
    opened.forEach(({ number, stream, position }, at) => {
      const until = opened[at + 1]?.position ?? this.plan.end;
      const { tokens } = position < first.end ? { tokens: [] } : this.tokens(stream, position, until);
      for (const { scale, token } of tokens) forget(this.scales[scale], token);
      this.keep(tokens);
      if (tokens.length === 0) leftOut.push(number);
    });
    return leftOut;
  }

  /** The tokens that a stream settles from a position on, laid into `scales`, and the position behind the last one. */
  private tokens(stream: CheckedStream, from: number, until: number): { tokens: PlacedToken[]; end: number } {
    const tokens: PlacedToken[] = [];
    let position = from;
    let end = from;
    settled(() => {
      const { blocks, densities } = this.plan;
      for (let at = blockAt(blocks, position); at < blocks.length && position < until; at++) {
        const { scale, start, tokens: places } = blocks[at];
        const density = densities[scale];
        if (position === start && density > 0 && stream.bit(TOTAL - Math.floor((TOTAL * density) / 16)) === 0) {
          position += places.length;
          continue;
        }
        for (; position < start + places.length && position < until; position++) {
          const token = places[position - start];
          tokens.push({ scale, token, digits: this.token(stream, scale, token) });
          end = position + 1;
        }
      }
    });
    return { tokens, end };
  }

  private token(stream: CheckedStream, index: number, token: number): Uint8Array {
    const scale = this.scales[index];
    this.context.begin(scale, index === 0 ? null : this.scales[index - 1], token);
    const digits = readToken(stream, this.family.trees[index], this.context, scale);
    placeToken(scale, token, digits);
    return digits;
  }

  private keep(tokens: readonly PlacedToken[]): void {
    for (const { scale, token, digits } of tokens) placeToken(this.arrived[scale], token, digits);
  }
}

/** What a reader gives; null where its bytes do not settle it. */
export function settled<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof EndOfStream) return null;
    throw error;
  }
}

/** No later packet's context holds it. */
function forget(scale: Scale, token: number): void {
  scale.activity[token] = -1;
}
