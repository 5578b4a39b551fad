import { crc16 } from "../base/crc.js";
import { ByteReader } from "../container/bytes.js";
import { FormatError, NotAPacketError, PacketError } from "../errors.js";

export const Kind = { first: 0, front: 1, tokens: 2, back: 3, repair: 4 } as const;
export const MARK = 0xf8;
const NUM_KINDS = 5;
const CHECK_BYTES = 2;
const MAX_BYTES = 65535;

/** One packet: chapter 1 of docs/packets.md. */
export interface Packet {
  readonly kind: number;
  /** The number of its file. */
  readonly file: number;
  /** Which packet it is; 0 is the first. */
  readonly number: number;
  /** How many there are; only the first says it. */
  readonly count: number | null;
  /** Without the check. */
  readonly bytes: Uint8Array;
  /** Where its body begins. */
  readonly bodyAt: number;
}

/** A packet whose check holds. Throws `NotAPacketError`, `PacketError`; offsets count from the start of the packet. */
export function readPacket(bytes: Uint8Array): Packet {
  const kind = (bytes[0] ?? 0) - MARK;
  if (kind < 0 || kind >= NUM_KINDS) throw new NotAPacketError("no packet: it begins with another mark", 0);
  if (bytes.length > MAX_BYTES) throw new NotAPacketError(`no packet: it goes on behind ${MAX_BYTES} bytes`, MAX_BYTES);
  const end = bytes.length - CHECK_BYTES;
  if (end < 4) throw new PacketError("the packet ends early", bytes.length);
  if ((crc16(bytes.subarray(0, end)) ^ 0xffff) !== ((bytes[end] << 8) | bytes[end + 1])) {
    throw new PacketError("the packet is damaged: its check does not hold; have it sent again", end);
  }
  return readChecked(bytes.subarray(0, end));
}

/** A packet without its check, as repair packets give it. Throws `PacketError`. */
export function readChecked(bytes: Uint8Array): Packet {
  const reader = new ByteReader(bytes);
  const [mark, high, low] = reader.take(3, "a packet");
  const kind = mark - MARK;
  const number = packetVarint(reader);
  if (number === 0) throw new PacketError("the packet has number or count 0", 3);
  const isFirst = kind === Kind.first;
  const [file, bodyAt] = [(high << 8) | low, reader.offset];
  return { kind, file, number: isFirst ? 0 : number, count: isFirst ? number : null, bytes, bodyAt };
}

export function bodyOf({ bytes, bodyAt }: Packet): Uint8Array {
  return bytes.subarray(bodyAt);
}

/** At the beginning of the body. */
export function readerOf(packet: Packet): ByteReader {
  const reader = new ByteReader(packet.bytes);
  reader.offset = packet.bodyAt;
  return reader;
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
