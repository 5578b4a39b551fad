import { crc16 } from "../base/crc.js";
import { ByteReader } from "../container/bytes.js";
import { FormatError, PacketError } from "../errors.js";

export const Kind = { first: 0, front: 1, tokens: 2, back: 3 } as const;
const MARK = 0xf8;
const NUM_KINDS = 4;
const CHECK_BYTES = 2;
const MAX_BYTES = 65535;

/** One packet, its check held: chapter 1 of docs/packets.md. */
export interface Packet {
  readonly kind: number;
  /** The number of its file. */
  readonly file: number;
  /** Which packet it is; 0 is the first. */
  readonly number: number;
  /** How many there are; only the first says it. */
  readonly count: number | null;
  readonly body: Uint8Array;
}

/** Throws `PacketError`; offsets count from the start of the packet. */
export function readPacket(bytes: Uint8Array): Packet {
  if (bytes.length > MAX_BYTES) throw new PacketError(`a packet of ${bytes.length} bytes, above ${MAX_BYTES}`, 0);
  const kind = (bytes[0] ?? 0) - MARK;
  if (kind < 0 || kind >= NUM_KINDS) throw new PacketError("no packet: it begins with another mark", 0);
  const end = bytes.length - CHECK_BYTES;
  if (end < 3) throw new PacketError("the packet ends early", bytes.length);
  if ((crc16(bytes.subarray(0, end)) ^ 0xffff) !== ((bytes[end] << 8) | bytes[end + 1])) {
    throw new PacketError("the packet is damaged: its check does not hold; have it sent again", end);
  }
  const reader = new ByteReader(bytes.subarray(0, end));
  reader.offset = 1;
  const [high, low] = reader.take(2, "a packet");
  const number = packetVarint(reader);
  if (number === 0) throw new PacketError("the packet has number or count 0", 3);
  const body = reader.take(reader.numLeft, "a packet");
  const isFirst = kind === Kind.first;
  return { kind, file: (high << 8) | low, number: isFirst ? 0 : number, count: isFirst ? number : null, body };
}

/** A varint whose faults are the packet's. */
export function packetVarint(reader: ByteReader): number {
  try {
    return reader.varint("a number of the packet");
  } catch (error) {
    if (error instanceof FormatError) throw new PacketError(error.message, error.offset);
    throw error;
  }
}
