"""Videos to clips and back, whole: `semcodec.clips`."""

from __future__ import annotations

import io
import pickle
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import semcodec
from semcodec import clips
from semcodec.errors import BudgetError, LimitError, NoPictureError, NotAClipError, VideoError
from semcodec.ids import Origin
from semcodec.limits import Limits


@pytest.fixture(scope="module")
def film(films: ModuleType) -> bytes:
    """Of 30x24 pixels: its key frames are grids of colours, and no network is opened."""
    return films.film(films.frames(12, width=30, height=24))


@pytest.fixture(scope="module")
def clip(film: bytes) -> clips.EncodedClip:
    return clips.encode(film, bytes=1500, describe=False, picture="keys")


def test_a_film_becomes_a_clip_of_the_same_frames(clip: clips.EncodedClip):
    info = clips.info(clip.data)
    assert (str(info.size), info.rate, info.num_frames) == ("30x24", (10, 1), 12)
    assert info.num_bytes == len(clip.data) <= 1500
    assert info.num_key_frames == clip.num_key_frames >= 2
    assert not info.warnings


def test_a_clip_plays_as_many_frames_and_looks_like_the_film(clip: clips.EncodedClip, films: ModuleType):
    playing = clips.decode(clip.data)
    assert (playing.rate, playing.num_frames) == (Fraction(10), 12)
    shown = list(playing.frames())
    assert [one.frame for one in shown] == list(range(12))
    assert all(one.image_HWC.shape == (24, 30, 3) and one.image_HWC.dtype == np.uint8 for one in shown)
    assert {one.made for one in shown} <= {clips.Made.SENT, clips.Made.INTERPOLATED, clips.Made.HELD}
    wrong = [np.abs(one.image_HWC.astype(int) - image).mean()
             for one, image in zip(shown, films.frames(12, width=30, height=24), strict=True)]  # fmt: skip
    assert np.mean(wrong) < 20
    assert playing.problems == []


@pytest.mark.parametrize(
    ("wish", "most"),
    [({"bytes": 300}, 300), ({"bytes": 90}, 90), ({"kbps": 2.0}, 300), ({"bpp": 0.4}, 432), ({"bytes": 200}, 200)],
)
def test_a_clip_is_never_above_its_budget(film: bytes, wish: dict[str, float], most: int):
    encoded = clips.encode(film, describe=False, picture="keys", **wish)
    assert len(encoded.data) <= most


def test_what_is_too_few_says_the_least(film: bytes):
    with pytest.raises(BudgetError) as refusal:
        clips.encode(film, bytes=20, describe=False, picture="keys")
    assert clips.encode(film, bytes=refusal.value.least_bytes, describe=False, picture="keys").data


def test_every_prefix_plays(clip: clips.EncodedClip):
    num_whole = 0
    for end in range(20, len(clip.data), 37):
        playing = clips.decode(clip.data[:end])
        try:
            frames = list(playing.frames())
        except NoPictureError:
            assert not num_whole
            continue
        num_whole += 1
        assert len(frames) == 12
        assert playing.problems
    assert num_whole > 3


def test_a_damaged_key_frame_costs_that_one(clip: clips.EncodedClip):
    read = clips.read(clip.data)
    at = read.key_frames[1].offset + 12
    data = bytearray(clip.data)
    data[at] ^= 255
    playing = clips.decode(bytes(data))
    assert len(list(playing.frames())) == 12
    assert "does not hold" in playing.problems[0]


def test_stills_are_held(film: bytes):
    few = clips.encode(film, bytes=400, describe=False, picture="keys").data
    shown = list(clips.decode(few, mode="stills").frames())
    assert {one.made for one in shown} == {clips.Made.SENT, clips.Made.HELD}


def test_a_clip_of_one_frame(films: ModuleType):
    encoded = clips.encode(films.film(films.frames(1, width=30, height=24)), bytes=400, describe=False, picture="keys")
    assert [one.made for one in clips.decode(encoded.data).frames()] == [clips.Made.SENT]


def test_shots_are_cut_and_not_faded(films: ModuleType):
    dark, bright = np.zeros((24, 30, 3), np.uint8), np.full((24, 30, 3), 240, np.uint8)
    encoded = clips.encode(films.film([dark] * 6 + [bright] * 6), bytes=400, describe=False, picture="keys")
    assert [(shot.first, shot.last) for shot in clips.info(encoded.data).shots] == [(0, 5), (6, 11)]
    levels = [int(one.image_HWC.mean()) for one in clips.decode(encoded.data).frames()]
    assert max(levels[:6]) < 40
    assert min(levels[6:]) > 200


def test_an_animation_is_a_clip(films: ModuleType):
    encoded = clips.encode(
        films.animation(films.frames(5, width=30, height=24)), bytes=600, describe=False, picture="keys"
    )
    assert encoded.header.num_frames == 5


def test_what_a_video_loses_and_lacks_is_told(films: ModuleType):
    made = films.film(films.frames(8, width=30, height=24), sound=True)
    assert any(
        "sound was dropped" in note for note in clips.encode(made, bytes=500, describe=False, picture="keys").notes
    )


class Slope:
    """A painter whose pictures get brighter from left to right."""

    name = "slope"

    def render(self, scene: semcodec.Scene, *, size: semcodec.Size | None = None, seed: int = 0) -> np.ndarray:
        assert scene.words is not None
        shown = size or scene.size
        return np.broadcast_to(
            np.linspace(0, 255, shown.width_px, dtype=np.uint8)[None, :, None], (shown.height_px, shown.width_px, 3)
        ).copy()


