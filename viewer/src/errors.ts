/** Every error that this package throws on purpose: what is wrong, where, and what to do about it. */
export class SemcodecError extends Error {
  override readonly name: string = "SemcodecError";
}

/** The bytes break the format. `offset` counts bytes from the start of the file; null where it is no byte that is wrong. */
export class FormatError extends SemcodecError {
  override readonly name: string = "FormatError";
  constructor(
    message: string,
    readonly offset: number | null,
  ) {
    super(offset === null ? message : `${message} (offset ${offset})`);
  }
}

/** The file does not begin with the magic number. */
export class NotSemcError extends FormatError {
  override readonly name: string = "NotSemcError";
}

/** Bytes that are no packet, or none of many. */
export class NotAPacketError extends NotSemcError {
  override readonly name = "NotAPacketError";
}

/** The file is of a version that this build does not read. */
export class UnsupportedVersionError extends FormatError {
  override readonly name = "UnsupportedVersionError";
}

/** The file, or what has no length in it, ends before its time. */
export class TruncatedError extends FormatError {
  override readonly name = "TruncatedError";
}

/** A payload has what no writer writes: a check that does not hold, another end, a rule broken. */
export class DamagedError extends FormatError {
  override readonly name = "DamagedError";
}

/** Tokens or pixels of a kind that this build does not have. */
export class UnknownFamilyError extends FormatError {
  override readonly name = "UnknownFamilyError";
}

/** Words or regions coded with a table that this build does not have. */
export class UnknownTextTableError extends FormatError {
  override readonly name = "UnknownTextTableError";
}

/** A base picture of a coding that this build does not have. */
export class UnknownBaseError extends FormatError {
  override readonly name = "UnknownBaseError";
}

/** A packet breaks the format, or the first one of a file is absent. `offset` counts from the start of the packet. */
export class PacketError extends FormatError {
  override readonly name = "PacketError";
}

/** A good file that asks for more than `Limits` allow; `offset` is where it does. */
export class LimitError extends SemcodecError {
  override readonly name = "LimitError";
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** The file says nothing that a picture could be painted from, or nothing that can be painted here. */
export class NoPictureError extends SemcodecError {
  override readonly name = "NoPictureError";
}
