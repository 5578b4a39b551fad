import { type FormatError, PacketError } from "../errors.js";
import { addTimes, inverse, solved } from "./field.js";
import { bodyOf, Kind, MARK, type Packet, packetVarint, readChecked, readerOf } from "./packet.js";

const MOST_IN_A_BLOCK = 256;
/** How many repair packets are left out one after the other, to see whether it is they that lie. */
const MOST_LIARS = 16;
/** Bytes that all these tries together may go over. */
const MOST_WORK = 1 << 26;

/** What a repair packet says: chapter 14 of docs/format.md. */
export interface RepairPacket {
  readonly number: number;
  /** Packets of the file, k. */
  readonly count: number;
  /** Blocks that these and the repair packets lie in. */
  readonly numBlocks: number;
  readonly shard: Uint8Array;
}

/** Throws `PacketError`. */
export function readRepair(packet: Packet): RepairPacket {
  const reader = readerOf(packet);
  const [count, sent] = [packetVarint(reader), packetVarint(reader)];
  const { number } = packet;
  if (!(0 < count && count <= number && number < sent)) {
    throw new PacketError(`repair packet ${number} says that it is one of ${count} to ${sent - 1}`, packet.bodyAt);
  }
  if (reader.numLeft === 0) throw new PacketError("the repair packet ends before its shard", reader.offset);
  return {
    number,
    count,
    numBlocks: Math.floor((sent + MOST_IN_A_BLOCK - 1) / MOST_IN_A_BLOCK),
    shard: reader.take(reader.numLeft, "a repair packet"),
  };
}

/** The packets of a file that did not arrive (`arrived` by number), as far as its repair packets give them. */
export function repaired(
  file: number,
  arrived: ReadonlyMap<number, Packet>,
  repairs: Iterable<RepairPacket>,
  leftOut: FormatError[],
): Packet[] {
  const first = arrived.get(0);
  const mayAgree = [...repairs].filter(({ count }) => first === undefined || count === first.count);
  const agreed = largestParty(mayAgree, ({ count, numBlocks }) => `${count} ${numBlocks}`);
  const byBlock = grouped(agreed, ({ number, numBlocks }) => number % numBlocks);
  return [...byBlock.values()].flatMap((mine) => {
    const block = new Block(file, arrived, mine);
    const packets = block.repaired();
    if (packets === null)
      leftOut.push(new PacketError("repair packets that are not of the packets that arrived", null));
    return packets ?? [];
  });
}

/** Those that most agree with in what `key` says; the first party of several as large ones. */
function largestParty<Member>(members: readonly Member[], key: (member: Member) => string | number): Member[] {
  let largest: Member[] = [];
  for (const party of grouped(members, key).values()) if (party.length > largest.length) largest = party;
  return largest;
}

function grouped<Key, Member>(members: readonly Member[], key: (member: Member) => Key): Map<Key, Member[]> {
  const groups = new Map<Key, Member[]>();
  for (const member of members) {
    const group = groups.get(key(member));
    if (group === undefined) groups.set(key(member), [member]);
    else group.push(member);
  }
  return groups;
}

/** A repair packet's place, and what is left of its shard without the packets that arrived. */
interface Rest {
  readonly place: number;
  readonly sum: Uint8Array;
}

/** Packet j lies in block `j mod B` at place `j div B`; each block is coded by itself. */
class Block {
  private readonly count: number;
  private readonly numBlocks: number;
  private readonly index: number;
  private readonly numPlaces: number;
  private readonly present = new Map<number, Packet>(); // by place

  constructor(
    private readonly file: number,
    arrived: ReadonlyMap<number, Packet>,
    private readonly repairs: readonly RepairPacket[],
  ) {
    ({ count: this.count, numBlocks: this.numBlocks } = repairs[0]);
    this.index = repairs[0].number % this.numBlocks;
    this.numPlaces = Math.floor((this.count - this.index + this.numBlocks - 1) / this.numBlocks);
    for (const [number, packet] of arrived) {
      if (number < this.count && number % this.numBlocks === this.index) this.present.set(this.placeOf(number), packet);
    }
  }

  /** Its packets that did not arrive; none where too many are missing, null where what is there contradicts itself. */
  repaired(): Packet[] | null {
    const numMissing = this.numPlaces - this.present.size;
    if (numMissing === 0 || numMissing > this.repairs.length) return [];
    const repairs = largestParty(this.repairs, ({ shard }) => shard.length);
    if (numMissing > repairs.length) return [];
    const length = repairs[0].shard.length;
    for (const packet of this.present.values()) if (bodyOf(packet).length >= length) return null;
    const missing = Array.from({ length: this.numPlaces }, (_, place) => place).filter((n) => !this.present.has(n));
    const rests = repairs.map((repair) => this.restOf(repair));
    const all = this.tried(missing, rests);
    if (all !== null || rests.length === numMissing) return all;
    const most = Math.min(MOST_LIARS, Math.floor(MOST_WORK / (length * numMissing * numMissing)));
    const found: Packet[][] = [];
    for (const liar of rests.slice(0, most)) {
      const packets = this.tried(
        missing,
        rests.filter((rest) => rest !== liar),
      );
      if (packets !== null) found.push(packets);
    }
    return found.length === 1 ? found[0] : null; // (of several ways none is known to be true)
  }

  private restOf({ number, shard }: RepairPacket): Rest {
    const place = this.placeOf(number);
    const sum = Uint8Array.from(shard);
    for (const [other, packet] of this.present) {
      const body = bodyOf(packet);
      const factor = inverse(place ^ other);
      addTimes(sum, factor, body);
      addTimes(sum.subarray(body.length), factor, Uint8Array.of(MARK + packet.kind));
    }
    return { place, sum };
  }

  /** The missing packets, if they are packets, and if the repair packets that were not needed for them agree. */
  private tried(missing: readonly number[], rests: readonly Rest[]): Packet[] | null {
    const factorsOf = ({ place }: Rest) => Uint8Array.from(missing, (other) => inverse(place ^ other));
    const used = rests.slice(0, missing.length);
    const shards = solved(
      used.map(factorsOf),
      used.map(({ sum }) => sum),
    );
    for (const rest of rests.slice(missing.length)) {
      const left = Uint8Array.from(rest.sum);
      factorsOf(rest).forEach((factor, at) => addTimes(left, factor, shards[at]));
      if (left.some((value) => value !== 0)) return null;
    }
    const packets: Packet[] = [];
    missing.forEach((place, at) => {
      const packet = this.packetOf(shards[at], place * this.numBlocks + this.index);
      if (packet !== null) packets.push(packet);
    });
    return packets.length === missing.length ? packets : null;
  }

  /** The packet that a shard says: its body, its mark, zeros. Null where it says none. */
  private packetOf(shard: Uint8Array, number: number): Packet | null {
    let end = shard.length;
    while (end > 0 && shard[end - 1] === 0) end--;
    if (end === 0) return null;
    const mark = shard[end - 1];
    const kind = mark - MARK;
    if (kind < Kind.first || kind >= Kind.repair || (kind === Kind.first) !== (number === 0)) return null;
    const head = [mark, this.file >> 8, this.file & 255, ...varintOf(number === 0 ? this.count : number)];
    return readChecked(Uint8Array.from([...head, ...shard.subarray(0, end - 1)]));
  }

  private placeOf(number: number): number {
    return Math.floor(number / this.numBlocks);
  }
}

function varintOf(number: number): number[] {
  return number < 128 ? [number] : [128 | (number & 127), ...varintOf(number >> 7)];
}