def test_words_are_painted_and_moved_in_tt2v(film: bytes):
    still = semcodec.encode(np.zeros((24, 30, 3), np.uint8), profile="text", caption="a dog", language="en").data
    header = clips.read(clips.encode(film, bytes=400, describe=False, picture="keys").data).header
    from semcodec.file.clips import Camera, KeyFrame, Motion
    from semcodec.file.clips.writing import pack_clip
    from semcodec.ids import Blend

    data = pack_clip(header, [KeyFrame(0, still), Motion(0, 11, Blend.MOVED, Camera(pan_x=700))])
    shown = list(clips.decode(data, mode="tt2v", painter=Slope()).frames())
    assert len(shown) == 12
    assert {one.made for one in shown} == {clips.Made.INVENTED}
    assert shown[11].image_HWC[:, 5:-5].mean() < shown[0].image_HWC[:, 5:-5].mean() - 10


def test_tt2v_without_words_says_so(clip: clips.EncodedClip):
    with pytest.raises(NoPictureError, match="no words to paint"):
        list(clips.decode(clip.data, mode="tt2v", painter=Slope()).frames())


def test_a_describer_puts_words_into_a_clip(films: ModuleType, debug_describer: str):
    assert debug_describer
    made = films.film(films.frames(6, width=96, height=64))
    info = clips.info(clips.encode(made, bytes=1500, effort=1, picture="keys").data)
    motions = [motion.words for shot in info.shots for motion in shot.motions if motion.words is not None]
    assert all(said.origin is Origin.MACHINE and said.language == "en" for said in motions)
    assert any("camera is still" in said.text for said in motions)


@pytest.mark.parametrize("suffix", [".mp4", ".webp", ".gif"])
def test_what_plays_is_saved_and_opens_again(clip: clips.EncodedClip, suffix: str, tmp_path: Path):
    from semcodec.video.footage import evenly
    from semcodec.video.opening import open_footage

    playing = clips.decode(clip.data)
    target = tmp_path / f"out{suffix}"
    clips.save(playing.frames(), target, playing.size, playing.rate)
    footage = open_footage(target, Limits())
    found = list(evenly(footage.frames(), footage.rate, footage.told))
    assert len(found) == 12
    assert str(footage.size) == "30x24"
    wrong = [np.abs(image.astype(int) - one.image_HWC).mean()
             for image, one in zip(found, clips.decode(clip.data).frames(), strict=True)]  # fmt: skip
    assert max(wrong) < 12


def test_saving_leaves_nothing_half(clip: clips.EncodedClip, tmp_path: Path):
    playing = clips.decode(clip.data)

    def broken():
        yield next(playing.frames())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clips.save(broken(), tmp_path / "out.mp4", playing.size, playing.rate)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="names no kind of video"):
        clips.save(playing.frames(), tmp_path / "out.avi", playing.size, playing.rate)


def test_odd_sides_get_one_more_in_mp4(films: ModuleType, tmp_path: Path):
    from semcodec.video.opening import open_footage

    shown = [clips.Shown(0, np.full((25, 31, 3), 90, np.uint8), clips.Made.SENT)]
    clips.save(shown, tmp_path / "out.mp4", semcodec.Size(31, 25), Fraction(25))
    assert str(open_footage(tmp_path / "out.mp4", Limits()).size) == "32x26"


def test_what_is_wrong_is_refused_in_a_sentence(film: bytes, clip: clips.EncodedClip):
    with pytest.raises(VideoError, match="no video that can be read"):
        clips.encode(b"nothing of the kind" * 9, bytes=300)
    with pytest.raises(NotAClipError, match=r"name a \.semv file"):
        clips.decode(film)
    with pytest.raises(LimitError, match="max_frames=5"):
        clips.encode(film, bytes=300, limits=Limits(max_frames=5))
    with pytest.raises(LimitError, match="max_frames=5"):
        clips.decode(clip.data, limits=Limits(max_frames=5))
    with pytest.raises(ValueError, match="exclude each other"):
        clips.encode(film, bytes=300, bpp=0.1)
    with pytest.raises(ValueError, match="effort 10"):
        clips.encode(film, effort=10)
    with pytest.raises(ValueError, match="kbps 0"):
        clips.encode(film, kbps=0.0)
    with pytest.raises(ValueError, match="mode 'film'"):
        clips.decode(clip.data, mode="film")
    with pytest.raises(TypeError, match="interpolator is the string 'fade'; pass an object with a method between"):
        clips.decode(clip.data, interpolator="fade")
    with pytest.raises(TypeError, match="bytes is the string"):
        clips.encode(film, bytes="many")


def test_options_can_be_sent_and_files_read(film: bytes, clip: clips.EncodedClip, tmp_path: Path):
    options = clips.ClipOptions(bytes=1500, describe=False, picture="keys")
    assert pickle.loads(pickle.dumps(options)) == options
    path = tmp_path / "film.mp4"
    path.write_bytes(film)
    told: list[tuple[str, int, int | None]] = []
    encoded = clips.encode_with(path, options=options, progress=lambda *said: told.append(said))
    assert encoded.data == clip.data
    assert ("looking", 12, 12) in told
    assert told[-1][0] == "encoding key frames"
    assert clips.encode_with(io.BytesIO(film), options=options).data == clip.data


def test_all_names_of_the_room_are_there():
    assert all(getattr(clips, name) is not None for name in clips.__all__)
    with pytest.raises(AttributeError, match="no attribute 'film'"):
        _ = clips.film
