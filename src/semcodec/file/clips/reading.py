"""A clip's bytes to what they say. Decoder only; no network, no numpy.

Promises
1. Every prefix of a clip is a clip: what its bytes settle is there, and the rest is a problem that says so.
2. A record that is damaged, or breaks a rule, is left out, and the others stand.
"""

from __future__ import annotations

from semcodec.arguments import door
from semcodec.container.clips import ClipHeader, Record
from semcodec.container.clips.decode import read_clip_frame, signed
from semcodec.container.decode import ByteReader
from semcodec.container.header import LARGEST_SIDE_PX
from semcodec.errors import DamagedError, FormatError, TruncatedError
from semcodec.file.clips import (
    MOST_PAN,
    MOST_TURN,
    MOST_ZOOM,
    BaseClip,
    Camera,
    Clip,
    KeyFrame,
    Motion,
    Shot,
)
from semcodec.ids import MAGIC, RECORD_NAMES, Blend, LayerId, RecordId
from semcodec.layers.text.decode import unpack_words
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.sources import file_bytes
from semcodec.types import Section, Size

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from semcodec.sources import FileSource
    from semcodec.types import Words

_HAS_CAMERA, _HAS_WORDS, _BLEND_SHIFT, _RESERVED = 1, 2, 2, 0xF0


@door()
def read_clip(data: FileSource, *, limits: Limits = DEFAULT_LIMITS) -> Clip:
    """What a clip says, as far as its bytes go, and what is wrong with the rest. No network.

    Raises:
        FormatError: not even the header can be read. LimitError: the clip asks for more than `limits` allow.
    """
    data = file_bytes(data)
    header, records, found = read_clip_frame(data, limits)
    problems: list[FormatError] = list(found)
    keys: dict[int, KeyFrame] = {}
    motions: list[Motion] = []
    shots: dict[int, Shot] = {}
    bases: list[BaseClip] = []
    num_others = 0
    for record in records:
        reader = ByteReader(record.payload)
        try:
            if record.kind == RecordId.KEY_FRAME:
                key = _key_frame(reader, record, header)
                if keys.setdefault(key.frame, key) is not key:
                    raise _Wrong(f"frame {key.frame} has one already")
            elif record.kind == RecordId.MOTION:
                motion, problem = _motion(reader, record, header, limits)
                motions.append(motion)
                if problem is not None:
                    problems.append(problem)
            elif record.kind == RecordId.SHOT:
                shot = Shot(_frame(reader, header))
                _refuse_rest(reader)
                shots[shot.frame] = shot
            elif record.kind == RecordId.BASE_CLIP:
                bases.append(_base_clip(reader, record, header, limits))
            else:
                num_others += 1
        except _Wrong as wrong:
            what = f"the '{RECORD_NAMES[record.kind]}' record whose payload begins at offset {record.offset}: {wrong}"
            problems.append(DamagedError(what, offset=record.offset))
        except FormatError as problem:
            if not record.cut_short:  # (of a record that ends early it is said already)
                at = record.offset + (problem.offset or 0)
                problems.append(DamagedError(f"a record that begins at offset {record.offset}: {problem}", offset=at))
    return Clip(
        header,
        tuple(keys[frame] for frame in sorted(keys)),
        tuple(sorted(motions, key=lambda motion: motion.first)),
        tuple(shots[frame] for frame in sorted(shots)),
        tuple(sorted(bases, key=lambda base: base.first)),
        num_others,
        tuple(problems),
        len(data),
    )


class _Wrong(Exception):
    """A record breaks a rule."""


def _frame(reader: ByteReader, header: ClipHeader) -> int:
    frame = reader.varint("a frame number")
    if frame >= header.num_frames:
        raise _Wrong(f"frame {frame} is none of the {header.num_frames} frames of the clip")
    return frame


def _refuse_rest(reader: ByteReader) -> None:
    if reader.num_left:
        raise _Wrong(f"it has {reader.num_left} bytes more than it needs")


def _key_frame(reader: ByteReader, record: Record, header: ClipHeader) -> KeyFrame:
    frame = _frame(reader, header)
    offset = record.offset + reader.offset
    still = reader.take_up_to(reader.num_left)
    if still[: len(MAGIC)] != MAGIC[: len(still)] or not still:
        if record.cut_short:
            raise TruncatedError("a key frame without a picture", offset=offset)
        raise _Wrong("no still file is in it")
    return KeyFrame(frame, still, record.cut_short, offset)


def _motion(
    reader: ByteReader, record: Record, header: ClipHeader, limits: Limits
) -> tuple[Motion, FormatError | None]:
    first = _frame(reader, header)
    last = first + 1 + reader.varint("the length of a span")
    if last >= header.num_frames:
        raise _Wrong(f"it ends at frame {last}, which is none of the {header.num_frames} frames of the clip")
    flags = reader.take(1, "the flags of a motion")[0]
    if flags & _RESERVED or flags >> _BLEND_SHIFT > max(Blend):
        raise _Wrong(f"flags {flags} are not known")
    blend, camera = Blend(flags >> _BLEND_SHIFT), None
    if flags & _HAS_CAMERA:
        numbers = [signed(reader.varint("the motion of the camera")) for _ in range(4)]
        for number, most in zip(numbers, (MOST_PAN, MOST_PAN, MOST_ZOOM, MOST_TURN), strict=True):
            if abs(number) > most:
                raise _Wrong(f"a motion of {number} is beyond {most}")
        camera = Camera(*numbers)
    words: Words | None = None
    problem: FormatError | None = None
    if flags & _HAS_WORDS:
        model = reader.take(1, "the table of the words")[0]
        offset, is_sized = record.offset + reader.offset, not record.cut_short
        payload = reader.take_up_to(reader.num_left)
        section = Section(LayerId.TEXT, model, payload, cut_short=record.cut_short, sized=is_sized, offset=offset)
        words, problem = unpack_words(section, limits)
    _refuse_rest(reader)
    return Motion(first, last, blend, camera, words), None if record.cut_short else problem


def _base_clip(reader: ByteReader, record: Record, header: ClipHeader, limits: Limits) -> BaseClip:
    first = _frame(reader, header)
    num_frames, every = reader.varint("the frames of a base clip") + 1, reader.varint("every which frame") + 1
    if first + (num_frames - 1) * every >= header.num_frames:
        raise _Wrong(f"it ends behind the {header.num_frames} frames of the clip")
    coding = reader.take(1, "the coding of a base clip")[0]
    coded = Size(reader.varint("the coded width") + 1, reader.varint("the coded height") + 1)
    if max(coded.width_px, coded.height_px) > LARGEST_SIDE_PX:
        raise _Wrong(f"a side of {coded} is above {LARGEST_SIDE_PX}")
    num_pixels = coded.width_px * coded.height_px
    limits.ask(
        "max_working_pixels", num_pixels, f"the base clip of {coded} has {num_pixels} pixels", offset=record.offset
    )
    tools = reader.take(reader.varint("the length of the tools"), "the tools of a base clip")
    units: list[bytes] = []
    while len(units) < num_frames and reader.num_left:
        try:
            units.append(reader.take(reader.varint("the length of a unit"), "a unit of a base clip"))
        except TruncatedError:
            if record.cut_short:
                break  # (the units before it are whole)
            raise
    if not record.cut_short:
        if len(units) < num_frames:
            raise _Wrong(f"it has {len(units)} units for {num_frames} pictures")
        _refuse_rest(reader)
    return BaseClip(first, num_frames, every, coding, coded, tools, tuple(units), record.offset)
