"""Clips with a base clip: found for a budget, shown restored, cut and damaged."""

from __future__ import annotations

import io
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from semcodec import clips
from semcodec.clips.base_search import next_crf, pieces_of, sampled_pieces, shrunk_size
from semcodec.clips.walk import Made
from semcodec.errors import VideoError
from semcodec.file.clips.writing import pack_clip
from semcodec.types import Size
from semcodec.video.writing import Mp4Writer

WIDTH, HEIGHT, NUM = 192, 144, 14


def film(num_frames: int = NUM, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A texture that goes by, with a cut in the middle of 14 frames."""
    rng = np.random.Generator(np.random.Philox(3))
    texture = np.kron(rng.integers(30, 110, (height // 6 + 9, width // 6 + 9, 3)), np.ones((6, 6, 1))).astype(np.uint8)
    out = io.BytesIO()
    with Mp4Writer(out, Size(width, height), Fraction(25), crf=10) as writer:
        for at in range(num_frames):
            frame = texture[at : at + height, 2 * at : 2 * at + width]
            writer.add(frame if at < 7 else 255 - frame[::-1])
    return out.getvalue()


@pytest.fixture(scope="module")
def encoded() -> clips.EncodedClip:
    return clips.encode(film(), bytes=2000, picture="base", describe=False, effort=4)


def test_a_base_clip_fills_the_bytes_and_no_more(encoded: clips.EncodedClip):
    assert 1600 < len(encoded.data) <= 2000
    clip = clips.read(encoded.data)
    assert not clip.key_frames
    assert [(base.first, base.num_frames) for base in clip.base_clips] == [(0, 7), (7, 7)]  # one for each shot


@pytest.mark.usefixtures("embedded_restorer")
def test_each_frame_is_restored_and_near_what_was_sent(encoded: clips.EncodedClip):
    playing = clips.decode(encoded.data)
    shown = list(playing.frames())
    assert [one.frame for one in shown] == list(range(NUM))
    assert {one.made for one in shown} == {Made.RESTORED}
    assert {one.image_HWC.shape for one in shown} == {(HEIGHT, WIDTH, 3)}
    plain = list(clips.decode(encoded.data, restore=False).frames())
    assert {one.made for one in plain} == {Made.SENT}
    wrong = [np.abs(a.image_HWC.astype(int) - b.image_HWC).mean() for a, b in zip(shown, plain, strict=True)]
    assert 0 < min(wrong) and max(wrong) < 60
    assert not playing.problems


def test_a_cut_clip_shows_what_is_there_and_holds_the_last(encoded: clips.EncodedClip):
    playing = clips.decode(encoded.data[: len(encoded.data) * 2 // 3])
    made = [shown.made for shown in playing.frames()]
    assert len(made) == NUM
    assert made[0] is Made.SENT and made[-1] is Made.HELD
    assert playing.problems


def test_a_unit_that_is_none_ends_its_base_clip_with_a_sentence(encoded: clips.EncodedClip):
    clip = clips.read(encoded.data)
    first, second = clip.base_clips
    broken = replace(first, units=(*first.units[:3], b"\x0a\x01\xff", *first.units[4:]))
    playing = clips.decode(pack_clip(clip.header, [broken, second]))
    made = [shown.made for shown in playing.frames()]
    assert made[2] is made[7] is Made.SENT
    assert set(made[3:7]) == {Made.INTERPOLATED}
    assert any("base clip of frame 0 cannot be shown further" in problem for problem in playing.problems)


def test_a_coding_of_tomorrow_is_passed_over_with_a_sentence(encoded: clips.EncodedClip):
    clip = clips.read(encoded.data)
    parts = [replace(clip.base_clips[0], coding=9), clip.base_clips[1]]
    playing = clips.decode(pack_clip(clip.header, parts))
    assert len(list(playing.frames())) == NUM
    assert any("coding 9" in problem for problem in playing.problems)


def test_a_base_clip_that_cannot_be_had_is_refused_and_auto_takes_key_frames():
    with pytest.raises(VideoError, match="take key frames"):
        clips.encode(film(5), bytes=60, picture="base", describe=False, effort=1)
    small = film(5, width=60, height=48)  # SVT-AV1 takes no side below 64
    with pytest.raises(VideoError, match="no base clip of 60x48"):
        clips.encode(small, bytes=900, picture="base", describe=False, effort=1)
    assert clips.encode(small, bytes=900, describe=False, effort=1).num_key_frames


def test_another_picture_is_no_option():
    with pytest.raises(ValueError, match="picture 'tokens' is none of auto, keys, base"):
        clips.encode(b"", picture="tokens")


@pytest.mark.parametrize("octave", [3, 5, 8])
@pytest.mark.parametrize("room", [400, 3000, 20_000])
def test_the_crf_that_fills_a_room_is_found_in_a_few_tries(octave: float, room: int):
    tried: dict[float, int] = {}
    crf = 63.0
    while crf not in tried and not any(0.95 * room <= num <= room for num in tried.values()):
        tried[crf] = round(2 ** (12 - (crf - 60) / octave))
        crf = next_crf(tried, room)
        assert 10 <= crf <= 70 and crf % 0.25 == 0
    assert len(tried) <= 5


def test_long_shots_are_coded_in_even_parts():
    assert list(pieces_of([0, 10], 900)) == [range(10), range(10, 306), range(306, 603), range(603, 900)]


def test_sizes_are_tried_on_a_part_of_a_long_video():
    pieces = list(pieces_of([0], 30_000))
    assert 300 <= sum(map(len, sampled_pieces(pieces))) <= 900
    assert list(sampled_pieces(pieces[:1])) == pieces[:1]


def test_no_side_is_smaller_than_the_encoder_takes_or_larger_than_the_format_has():
    assert shrunk_size(Size(854, 480), 2) == Size(427, 240)
    assert shrunk_size(Size(854, 480), 8) is None
    assert shrunk_size(Size(9000, 1000), 1) is None
