import { CheckedStream, endingOf, SHIFTS_PER_CHECK, Wrong } from "../entropy/checks.js";
import { problemOf } from "../entropy/problem.js";
import { TOTAL } from "../entropy/range.js";
import type { FormatError } from "../errors.js";
import { ask, type Limits } from "../limits.js";
import type { Section, Size, TokenPyramid } from "../types.js";
import { Context } from "./context.js";
import type { Family } from "./family.js";
import { parentOf, Scale, tokensOfBlock } from "./grid.js";
import { placeToken, readToken } from "./token.js";

const MAX_STEPS = 64;
const Flag = { absent: 0, present: 1, stop: 2 } as const;
const STOP_FREQUENCY = 32;

/** The tokens of a section: chapter 6. Throws `LimitError`. */
export function decodeTokens(
  section: Section,
  family: Family,
  working: Size,
  limits: Limits,
): { tokens: TokenPyramid; problem: FormatError | null } {
  const scales = openScales(family, working, limits, section.offset);
  const stream = new TokenStream(section.payload, family, scales);
  const ending = endingOf(stream.stream.decoder, () => stream.read());
  const at = section.offset + stream.stream.decoder.position;
  return { tokens: { family: family.number, scales }, problem: problemOf("the token stream", section, ending, at) };
}

/** Empty scales, for which the limits have been asked. */
export function openScales(family: Family, working: Size, limits: Limits, offset: number): Scale[] {
  const whole = (side: number) => Math.ceil(side / family.strides[0]) * family.strides[0];
  const pixels = whole(working.width) * whole(working.height);
  ask(limits, "maxWorkingPixels", pixels, `the tokens are of ${pixels} pixels`, offset);
  let numBlocks = 0;
  for (const [index, stride] of family.strides.entries()) {
    const blockPx = stride * family.blocks[index];
    numBlocks += Math.ceil(working.width / blockPx) * Math.ceil(working.height / blockPx);
  }
  ask(limits, "maxBlocks", numBlocks, `the tokens lie in ${numBlocks} blocks`, offset);
  return family.strides.map((_, index) => new Scale(index, family, working));
}

/** The grammar of chapter 6. */
class TokenStream {
  readonly stream: CheckedStream;
  private readonly context: Context;
  private readonly sent: readonly Uint8Array[]; // by scale: which blocks were
  private shiftsAtCheck = 0;

  constructor(
    payload: Uint8Array,
    private readonly family: Family,
    private readonly scales: readonly Scale[],
  ) {
    this.stream = new CheckedStream(payload, family.seed);
    this.context = new Context(Math.max(...family.levels.map((levels) => levels.length)), scales[0]);
    this.sent = scales.map((scale) => new Uint8Array(scale.numBlocks));
  }

  read(): void {
    for (let numSteps = 0; ; numSteps++) {
      const scale = this.stream.uniform(this.scales.length + 1);
      if (scale === this.scales.length) return;
      if (numSteps === MAX_STEPS) throw new Wrong(`more than ${MAX_STEPS} steps`);
      if (this.step(scale)) return;
    }
  }

  /** Returns whether it was stopped. */
  private step(index: number): boolean {
    const blocks = this.blocksToSend(index);
    if (blocks.length === 0) throw new Wrong(`a step at scale ${index}, which has no block to send`);
    const density = this.stream.uniform(16);
    const present = density === 0 ? 32735 : Math.floor((32736 * density) / 16);
    const absent = TOTAL - STOP_FREQUENCY - present;
    const starts = [0, absent, absent + present, TOTAL];
    let numSent = 0;
    let isStopped = false;
    for (const block of blocks) {
      const flag = this.stream.symbol(starts);
      isStopped = flag === Flag.stop;
      if (isStopped) break;
      if (flag === Flag.present) {
        this.block(index, block);
        numSent++;
        this.checkIfDue();
      }
    }
    if (numSent === 0) throw new Wrong(`a step at scale ${index} that sends nothing`);
    return isStopped;
  }

  /** Blocks that were not sent, whose tokens have all their parents. */
  private blocksToSend(index: number): number[] {
    const scale = this.scales[index];
    const blocks: number[] = [];
    for (let block = 0; block < scale.numBlocks; block++) {
      if (!this.sent[index][block] && this.hasParents(index, block)) blocks.push(block);
    }
    return blocks;
  }

  private hasParents(index: number, block: number): boolean {
    if (index === 0) return true;
    const scale = this.scales[index];
    const coarser = this.scales[index - 1];
    const tokens = tokensOfBlock(scale, this.family.blocks[index], block);
    return tokens.every((token) => coarser.activity[parentOf(scale, coarser, token)] >= 0);
  }

  private block(index: number, block: number): void {
    const scale = this.scales[index];
    const trees = this.family.trees[index];
    for (const token of tokensOfBlock(scale, this.family.blocks[index], block)) {
      this.context.begin(scale, index === 0 ? null : this.scales[index - 1], token);
      placeToken(scale, token, readToken(this.stream, trees, this.context, scale));
    }
    this.sent[index][block] = 1;
  }

  private checkIfDue(): void {
    const { numShifts } = this.stream.decoder;
    if (numShifts - this.shiftsAtCheck < SHIFTS_PER_CHECK) return;
    this.shiftsAtCheck = numShifts;
    this.stream.check();
  }
}
