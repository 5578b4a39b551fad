"""Clips: good ones, and every way to be wrong."""

from __future__ import annotations

from collections.abc import Iterator

from conformance_files.tools import Case, Kit, text_section, words_file
from semcodec.container.clips import ClipHeader, Record, check_of
from semcodec.container.clips.encode import pack_clip_header, pack_record
from semcodec.file.clips import BaseClip, Camera, KeyFrame, Motion, Shot
from semcodec.file.clips.writing import Part, pack_clip
from semcodec.ids import Blend, Origin
from semcodec.types import Size, Words

HEADER = ClipHeader(Size(96, 64), (25, 1), 40)
UNKNOWN_RECORD = 99
STILL = words_file(text_section("a cat"))
OTHER = words_file(text_section("two dogs"))
MOTION = Motion(0, 20, Blend.MOVED, Camera(-512, 37, 205, -9), Words("The camera pans right.", "en", Origin.MACHINE))
BASE = BaseClip(21, 5, 4, 1, Size(48, 32), b"\x05\x01", (b"first", b"second", b"", b"fourth", b"fifth"))
PARTS: tuple[Part, ...] = (KeyFrame(0, STILL), MOTION, Shot(21), KeyFrame(21, OTHER), BASE)
BEGIN = len(pack_clip_header(HEADER))


def _with(*records: Record, header: ClipHeader = HEADER) -> bytes:
    """The header, and records of any content; the last is marked so."""
    last = len(records) - 1
    packed = (pack_record(record, is_last=at == last) for at, record in enumerate(records))
    return pack_clip_header(header) + b"".join(packed)


def _raw_header(*fields: bytes, magic: bytes = b"\xc5\xed\x10") -> bytes:
    data = magic + b"".join(fields)
    return data + check_of(data)


def good(kit: Kit) -> Iterator[Case]:
    whole = pack_clip(HEADER, PARTS)
    yield Case("whole", "two key frames, a motion, a shot, a base clip", whole, ("CK1", "CM1", "CS1", "CB1", "CB3"))
    picture = kit.picture(96, 64)
    tokens = picture.file(text_section(), picture.tokens(picture.everything()[:2]))
    yield Case("picture", "a key frame with a picture", pack_clip(HEADER, [KeyFrame(7, tokens)]), ("CK2",))
    yield Case("any-order", "the same as whole, backwards", pack_clip(HEADER, PARTS[::-1]))
    blends = [Motion(9 * at, 9 * at + 9, blend) for at, blend in enumerate(Blend)]
    yield Case("blends", "moved, faded, held, with neither camera nor words", pack_clip(HEADER, blends), ("CM2",))
    largest = Motion(0, 39, Blend.MOVED, Camera(65536, -65536, 32768, -65536))
    yield Case("camera-largest", "the largest numbers that a camera may have", pack_clip(HEADER, [largest]), ("CM3",))
    one = ClipHeader(Size(1, 1), (30000, 1001), 1)
    yield Case("one-frame", "one frame of one pixel, 30000/1001 a second", pack_clip(one, [KeyFrame(0, STILL)]))
    unknown = Record(UNKNOWN_RECORD, b"of a newer writer")
    key = Record(1, b"\x00" + STILL)
    yield Case(
        "unknown-record", "a record of a kind that is not known yet, and a key frame", _with(unknown, key), ("CR2",)
    )
    coding = BaseClip(0, 1, 1, 200, Size(48, 32), b"", (b"unit",))
    yield Case("unknown-coding", "a base clip of a coding that is not known yet", pack_clip(HEADER, [coding]), ("CB2",))


