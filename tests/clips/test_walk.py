"""Which picture each frame of a clip shows, or is made of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from semcodec.clips.walk import Made, Shown, all_frames
from semcodec.container.clips import ClipHeader
from semcodec.file.clips import Camera, Clip, Motion, Shot
from semcodec.ids import Blend
from semcodec.interpolators.plain import Fade, Hold
from semcodec.types import Size

SIZE = Size(8, 4)


def picture(level: int) -> np.ndarray:
    return np.full((4, 8, 3), level, np.uint8)


def clip_of(num_frames: int, *shots: int, motions: tuple[Motion, ...] = ()) -> Clip:
    return Clip(ClipHeader(SIZE, (25, 1), num_frames), motions=motions, shots=tuple(map(Shot, shots)))


def walked(clip: Clip, *sent: int, interpolator: Fade | Hold | None = None) -> list[tuple[int, int, str]]:
    """(frame, level, made) of all frames; what is sent at frame n has level 10 n."""
    pictures = (Shown(frame, picture(10 * frame), Made.SENT) for frame in sent)
    shown = list(all_frames(clip, pictures, interpolator or Fade()))
    return [(one.frame, int(one.image_HWC[0, 0, 0]), one.made.value) for one in shown]


def test_frames_between_two_pictures_are_made_of_both():
    assert walked(clip_of(5), 0, 4) == [
        (0, 0, "sent"),
        (1, 10, "interpolated"),
        (2, 20, "interpolated"),
        (3, 30, "interpolated"),
        (4, 40, "sent"),
    ]


def test_before_the_first_and_behind_the_last_a_picture_is_held():
    assert walked(clip_of(5), 2) == [
        (0, 20, "held"), (1, 20, "held"), (2, 20, "sent"), (3, 20, "held"), (4, 20, "held"),
    ]  # fmt: skip


def test_nothing_is_interpolated_into_a_new_shot():
    assert [level for _, level, _ in walked(clip_of(6, 3), 0, 5)] == [0, 0, 0, 50, 50, 50]
    assert [level for _, level, _ in walked(clip_of(8, 2, 4, 6), 0, 7)] == [0, 0, 0, 0, 0, 0, 70, 70]
    assert [level for _, level, _ in walked(clip_of(4, 2), 0, 2)] == [0, 0, 20, 20]


def test_a_motion_record_says_how():
    def levels(blend: Blend, last: int) -> list[int]:
        motions = (Motion(0, last, blend),)
        return [level for _, level, _ in walked(clip_of(5, motions=motions), 0, 4, interpolator=Hold())]

    assert levels(Blend.HELD, 4) == [0, 0, 0, 0, 40]
    assert levels(Blend.FADED, 4) == [0, 10, 20, 30, 40]
    assert levels(Blend.MOVED, 4) == [0, 0, 0, 0, 40]  # as the receiver would
    assert levels(Blend.FADED, 3) == [0, 0, 0, 0, 40]  # it does not span the two
    assert walked(clip_of(3, motions=(Motion(0, 2, Blend.HELD),)), 0, 2)[1] == (1, 0, "held")


def test_the_first_record_that_spans_two_pictures_counts():
    motions = (Motion(0, 4, Blend.HELD), Motion(0, 4, Blend.FADED))
    assert walked(clip_of(5, motions=motions), 0, 4)[2] == (2, 0, "held")


def test_the_camera_moves_both_pictures_where_nothing_else_does():
    image = np.zeros((40, 80, 3), np.uint8)
    image[10:30, 20:30] = 250
    moved = np.roll(image, 16, axis=1)
    clip = Clip(
        ClipHeader(Size(80, 40), (25, 1), 5), motions=(Motion(0, 4, Blend.MOVED, Camera(pan_x=16 * 4096 // 80)),)
    )
    pictures = [Shown(0, image, Made.SENT), Shown(4, moved, Made.SENT)]
    middle = list(all_frames(clip, pictures, Fade()))[2].image_HWC
    assert np.abs(middle.astype(int) - np.roll(image, 8, axis=1)).mean() < 3
    faded = list(all_frames(clip_of(5), pictures, Fade()))[2].image_HWC
    assert np.abs(faded.astype(int) - np.roll(image, 8, axis=1)).mean() > 10


def test_two_pictures_are_held_at_a_time():
    asked: list[int] = []

    def pictures() -> Iterator[Shown]:
        for frame in range(0, 100, 10):
            asked.append(frame)
            yield Shown(frame, picture(frame), Made.SENT)

    frames = all_frames(clip_of(100), pictures(), Fade())
    for _ in range(15):
        next(frames)
    assert asked == [0, 10, 20]
