import { decodeBoxes } from "../boxes/decode.js";
import { ByteReader } from "../container/bytes.js";
import { readFields, workingSize } from "../container/header.js";
import { readSection } from "../container/sections.js";
import { FormatError, NotAPacketError, PacketError, TruncatedError, UnknownFamilyError } from "../errors.js";
import { Layer, layerName } from "../ids.js";
import { emptyScene, LayerReader } from "../layers.js";
import { ask, DEFAULT_LIMITS, type Limits } from "../limits.js";
import type { Reading, ReadOptions } from "../read.js";
import type { Tables } from "../tables.js";
import type { FileHeader, Section } from "../types.js";
import { bodyOf, Kind, type Packet, packetVarint, readerOf, readPacket } from "./packet.js";
import { readRepair, repaired, type RepairPacket } from "./repair.js";
import { PacketTokens, settled } from "./tokens.js";

/** What packets of a file say. */
export interface Joined {
  readonly reading: Reading;
  /** The file's number. */
  readonly file: number;
  /** How many packets it has. */
  readonly count: number;
  /** Numbers of packets that did not arrive, or are damaged, and that repair packets do not give. */
  readonly missing: readonly number[];
  /** Numbers of packets that did not arrive, and that repair packets give. */
  readonly repaired: readonly number[];
  /** What was left out: damaged packets, packets of other files, and those that settle nothing. */
  readonly leftOut: readonly FormatError[];
}

/**
 * Reads packets that `semcodec split` made, in any order: docs/packets.md. Of several files the one with the most
 * packets of those whose first one is there, or is repaired, is read.
 *
 * Throws `NotAPacketError` where no packet is there, `PacketError` where no first packet is or it cannot be read,
 * `FormatError` where its header is wrong, `LimitError`.
 */
export async function join(packets: Iterable<Uint8Array>, tables: Tables, options: ReadOptions = {}): Promise<Joined> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const leftOut: FormatError[] = [];
  const piles = pilesOf(packets, leftOut);
  if (piles.length === 0) throw new NotAPacketError("no good packet is among those that were given", null);
  for (const pile of piles) {
    const given = repaired(pile.file, pile.packets, pile.repairs.values(), leftOut);
    for (const packet of given) pile.packets.set(packet.number, packet);
    const first = pile.packets.get(0);
    if (first?.count == null) continue;
    for (const other of piles) {
      if (other !== pile) leftOut.push(new PacketError(`${sizeOf(other)} packets of another file`, 1));
    }
    leaveOutBehind(first.count, pile.packets, leftOut);
    const file = new PacketFile(first, pile.packets, tables, limits, leftOut);
    const reading = await file.read(options.words !== false);
    const missing: number[] = [];
    for (let number = 0; number < first.count; number++) if (!file.used.has(number)) missing.push(number);
    const numbers = given.map(({ number }) => number).sort((a, b) => a - b);
    return { reading, file: pile.file, count: first.count, missing, repaired: numbers, leftOut };
  }
  throw new PacketError("the first packet did not arrive: have it sent again", null);
}

/** Packets of one file, by their numbers. */
interface Pile {
  readonly file: number;
  readonly packets: Map<number, Packet>;
  readonly repairs: Map<number, RepairPacket>;
}

