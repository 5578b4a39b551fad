"""Clips: what is written is read, every prefix plays, and damage costs a record, never more than it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcodec.container.clips import ClipHeader, Record
from semcodec.container.clips.encode import pack_clip_header, pack_record
from semcodec.container.encode import write_file
from semcodec.errors import (
    DamagedError,
    FormatError,
    LimitError,
    NotAClipError,
    SemcodecError,
    TruncatedError,
    UnsupportedVersionError,
)
from semcodec.file.clips import BaseClip, Camera, Clip, KeyFrame, Motion, Shot
from semcodec.file.clips.reading import read_clip
from semcodec.file.clips.writing import Part, pack_clip
from semcodec.ids import Blend, LayerId, Origin
from semcodec.limits import Limits
from semcodec.types import FileHeader, Section, Size, Words

HEADER = ClipHeader(Size(640, 360), (30000, 1001), 120)
STILL = write_file(FileHeader(Size(640, 360), 4), [Section(LayerId.VECTOR, 1, bytes(32))])
PARTS: tuple[Part, ...] = (
    KeyFrame(0, STILL),
    Motion(0, 60, Blend.MOVED, Camera(-512, 3, 40, -7), Words("The camera pans right.", "en", Origin.MACHINE)),
    Shot(61),
    KeyFrame(61, STILL + b"more"),
    Motion(61, 119, Blend.HELD),
    BaseClip(0, 4, 2, 1, Size(320, 180), b"\x12\x34", (b"first", b"", b"third", b"fourth")),
)

sizes = st.builds(Size, st.integers(1, 5000), st.integers(1, 5000))
rates = st.sampled_from([(25, 1), (30000, 1001), (1, 3), (60, 1)])
cameras = st.builds(
    Camera,
    st.integers(-65536, 65536), st.integers(-65536, 65536), st.integers(-32768, 32768), st.integers(-65536, 65536),
)  # fmt: skip
words = st.builds(Words, st.text("abc XYZ.,äß", min_size=1, max_size=20), st.just("en"), st.sampled_from(Origin))


@st.composite
def clips(draw: st.DrawFn) -> tuple[ClipHeader, list[Part]]:
    num_frames = draw(st.integers(2, 5000))
    frames = st.integers(0, num_frames - 1)
    parts: list[Part] = [KeyFrame(frame, STILL) for frame in draw(st.sets(frames, min_size=1, max_size=4))]
    for first in sorted(draw(st.sets(st.integers(0, num_frames - 2), max_size=3))):
        last = draw(st.integers(first + 1, num_frames - 1))
        said = draw(st.none() | words)
        parts.append(Motion(first, last, draw(st.sampled_from(Blend)), draw(st.none() | cameras), said))
    parts += [Shot(frame) for frame in draw(st.sets(frames, max_size=2))]
    if draw(st.booleans()):
        first, num = draw(st.integers(0, num_frames - 1)), draw(st.integers(1, 3))
        num = 1 if first + 2 * num > num_frames else num
        units = tuple(draw(st.lists(st.binary(max_size=200), min_size=num, max_size=num)))
        parts.append(BaseClip(first, num, 2, 1, draw(sizes), draw(st.binary(max_size=4)), units))
    return ClipHeader(draw(sizes), draw(rates), num_frames), draw(st.permutations(parts))


def parts_of(clip: Clip) -> set[Part]:
    return {*clip.key_frames, *clip.motions, *clip.shots, *clip.base_clips}


@settings(max_examples=40, deadline=None)
@given(clips())
def test_what_is_written_is_read(written: tuple[ClipHeader, list[Part]]):
    header, parts = written
    clip = read_clip(pack_clip(header, parts))
    assert not clip.problems
    assert clip.header == header
    assert parts_of(clip) == set(parts)
    assert [key.frame for key in clip.key_frames] == sorted(key.frame for key in clip.key_frames)


def test_every_prefix_plays():
    data, seen = pack_clip(HEADER, PARTS), 0
    for end in range(len(data)):
        if end < len(pack_clip_header(HEADER)):
            with pytest.raises(FormatError):
                read_clip(data[:end])
            continue
        clip = read_clip(data[:end])
        assert any(isinstance(problem, TruncatedError) for problem in clip.problems), end
        whole = {part for part in parts_of(clip) if part in PARTS}
        assert len(whole) >= seen, "more bytes say no less"
        seen = len(whole)
    assert seen == len(PARTS), "but for its last check it is whole"
    assert not read_clip(data).problems


def test_a_base_clip_that_is_cut_short_keeps_its_whole_pictures():
    data = pack_clip(HEADER, PARTS)
    (base,) = read_clip(data[:-9]).base_clips
    assert base.units == (b"first", b"", b"third")
    assert base.num_frames == 4


def test_a_key_frame_that_is_cut_short_says_so():
    data = pack_clip(HEADER, [KeyFrame(0, STILL)])
    (key,) = read_clip(data[:-9]).key_frames
    assert key.cut_short
    assert STILL.startswith(key.still)
    assert data[key.offset :].startswith(key.still)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_changed_byte_costs_a_record_and_is_told(draw: st.DataObject):
    data = bytearray(pack_clip(HEADER, PARTS))
    at = draw.draw(st.integers(0, len(data) - 1))
    data[at] ^= draw.draw(st.integers(1, 255))
    try:
        clip = read_clip(bytes(data))
    except FormatError:
        assert at < len(pack_clip_header(HEADER))
        return
    assert clip.problems
    wrong = {part for part in parts_of(clip) if part not in PARTS}
    assert all(isinstance(part, KeyFrame | Motion | BaseClip) for part in wrong)
    assert len(wrong) <= 1, "only a record that seems to be cut short is taken without its check"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_only_our_errors_come_out(noise: bytes):
    for data in (noise, pack_clip_header(HEADER) + noise):
        try:
            read_clip(data)
        except SemcodecError as exc:
            assert str(exc)


def test_records_of_an_unknown_kind_are_skipped():
    data = pack_clip_header(HEADER) + pack_record(Record(99, b"what is to come"), is_last=False)
    data += pack_clip(HEADER, PARTS)[len(pack_clip_header(HEADER)) :]
    clip = read_clip(data)
    assert not clip.problems
    assert clip.others == 1
    assert parts_of(clip) == set(PARTS)


@pytest.mark.parametrize(
    ("kind", "payload", "sentence"),
    [
        (1, b"\x00", "no still file"),
        (1, b"\x00PNG", "no still file"),
        (1, b"\x78" + STILL, "frame 120 is none of the 120 frames"),
        (2, b"\x00\x76\x00x", "1 bytes more"),
        (2, b"\x00\x77\x00", "ends at frame 120"),
        (2, b"\x00\x00\x10", "flags 16"),
        (2, b"\x00\x00\x0c", "flags 12"),
        (2, b"\x00\x00\x01\xff\xff\x3f\x00\x00\x00", "beyond 65536"),
        (2, b"\x00\x00", "ends inside the flags"),
        (2, b"\x00\x00\x02\xee", "text table"),
        (3, b"\x05\x00", "1 bytes more"),
        (4, b"\x00\x77\x00\x01\x00\x00\x00\x00", "1 units for 120 pictures"),
        (4, b"\x00\x77\x01\x01\x00\x00\x00\x00", "ends behind the 120 frames"),
        (4, b"\x00\x00\x00\x01\x00\x00\x00\x00\x00", "1 bytes more"),
        (4, b"\x00\x00\x00\x01\x00\x00\x00\x09x", "ends inside a unit"),
    ],
)
def test_a_record_that_breaks_a_rule_is_left_out_with_a_sentence(kind: int, payload: bytes, sentence: str):
    good = pack_record(Record(1, b"\x07" + STILL), is_last=True)
    clip = read_clip(pack_clip_header(HEADER) + pack_record(Record(kind, payload), is_last=False) + good)
    assert [key.frame for key in clip.key_frames] == [7], "the record behind it stands"
    (problem,) = clip.problems
    assert sentence in str(problem)


def test_the_first_key_frame_of_a_frame_counts():
    clip = read_clip(pack_clip(HEADER, [KeyFrame(3, STILL), KeyFrame(3, STILL + b"x")]))
    assert [key.still for key in clip.key_frames] == [STILL]
    assert isinstance(clip.problems[0], DamagedError)


@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        (b"", NotAClipError, "begins with nothing"),
        (b"\xc5\xec\x10", NotAClipError, "name a .semv file"),
        (b"\xc5", TruncatedError, "magic number"),
        (b"\xc5\xed\x20", UnsupportedVersionError, "clip format 2"),
        (b"\xc5\xed\x11", FormatError, "reserved bit"),
        (pack_clip_header(HEADER)[:-1] + b"x", DamagedError, "check"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused(data: bytes, error: type[FormatError], sentence: str):
    with pytest.raises(error, match=sentence):
        read_clip(data)


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(max_pixels=1000), "max_pixels"),
        (Limits(max_frames=119), "max_frames"),
        (Limits(max_clip_pixels=10_000_000), "max_clip_pixels"),
        (Limits(max_records=3), "max_records"),
        (Limits(max_caption_chars=5), "max_caption_chars"),
        (Limits(max_working_pixels=1000), "max_working_pixels"),
    ],
)
def test_what_is_above_a_limit_is_refused_by_its_name(limits: Limits, name: str):
    data = pack_clip(HEADER, PARTS)
    with pytest.raises(LimitError, match=name):
        read_clip(data, limits=limits)


def test_the_smallest_clip_is_these_bytes():
    assert pack_clip(ClipHeader(Size(4, 3), (25, 1), 2), [Shot(1), Motion(0, 1)]).hex(" ") == (
        "c5 ed 10 03 02 19 01 01 98 1b "  # magic, version, 4x3, 25/1, 2 frames, check
        "03 01 01 49 23 "  # a shot at frame 1
        "82 03 00 00 00 13 7c"  # the last record: motion from 0 to 1
    )
