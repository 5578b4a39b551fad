"""What is said of motion was measured, or is not said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.clips.camera import Moved, measured
from semcodec.clips.motion import Span, camera_words, spans_of, thing_words
from semcodec.clips.small import seen, small_size, unlikeness
from semcodec.clips.survey import Survey, survey_of
from semcodec.file.clips import Camera
from semcodec.interpolators.plain import Fade
from semcodec.pictures.luma import luma_of
from semcodec.pictures.moved import moved
from semcodec.types import Size
from semcodec.video.footage import Told

NUM, SIZE = 24, Size(192, 108)


class Scenes:
    """Footage of pictures that are there already: all that a survey asks of one."""

    rate = Fraction(12)

    def __init__(self, pictures: list[np.ndarray]) -> None:
        self._pictures, self.told = pictures, Told()
        self.num_frames = len(pictures)
        self.size = Size(pictures[0].shape[1], pictures[0].shape[0])

    def frames(self, size: Size | None = None):
        for number, picture in enumerate(self._pictures):
            shown = Image.fromarray(picture).resize((size.width_px, size.height_px)) if size else picture
            yield Fraction(number) / self.rate, np.asarray(shown)


@pytest.fixture(scope="module")
def scenery(photo_path: Path) -> np.ndarray:
    return np.asarray(Image.open(photo_path).convert("RGB").resize((192, 108)))


def surveyed(pictures: list[np.ndarray]) -> Survey:
    return survey_of(Scenes(pictures), Fade(), num_nodes=6)


def spans(pictures: list[np.ndarray]) -> list[Span]:
    return spans_of(surveyed(pictures), [0, len(pictures) - 1], SIZE, float(Scenes.rate))


def words(pictures: list[np.ndarray]) -> str:
    (span,) = spans(pictures)
    return camera_words(span, SIZE)


def path(scenery: np.ndarray, camera: Camera) -> list[np.ndarray]:
    return [moved(scenery, camera, at / (NUM - 1)) for at in range(NUM)]


@pytest.mark.parametrize(
    ("camera", "sentence"),
    [
        (Camera(pan_x=-600), "The camera pans right."),
        (Camera(pan_x=600), "The camera pans left."),
        (Camera(pan_y=600), "The camera tilts up."),
        (Camera(pan_y=-600), "The camera tilts down."),
        (Camera(zoom=900), "The camera zooms in."),
        (Camera(zoom=-900), "The camera zooms out."),
        (Camera(pan_x=-600, zoom=900), "The camera pans right and zooms in."),
        (Camera(pan_x=-600, pan_y=700, zoom=900), "The camera pans right, tilts up and zooms in."),
        (Camera(), "The camera is still."),
        (Camera(pan_x=90), ""),
    ],
)
def test_the_camera_in_words(scenery: np.ndarray, camera: Camera, sentence: str):
    assert words(path(scenery, camera)) == sentence


@pytest.mark.parametrize("camera", [Camera(pan_x=500, pan_y=-300, zoom=400, turn=300), Camera(-300, 200, -500, -400)])
def test_the_camera_in_numbers(scenery: np.ndarray, camera: Camera):
    first, last = luma_of(scenery), luma_of(moved(scenery, camera, 1.0))
    found = measured(first, last).as_camera(SIZE.width_px, SIZE.height_px)
    for name in ("pan_x", "pan_y", "zoom", "turn"):
        assert abs(getattr(found, name) - getattr(camera, name)) <= 20, (name, found)


def test_motions_follow_each_other():
    one, other = Moved(3, -2, 1.1, 0.05), Moved(-1, 4, 0.95, -0.1)
    both = one.then(other)
    point = np.array([7.0, -5.0])

    def at(m: Moved, p: np.ndarray) -> np.ndarray:
        return np.array([m.a * p[0] - m.b * p[1] + m.x, m.b * p[0] + m.a * p[1] + m.y])

    assert at(both, point) == pytest.approx(at(other, at(one, point)))


def test_noise_is_no_camera_and_no_thing():
    rng = np.random.default_rng(5)
    noise = [rng.integers(0, 256, (108, 192, 3), dtype=np.uint8) for _ in range(NUM)]
    survey = Survey(num_frames=NUM)
    whole = surveyed(noise)
    survey.shots, survey.looked_at, survey.steps, survey.changes = [0], whole.looked_at, whole.steps, whole.changes
    (span,) = spans_of(survey, [0, NUM - 1], SIZE, 12.0)
    assert camera_words(span, SIZE) == ""
    assert span.patch is None


@pytest.mark.parametrize(("step", "where"), [((5, 0), "to the right"), ((-5, 0), "to the left"), ((0, 2), "down")])
def test_a_thing_that_moves_by_itself_is_told_with_its_way(scenery: np.ndarray, step: tuple[int, int], where: str):
    pictures = []
    for at in range(NUM):
        picture = scenery.copy()
        left, top = 80 + step[0] * (at - NUM // 2), 30 + step[1] * (at - NUM // 2)
        picture[top : top + 34, left : left + 30] = 255 - scenery[50:84, 100:130]
        pictures.append(picture)
    (span,) = spans(pictures)
    assert span.patch is not None
    assert thing_words(span.patch, None) == f"Something moves {where}."
    assert thing_words(span.patch, "a dog") == f"A dog moves {where}."


def test_things_that_pass_before_a_still_camera_are_not_its_motion(scenery: np.ndarray):
    cars = scenery[::-1][30:75, :70]
    pictures = []
    for at in range(NUM):
        picture = scenery.copy()
        for row, left in ((28, 10 + 4 * at), (62, 2 + 4 * at)):
            height = min(45, 100 - row)
            picture[row : row + height, left : left + 70] = cars[:height, : max(0, min(70, 192 - left))]
        pictures.append(picture)
    assert words(pictures) in ("The camera is still.", "")


def test_a_cut_is_found_and_fast_motion_is_none(scenery: np.ndarray):
    other = np.ascontiguousarray(scenery[::-1, ::-1])
    assert surveyed([scenery] * 8 + [255 - other] * 8).shots == [0, 8]
    assert surveyed([moved(scenery, Camera(pan_x=-2500), at / 15) for at in range(16)]).shots == [0]


def test_unlikeness_grows_with_what_is_wrong(scenery: np.ndarray):
    luma = luma_of(scenery)
    wrong = [unlikeness(seen(luma), seen(luma_of(np.roll(scenery, shift, axis=1)))) for shift in (0, 1, 3, 9)]
    assert wrong[0] == pytest.approx(0, abs=1e-6)
    assert wrong == sorted(wrong)


@pytest.mark.parametrize("size", [Size(854, 480), Size(3, 2), Size(10_000, 10), Size(192, 192)])
def test_small_frames_are_small_and_never_nothing(size: Size):
    small = small_size(size)
    assert 7 <= min(small.width_px, small.height_px)
    assert max(small.width_px, small.height_px) <= 192