/** By their files, one of each number: the first. Those with most packets come first. */
function pilesOf(packets: Iterable<Uint8Array>, leftOut: FormatError[]): Pile[] {
  const piles = new Map<number, Pile>();
  const first = new Map<string, Packet>();
  for (const bytes of packets) {
    try {
      const packet = readPacket(bytes);
      // (a repair packet never stands for one of the file)
      const key = `${packet.file} ${packet.number} ${packet.kind === Kind.repair}`;
      const before = first.get(key);
      if (before === undefined) {
        first.set(key, packet);
        putIn(piles, packet);
      } else if (!isSame(before.bytes, packet.bytes)) {
        leftOut.push(new PacketError(`another packet ${packet.number} than the one before it`, 0));
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      leftOut.push(error);
    }
  }
  return [...piles.values()].sort((a, b) => sizeOf(b) - sizeOf(a));
}

function putIn(piles: Map<number, Pile>, packet: Packet): void {
  const { file, number, kind } = packet;
  const pile = piles.get(file) ?? { file, packets: new Map(), repairs: new Map() };
  piles.set(file, pile);
  if (kind === Kind.repair) pile.repairs.set(number, readRepair(packet));
  else pile.packets.set(number, packet);
}

function sizeOf({ packets, repairs }: Pile): number {
  return packets.size + repairs.size;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function leaveOutBehind(count: number, packets: Map<number, Packet>, leftOut: FormatError[]): void {
  for (const number of packets.keys()) {
    if (number < count) continue;
    packets.delete(number);
    leftOut.push(new PacketError(`packet ${number} of ${count}`, 3));
  }
}

class PacketFile {
  /** Numbers of the packets whose content was taken. */
  readonly used = new Set<number>([0]);
  private readonly header: FileHeader;
  private readonly family: number;
  private readonly front: Uint8Array; // of the first packet
  private readonly tokenStream: Uint8Array;
  private readonly streamAt: number; // in the first packet

  constructor(
    first: Packet,
    private readonly packets: ReadonlyMap<number, Packet>,
    private readonly tables: Tables,
    private readonly limits: Limits,
    private readonly leftOut: FormatError[],
  ) {
    const reader = readerOf(first);
    this.header = readFields(reader, limits);
    this.family = reader.take(1, "the first packet")[0];
    this.front = reader.take(packetVarint(reader), "the first packet's front");
    this.streamAt = reader.offset;
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
      numTokenBytes = bodies.reduce((sum, packet) => sum + bodyOf(packet).length, this.tokenStream.length);
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
        new UnknownFamilyError(
          `the tokens are of family ${this.family}, which this build does not have`,
          this.streamAt,
        ),
      );
      return null;
    }
    const tokens = settled(
      () => new PacketTokens(family, workingSize(this.header), this.limits, this.tokenStream, this.streamAt),
    );
    if (tokens === null) throw new PacketError("the first packet ends inside its plan", this.streamAt);
    const others = [...this.packets].filter(([, { kind }]) => kind === Kind.tokens);
    const leftOut = tokens.read(new Map(others.map(([number, packet]) => [number, bodyOf(packet)])));
    for (const [number] of others) if (!leftOut.includes(number)) this.used.add(number);
    for (const number of leftOut) this.leftOut.push(new PacketError(`packet ${number} settles no token`, 0));
    return tokens;
  }

  /** The front or the back as far as it arrived: up to the first gap. `beginning` is what the first packet has of it. */
  private bytesOf(kind: number, beginning: Uint8Array): Uint8Array {
    const pieces: { offset: number; bytes: Uint8Array }[] = [{ offset: 0, bytes: beginning }];
    for (const [number, packet] of this.packets) {
      if (packet.kind !== kind) continue;
      const reader = readerOf(packet);
      try {
        pieces.push({ offset: packetVarint(reader), bytes: reader.take(reader.numLeft, "a packet") });
        this.used.add(number);
      } catch (error) {
        if (!(error instanceof PacketError)) throw error;
        this.leftOut.push(error);
      }
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

const KEEPING_PREFIX: ReadonlySet<number> = new Set([Layer.text, Layer.pixels, Layer.structure]);

/**
 * Sections of the front or the back, each with its length. One that is cut is left out; words, outlines and pixels keep
 * their beginning. Tokens have no place there.
 */
function sectionsOf(bytes: Uint8Array, limits: Limits, problems: FormatError[]): Section[] {
  const reader = new ByteReader(bytes);
  const sections: Section[] = [];
  try {
    while (reader.numLeft > 0) {
      ask(limits, "maxSections", sections.length + 1, "there are too many sections", reader.offset);
      const { section } = readSection(reader, sections);
      const { layer, payload, cutShort } = section;
      if (layer === Layer.tokens) {
        problems.push(new PacketError("a section of tokens stands beside the packets' tokens: it is left out", null));
      } else if (!cutShort) {
        sections.push(section);
      } else if (KEEPING_PREFIX.has(layer) && payload.length > 0) {
        sections.push({ ...section, openEnd: true, cutShort: false });
      } else if (layer === Layer.base || layer === Layer.pixels) {
        const says = `the ${layerName(layer)} picture is not whole: packets of it are missing; have them sent again`;
        problems.push(new PacketError(says, null));
      }
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (!(error instanceof TruncatedError)) problems.push(error); // (a head that is cut is as good as none)
  }
  return sections;
}
