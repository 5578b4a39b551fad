"""The frame of a clip, read: header and records. Every read is bounded and knows where it is. Decoder only."""

from __future__ import annotations

from math import gcd

from semcodec.container.clips import CHECK_BYTES, KIND, LAST, ClipHeader, Record, check_of
from semcodec.container.decode import ByteReader
from semcodec.container.header import LARGEST_SIDE_PX, check_size
from semcodec.errors import (
    DamagedError,
    FormatError,
    LimitError,
    NotAClipError,
    TruncatedError,
    UnsupportedVersionError,
)
from semcodec.ids import CLIP_FORMAT_VERSION, CLIP_MAGIC, MAGIC, RECORD_NAMES
from semcodec.limits import Limits
from semcodec.types import Size


def read_clip_frame(data: bytes, limits: Limits) -> tuple[ClipHeader, tuple[Record, ...], list[FormatError]]:
    """Header, records as far as the file goes, and what is wrong with the rest.

    A record whose check does not hold is left out. A file that ends early gives the records that are there, the last of
    them marked `cut_short` if the file ends inside it. Raises where not even the header can be read.
    """
    reader = ByteReader(data)
    header = unpack_clip_header(reader, data, limits)
    records: list[Record] = []
    problems: list[FormatError] = []
    num_met = 0
    try:
        while True:
            if not reader.num_left:
                message = f"the file ends at offset {reader.offset}, before its last record"
                problems.append(TruncatedError(message, offset=reader.offset))
                break
            num_met += 1
            limits.ask("max_records", num_met, f"the clip has {num_met} records or more", offset=reader.offset)
            record, is_last, damage = _read_record(reader, data)
            if damage is not None:
                problems.append(damage)
            if record is not None:
                records.append(record)
            if record is not None and record.cut_short:
                break
            if is_last:
                if reader.num_left:
                    message = f"{reader.num_left} bytes stand behind the last record (offset {reader.offset})"
                    problems.append(FormatError(message, offset=reader.offset))
                break
    except LimitError:
        raise
    except FormatError as problem:
        problems.append(problem)
    return header, tuple(records), problems


def _read_record(reader: ByteReader, data: bytes) -> tuple[Record | None, bool, FormatError | None]:
    start = reader.offset
    kind_byte = reader.take(1, "a record's head")[0]
    kind, is_last = kind_byte & KIND, bool(kind_byte & LAST)
    if not kind:
        raise FormatError(f"record number 0 at offset {start}: the file is damaged", offset=start)
    length = reader.varint("a record's length")
    offset = reader.offset
    payload = reader.take_up_to(length)
    name = RECORD_NAMES.get(kind, f"record {kind}")
    if len(payload) < length or reader.num_left < CHECK_BYTES:
        message = f"the file ends inside a '{name}' record: it begins at offset {start}, the file ends at {len(data)}"
        return Record(kind, payload, cut_short=True, offset=offset), False, TruncatedError(message, offset=len(data))
    if reader.take(CHECK_BYTES, "a record's check") != check_of(data[start : offset + length]):
        message = f"the check of the '{name}' record at offset {start} does not hold: it is left out"
        return None, is_last, DamagedError(message, offset=start)
    return Record(kind, payload, offset=offset), is_last, None


def unpack_clip_header(reader: ByteReader, data: bytes, limits: Limits) -> ClipHeader:
    """The header at the reader's place, which is the file's start. Raises `FormatError` or `LimitError`."""
    magic = reader.take_up_to(len(CLIP_MAGIC))
    if not CLIP_MAGIC.startswith(magic) or not magic:
        if magic == MAGIC:
            raise NotAClipError(
                "this is a picture (.semc), not a clip: `semcodec info` and `semcodec decode` read it; or name a .semv "
                "file",
                offset=0,
            )
        shown = magic.hex(" ") or "nothing"
        raise NotAClipError(f"no clip: it begins with {shown} at offset 0, not with {CLIP_MAGIC.hex(' ')}", offset=0)
    if magic != CLIP_MAGIC:
        reader.take(1, "the magic number")
    version = reader.take(1, "the header")[0]
    if version >> 4 != CLIP_FORMAT_VERSION:
        raise UnsupportedVersionError(
            f"clip format {version >> 4} at offset 2; this build reads format {CLIP_FORMAT_VERSION}: install a newer "
            "semcodec, or get the file again if it may be damaged",
            offset=2,
        )
    if version & 15:
        raise FormatError("a reserved bit at offset 2 is set: the file is damaged", offset=2)
    at_size = reader.offset
    size = Size(reader.varint("the width") + 1, reader.varint("the height") + 1)
    at_rate = reader.offset
    numerator, denominator = reader.varint("the frame rate"), reader.varint("the frame rate")
    at_frames = reader.offset
    num_frames = reader.varint("the number of frames") + 1
    checked = data[: reader.offset]
    if reader.take(CHECK_BYTES, "the header's check") != check_of(checked):
        raise DamagedError(f"the header's check at offset {len(checked)} does not hold", offset=len(checked))
    if max(size.width_px, size.height_px) > LARGEST_SIDE_PX:
        raise FormatError(f"a side of {size} (offset {at_size}) is above {LARGEST_SIDE_PX}", offset=at_size)
    if not numerator or not denominator or gcd(numerator, denominator) != 1:
        raise FormatError(
            f"a frame rate of {numerator}/{denominator} (offset {at_rate}) is none in lowest terms", offset=at_rate
        )
    check_size(size, limits, offset=at_size)
    limits.ask("max_frames", num_frames, f"the clip has {num_frames} frames", offset=at_frames)
    num_pixels = size.width_px * size.height_px * num_frames
    limits.ask("max_clip_pixels", num_pixels, f"{num_frames} frames of {size} have {num_pixels} pixels", offset=at_size)
    return ClipHeader(size, (numerator, denominator), num_frames)


def signed(value: int) -> int:
    """The whole number that one of 0 or more stands for: 0, 1, 2, 3, 4 ... to 0, -1, 1, -2, 2 ..."""
    return -((value + 1) >> 1) if value & 1 else value >> 1