def malformed(kit: Kit) -> Iterator[Case]:
    whole = pack_clip(HEADER, PARTS)
    size, rate, frames = b"\x5f\x3f", b"\x19\x01", b"\x27"
    record = _with(Record(1, b"\x00" + STILL))[BEGIN:]
    yield Case("magic", "another magic number", b"\xc5\xee" + whole[2:], ("CH1",), "NotAClipError: begins with c5 ee")
    newer = _raw_header(size, rate, frames, magic=b"\xc5\xed\x20") + record
    yield Case("version", "version 2", newer, ("CH1",), "UnsupportedVersionError: clip format 2")
    reserved = _raw_header(size, rate, frames, magic=b"\xc5\xed\x11") + record
    yield Case("reserved", "a reserved bit is set", reserved, ("CH2",), "FormatError: reserved bit")
    for name, about, wrong in (
        ("rate-zero", "no frames a second", b"\x00\x01"),
        ("rate-terms", "50/2 frames a second", b"\x32\x02"),
    ):
        data = _raw_header(size, wrong, frames) + record
        yield Case(name, about, data, ("CH2",), "FormatError: is none in lowest terms")
    check = whole[: BEGIN - 1] + bytes([whole[BEGIN - 1] ^ 1]) + whole[BEGIN:]
    yield Case("header-check", "the header's check does not hold", check, ("CH2",), "DamagedError: the header's check")
    yield Case("header-cut", "the file ends inside its header", whole[:5], ("CR4",), "TruncatedError: the frame rate")
    side = _raw_header(b"\x80\x80\x80\x02", b"\x3f", rate, frames) + record
    yield Case("side", "a side of 4194305 pixels", side, ("CH2",), "FormatError: is above 4194304")
    zero = _with(Record(1, b"\x00" + STILL), Record(1, b"\x01" + STILL))
    at = BEGIN + 1 + 1 + 1 + len(STILL) + 2
    zero = zero[:at] + b"\x00" + zero[at + 1 :]
    yield Case("record-zero", "a record of number 0", zero, ("CR1",), "FormatError: record number 0")
    damaged = whole[: BEGIN + 5] + bytes([whole[BEGIN + 5] ^ 32]) + whole[BEGIN + 6 :]
    yield Case("record-check", "a bit of a key frame is flipped", damaged, ("CR3",), "DamagedError: does not hold")
    yield Case(
        "cut", "the file ends inside its last record", whole[:-9], ("CR4", "CB3"), "TruncatedError: ends inside a"
    )
    yield Case(
        "no-last",
        "it ends before a last record",
        whole[: BEGIN + 5 + len(STILL)],
        ("CR4",),
        "TruncatedError: last record",
    )
    yield Case("behind", "bytes behind the last record", whole + b"more", ("CR5",), "FormatError: 4 bytes stand behind")
    key = Record(1, b"\x00" + STILL)
    wrong: tuple[tuple[str, str, str, int, bytes, str], ...] = (
        ("key-frame-beyond", "a key frame at frame 40 of 40", "CK1", 1, b"\x28" + STILL, "frame 40 is none of"),
        ("key-no-still", "no still file in it", "CK2", 1, b"\x03PNG", "no still file"),
        ("motion-beyond", "a motion that ends behind the clip", "CM1", 2, b"\x00\x27\x00", "ends at frame 40"),
        ("motion-flags", "an unknown flag", "CM2", 2, b"\x00\x03\x10", "flags 16"),
        ("motion-blend", "an unknown blend", "CM2", 2, b"\x00\x03\x0c", "flags 12"),
        ("motion-pan", "a pan of 65537", "CM3", 2, b"\x00\x03\x01\x81\x80\x08\x00\x00\x00", "beyond 65536"),
        ("motion-behind", "a byte too many", "CM2", 2, b"\x00\x03\x00\x00", "1 bytes more"),
        ("shot-beyond", "a shot at frame 40 of 40", "CS1", 3, b"\x28", "frame 40 is none of"),
        ("shot-behind", "a byte too many", "CS1", 3, b"\x07\x00", "1 bytes more"),
        (
            "base-beyond",
            "its last picture is behind the clip",
            "CB1",
            4,
            b"\x00\x27\x01\x01\x2f\x1f\x00\x00",
            "ends behind",
        ),
        ("base-units", "one unit for two pictures", "CB3", 4, b"\x00\x01\x00\x01\x2f\x1f\x00\x01u", "1 units for 2"),
        ("base-behind", "bytes behind its units", "CB3", 4, b"\x00\x00\x00\x01\x2f\x1f\x00\x01uu", "1 bytes more"),
    )
    for at, (name, about, must, kind, payload, says) in enumerate(wrong):
        skipped = Record(UNKNOWN_RECORD, bytes(at + 1))  # (so that each is refused at an offset of its own)
        data = _with(skipped, Record(kind, payload), key)
        yield Case(name, about, data, (must, "CR3"), f"DamagedError: {says}")
    twice = _with(key, Record(1, b"\x00" + OTHER))
    yield Case("key-twice", "two key frames of one frame", twice, ("CK1",), "DamagedError: has one already")
    large = pack_clip(ClipHeader(Size(96, 64), (25, 1), 1 << 21), [KeyFrame(0, STILL)])
    yield Case("frames-limit", "two million frames", large, (), "LimitError: max_frames")
