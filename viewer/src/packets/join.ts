import { decodeBoxes } from "../boxes/decode.js";
import { ByteReader } from "../container/bytes.js";
import { readFields, workingSize } from "../container/header.js";
import { readSection } from "../container/sections.js";
import { FormatError, PacketError, TruncatedError, UnknownFamilyError } from "../errors.js";
import { Layer } from "../ids.js";
import { emptyScene, LayerReader } from "../layers.js";
import { ask, DEFAULT_LIMITS, type Limits } from "../limits.js";
import type { Reading, ReadOptions } from "../read.js";
import type { Tables } from "../tables.js";
import type { FileHeader, Section } from "../types.js";
import { Kind, type Packet, packetVarint, readPacket } from "./packet.js";
import { PacketTokens, settled } from "./tokens.js";

/** What packets of a file say. */
export interface Joined {
  readonly reading: Reading;
  /** Numbers of packets that did not arrive, or are damaged. */
  readonly missing: readonly number[];
  /** What was left out: damaged packets, packets of other files, and those that settle nothing. */
  readonly leftOut: readonly PacketError[];
}

/**
 * Reads packets that `semcodec split` made, in any order: docs/packets.md. Of several files the one with the most
 * packets of those whose first one is there is read.
 *
 * Throws `PacketError` where no first packet is there, `FormatError` where its header is wrong, `LimitError`.
 */
export async function join(packets: Iterable<Uint8Array>, tables: Tables, options: ReadOptions = {}): Promise<Joined> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const leftOut: PacketError[] = [];
  const good: Packet[] = [];
  for (const bytes of packets) {
    try {
      good.push(readPacket(bytes));
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      leftOut.push(error);
    }
  }
  const byNumber = packetsOfOneFile(good, leftOut);
  const first = byNumber.get(0);
  if (first === undefined) throw new PacketError("the first packet did not arrive: have it sent again", 0);
  const file = new PacketFile(first, byNumber, tables, limits, leftOut);
  const reading = await file.read(options.words !== false);
  const missing: number[] = [];
  for (let number = 0; number < (first.count ?? 0); number++) if (!file.used.has(number)) missing.push(number);
  return { reading, missing, leftOut };
}

/** By their numbers, one of each. */
function packetsOfOneFile(packets: readonly Packet[], leftOut: PacketError[]): Map<number, Packet> {
  const files = new Map<number, Map<number, Packet>>();
  for (const packet of packets) {
    const file = files.get(packet.file) ?? new Map<number, Packet>();
    files.set(packet.file, file);
    if (!file.has(packet.number)) file.set(packet.number, packet);
  }
  const whole = [...files.values()].filter((file) => file.has(0)).sort((a, b) => b.size - a.size);
  const chosen = whole[0] ?? new Map<number, Packet>();
  for (const file of files.values()) {
    if (file !== chosen) leftOut.push(new PacketError(`${file.size} packets of another file`, 1));
  }
  const count = chosen.get(0)?.count ?? 0;
  for (const number of chosen.keys()) {
    if (number >= count && number > 0) {
      chosen.delete(number);
      leftOut.push(new PacketError(`packet ${number} of ${count}`, 3));
    }
  }
  return chosen;
}

class PacketFile {
  /** Numbers of the packets whose content was taken. */
  readonly used = new Set<number>([0]);
  private readonly header: FileHeader;
  private readonly family: number;
  private readonly front: Uint8Array; // of the first packet
  private readonly tokenStream: Uint8Array;

  constructor(
    first: Packet,
    private readonly packets: ReadonlyMap<number, Packet>,
    private readonly tables: Tables,
    private readonly limits: Limits,
    private readonly leftOut: PacketError[],
  ) {
    const reader = new ByteReader(first.body);
    this.header = readFields(reader, limits);
    this.family = reader.take(1, "the first packet")[0];
    this.front = reader.take(packetVarint(reader), "the first packet's front");
    this.tokenStream = reader.take(reader.numLeft, "the first packet");
  }

