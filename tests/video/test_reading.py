"""What comes out of video files and animated pictures: upright frames at their times, and a sentence for each loss."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from semcodec.errors import LimitError, VideoError
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import Size
from semcodec.video.footage import Told, evenly
from semcodec.video.opening import open_footage


def shown(data: bytes | Path) -> tuple[list[np.ndarray], list[str], list[str]]:
    footage = open_footage(data, DEFAULT_LIMITS)
    pictures = list(evenly(footage.frames(), footage.rate, footage.told))
    return pictures, footage.told.notes, footage.told.damage


def is_like(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and float(np.abs(one.astype(int) - other).mean()) < 6


def test_a_film_comes_out_frame_by_frame(films: ModuleType, tmp_path: Path):
    pictures = films.frames(8)
    path = tmp_path / "film.mp4"
    path.write_bytes(films.film(pictures))
    footage = open_footage(path, DEFAULT_LIMITS)
    assert (footage.size, footage.rate, footage.num_frames) == (Size(64, 48), 10, 8)
    times = [time for time, _ in footage.frames()]
    assert times == [Fraction(number, 10) for number in range(8)]
    for data in (path, path.read_bytes()):
        found, notes, damage = shown(data)
        assert len(found) == 8
        assert all(map(is_like, found, pictures))
        assert notes == damage == []


def test_it_is_read_as_often_as_is_asked_and_small_where_that_is_asked(films: ModuleType):
    footage = open_footage(films.film(films.frames(4)), DEFAULT_LIMITS)
    assert len(list(footage.frames())) == len(list(footage.frames())) == 4
    assert next(footage.frames(Size(32, 24)))[1].shape == (24, 32, 3)


def test_a_turned_film_is_upright(films: ModuleType):
    pictures = films.frames(3)
    found, notes, _ = shown(films.turned(films.film(pictures)))
    assert is_like(found[0], np.rot90(pictures[0], -1))
    assert any("turned upright" in note for note in notes)


def test_pixels_that_are_not_square_are_made_so(films: ModuleType):
    found, notes, _ = shown(films.film(films.frames(3), aspect=Fraction(3, 2)))
    assert found[0].shape == (48, 96, 3)
    assert any("not square (3/2)" in note for note in notes)


def test_ten_bits_are_rounded_with_a_sentence(films: ModuleType):
    found, notes, _ = shown(films.film(films.frames(3), format="matroska", codec="ffv1", pix_fmt="yuv420p10le"))
    assert is_like(found[2], films.frames(3)[2])
    assert "its 10 bits a sample were rounded to 8" in notes


def test_high_dynamic_range_is_shown_through_the_tone_curve(films: ModuleType):
    made = films.film(films.frames(2), format="matroska", codec="ffv1", pix_fmt="yuv420p10le", colours=(9, 16))
    found, notes, _ = shown(made)
    assert any("BT.2100 PQ by a fixed tone curve" in note for note in notes)
    assert not is_like(found[0], films.frames(2)[0])


def test_frames_at_varying_times_are_shown_evenly(films: ModuleType):
    pictures = films.frames(4)
    found, notes, _ = shown(films.film(pictures, times=[0, 1, 4, 5]))
    wrong = [[np.abs(image.astype(int) - picture).sum() for picture in pictures] for image in found]
    assert [int(np.argmin(row)) for row in wrong] == [0, 1, 1, 1, 2, 3]
    assert any("varying times" in note for note in notes)


def test_even_times_repeat_and_leave_out_and_bridge_jumps():
    image = np.zeros((2, 2, 3), np.uint8)

    def at(*times: float) -> tuple[int, list[str]]:
        told = Told()
        num = len(list(evenly(iter([(Fraction(time), image) for time in times]), Fraction(10), told)))
        return num, told.notes

    assert at(0, 0.1, 0.2) == (3, [])
    num, notes = at(0, 0.1, 0.4)
    assert (num, "2 shown again, 0 left out" in notes[0]) == (5, True)
    num, notes = at(0, 0.02, 0.1)
    assert (num, "0 shown again, 1 left out" in notes[0]) == (2, True)
    num, notes = at(0, 0.1, 7000, 7000.1)
    assert (num, "jump" in notes[0]) == (4, True)


def test_sound_is_dropped_with_a_sentence(films: ModuleType):
    _, notes, _ = shown(films.film(films.frames(3), sound=True))
    assert notes == ["its sound was dropped: a clip is a picture that moves"]


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_animated_pictures_are_films(films: ModuleType, format: str):
    pictures = films.frames(5)
    found, notes, damage = shown(films.animation(pictures, format, duration=100))
    assert len(found) == 5
    assert all(map(is_like, found, pictures))
    assert notes == damage == []


def test_the_last_frame_of_an_animation_stays_as_long_as_it_says(films: ModuleType):
    found, _, _ = shown(films.animation(films.frames(3), duration=[100, 100, 500]))
    assert len(found) == 7


def test_an_animation_that_breaks_off_keeps_what_came_before(films: ModuleType):
    rng = np.random.default_rng(3)
    data = films.animation([rng.integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(6)])
    found, _, damage = shown(data[: len(data) * 2 // 3])
    assert 1 <= len(found) < 6
    assert len(damage) == 1


def test_a_film_that_is_cut_short_keeps_what_came_before(films: ModuleType):
    rng = np.random.default_rng(3)
    noise = [rng.integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(40)]
    whole = films.film(noise, format="matroska")
    found, _, damage = shown(whole[: len(whole) // 2])
    assert 5 < len(found) < 40
    assert len(damage) >= 1


def refused(data: bytes | Path, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises((VideoError, LimitError)) as refusal:
        list(open_footage(data, limits).frames())
    return str(refusal.value)


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda films: b"", "is empty"),
        (lambda films: b"no video at all, " * 20, "is no video that can be read here"),
        (lambda films: np.random.default_rng(1).bytes(3000), "is no video that can be read here"),
        (
            lambda films: films.film(films.frames(3))[:200],
            "its index (the box 'moov'), which stands at its end, is missing",
        ),
        (lambda films: b"\xc5\xed\x10", "is a clip (.semv) already; `semcodec clip decode` plays it"),
        (lambda films: films.animation(films.frames(1), "PNG"), "does not move; `semcodec encode` takes it"),
        (lambda films: films.animation(films.frames(1), "WEBP"), "does not move; `semcodec encode` takes it"),
        (lambda films: films.still(), "is a picture, not a video; `semcodec encode` takes it"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(films: ModuleType, made: Callable[[ModuleType], bytes], sentence: str):
    assert sentence in refused(made(films))


def test_a_list_of_addresses_is_not_followed(films: ModuleType, tmp_path: Path):
    (tmp_path / "secret.mp4").write_bytes(films.film(films.frames(3)))
    path = tmp_path / "list.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n")
    assert "list.m3u8: is" in refused(path)


def test_paths_that_lead_nowhere(tmp_path: Path):
    assert "there is no such file" in refused(tmp_path / "none.mp4")
    assert "is a folder" in refused(tmp_path)


def test_limits_are_asked(films: ModuleType):
    data = films.film(films.frames(6))
    assert "max_pixels=1000" in refused(data, Limits(max_pixels=1000))
    assert "max_frames=4" in refused(data, Limits(max_frames=4))
