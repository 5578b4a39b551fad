import type { CheckedStream } from "../entropy/checks.js";
import { PacketError } from "../errors.js";
import type { Family } from "../tokens/family.js";
import { type Scale, tokensOfBlock } from "../tokens/grid.js";

const NOT_SENT = 16;

/** A block in the order of a split. */
export interface Block {
  readonly scale: number;
  /** The position of its first token. */
  readonly start: number;
  /** Places of its tokens in their scale. */
  readonly tokens: readonly number[];
}

/** What the first packet says of all: which blocks come in which order, and where the tokens end. */
export interface Plan {
  /** Sixteenths of the blocks that are sent, by scale; 0 all, 16 none. */
  readonly densities: readonly number[];
  readonly blocks: readonly Block[];
  /** Positions up to the last token that is sent. */
  readonly end: number;
}

/** Reads check and plan: chapter 2 of docs/packets.md. Throws `PacketError` at `offset`, where the stream begins. */
export function readPlan(stream: CheckedStream, family: Family, scales: readonly Scale[], offset: number): Plan {
  if (stream.uniform(256) !== family.seed >>> 24) {
    throw new PacketError("the first packet was made with tables of another model", offset);
  }
  const densities: number[] = [];
  const groups: number[] = [];
  for (const { index } of scales) {
    const isWith = index > 0 && stream.uniform(2) === 1;
    groups.push(index === 0 ? 0 : groups[index - 1] + Number(!isWith));
    densities.push(stream.uniform(NOT_SENT + 1));
  }
  const blocks = orderOf(family, scales, densities, groups);
  const last = blocks.at(-1);
  if (last === undefined) return { densities, blocks, end: 0 };
  const count = last.start + last.tokens.length;
  const end = readNumber(stream, count) + 1;
  if (end > count) throw new PacketError("the plan ends behind the last token", offset);
  return { densities, blocks, end };
}

/** A number of a known count. */
export function readNumber(stream: CheckedStream, count: number): number {
  if (count <= 256) return stream.uniform(count);
  return readNumber(stream, ((count - 1) >> 8) + 1) * 256 + stream.uniform(256);
}

/** The block whose tokens have this position, by halving. */
export function blockAt(blocks: readonly Block[], position: number): number {
  let [low, high] = [0, blocks.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (blocks[middle].start <= position) low = middle;
    else high = middle;
  }
  return low;
}

function orderOf(
  family: Family,
  scales: readonly Scale[],
  densities: readonly number[],
  groups: readonly number[],
): Block[] {
  const listed: { scale: number; block: number; group: number; place: number }[] = [];
  for (const scale of scales) {
    if (densities[scale.index] === NOT_SENT) continue;
    const side = family.blocks[scale.index];
    const shift = 2 ** (scales.length - 1 - scale.index);
    for (let block = 0; block < scale.numBlocks; block++) {
      const row = Math.floor(block / scale.blockColumns) * side * shift;
      const column = (block % scale.blockColumns) * side * shift;
      listed.push({ scale: scale.index, block, group: groups[scale.index], place: interleaved(row, column) });
    }
  }
  listed.sort((a, b) => a.group - b.group || a.place - b.place || a.scale - b.scale);
  let start = 0;
  return listed.map(({ scale, block }) => {
    const tokens = tokensOfBlock(scales[scale], family.blocks[scale], block);
    start += tokens.length;
    return { scale, start: start - tokens.length, tokens };
  });
}

/** The bits of both in turn, each row bit above the column bit of its weight. */
function interleaved(row: number, column: number): number {
  let place = 0;
  for (let weight = 1, bit = 1; weight <= Math.max(row, column); weight *= 2, bit *= 4) {
    if (Math.floor(row / weight) % 2) place += 2 * bit;
    if (Math.floor(column / weight) % 2) place += bit;
  }
  return place;
}