  async read(hasWords: boolean): Promise<Reading> {
    const { header, limits } = this;
    const scene = emptyScene();
    const problems: FormatError[] = [];
    const layers = new LayerReader(header, this.tables, limits, scene);
    const front = sectionsOf(this.bytesOf(Kind.front, this.front), limits, problems);
    const back = sectionsOf(this.bytesOf(Kind.back, new Uint8Array()), limits, problems);
    const readAll = async (sections: readonly Section[]) => {
      for (const section of sections) {
        const isWords = section.layer === Layer.text || section.layer === Layer.regions;
        const problem = isWords && !hasWords ? null : await layers.read(section);
        if (problem !== null) problems.push(problem);
      }
    };
    await readAll(front);
    let numTokenBytes = 0;
    if (this.family !== 0) {
      const tokens = await this.tokens(problems);
      scene.tokens = tokens?.pyramid ?? null;
      const bodies = [...this.packets.values()].filter((packet) => packet.kind === Kind.tokens);
      numTokenBytes = bodies.reduce((sum, { body }) => sum + body.length, this.tokenStream.length);
    }
    await readAll(back);
    const boxes = decodeBoxes([...front, ...back], header, limits);
    scene.boxes = boxes.boxes;
    return { header, scene, problems: [...problems, ...boxes.problems], sections: [...front, ...back], numTokenBytes };
  }

  private async tokens(problems: FormatError[]): Promise<PacketTokens | null> {
    const family = await this.tables.family(this.family);
    if (family === null) {
      problems.push(
        new UnknownFamilyError(`the tokens are of family ${this.family}, which this build does not have`, 0),
      );
      return null;
    }
    const tokens = settled(() => new PacketTokens(family, workingSize(this.header), this.limits, this.tokenStream));
    if (tokens === null) throw new TruncatedError("the first packet ends inside its plan", 0);
    const others = [...this.packets].filter(([, { kind }]) => kind === Kind.tokens);
    const leftOut = tokens.read(new Map(others.map(([number, { body }]) => [number, body])));
    for (const [number] of others) if (!leftOut.includes(number)) this.used.add(number);
    for (const number of leftOut) this.leftOut.push(new PacketError(`packet ${number} settles no token`, 0));
    return tokens;
  }

  /** The front or the back as far as it arrived: up to the first gap. `beginning` is what the first packet has of it. */
  private bytesOf(kind: number, beginning: Uint8Array): Uint8Array {
    const pieces: { offset: number; bytes: Uint8Array }[] = [{ offset: 0, bytes: beginning }];
    for (const [number, packet] of this.packets) {
      if (packet.kind !== kind) continue;
      const reader = new ByteReader(packet.body);
      pieces.push({ offset: packetVarint(reader), bytes: reader.take(reader.numLeft, "a packet") });
      this.used.add(number);
    }
    pieces.sort((a, b) => a.offset - b.offset);
    const joined: number[] = [];
    let isWhole = true;
    for (const { offset, bytes } of pieces) {
      isWhole &&= offset <= joined.length;
      if (isWhole) for (const byte of bytes.subarray(joined.length - offset)) joined.push(byte);
    }
    return Uint8Array.from(joined);
  }
}

/**
 * Sections of the front or the back, each with its length. One that is cut is left out; words and pixels keep their
 * beginning.
 */
function sectionsOf(bytes: Uint8Array, limits: Limits, problems: FormatError[]): Section[] {
  const reader = new ByteReader(bytes);
  const sections: Section[] = [];
  try {
    while (reader.numLeft > 0) {
      ask(limits, "maxSections", sections.length + 1, "there are too many sections", reader.offset);
      const { section } = readSection(reader, sections);
      const isKept = !section.cutShort || section.layer === Layer.text || section.layer === Layer.pixels;
      if (isKept) sections.push({ ...section, openEnd: section.openEnd || section.cutShort, cutShort: false });
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (!(error instanceof TruncatedError)) problems.push(error); // (a head that is cut is as good as none)
  }
  return sections;
}
