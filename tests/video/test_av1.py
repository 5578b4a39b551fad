"""Frames as AV1 units, and back: whole, cut, damaged."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from semcodec.errors import DamagedError
from semcodec.file.clips import BaseClip
from semcodec.layers.base.av1_clip import key_quantizer, tools_of
from semcodec.types import Size
from semcodec.video.av1 import decoded_av1, encoded_av1

SIZE, NUM = Size(97, 66), 9


def frames() -> list[np.ndarray]:
    """A disc that goes to the right over a slope."""
    y, x = np.mgrid[: SIZE.height_px, : SIZE.width_px]
    slope = np.stack([2 * x, 3 * y, 255 - x - y], axis=2)
    discs = (((x - 30 - 3 * at) ** 2 + (y - 30) ** 2 < 200)[..., None] for at in range(NUM))
    return [np.where(disc, (230, 60, 20), slope).astype(np.uint8) for disc in discs]


@pytest.fixture(scope="module")
def base() -> BaseClip:
    coded = encoded_av1(frames(), SIZE, Fraction(25), crf=40, preset=10)
    return BaseClip(0, NUM, 1, 1, coded.coded, coded.tools, coded.units, 20)


def test_there_is_a_unit_for_each_frame_and_it_shows_it(base: BaseClip):
    assert base.coded == SIZE
    assert len(base.units) == NUM
    decoded = list(decoded_av1(base))
    assert [picture.shape for picture in decoded] == [(66, 97, 3)] * NUM
    wrong = [np.abs(picture.astype(int) - frame).mean() for picture, frame in zip(decoded, frames(), strict=True)]
    others = np.abs(decoded[0].astype(int) - frames()[-1]).mean()
    assert max(wrong) < 8 < others


def test_a_coarser_quality_has_fewer_bytes_and_a_larger_quantiser(base: BaseClip):
    coarse = encoded_av1(frames(), SIZE, Fraction(25), crf=62.75, preset=10)
    assert sum(map(len, coarse.units)) < sum(map(len, base.units))
    fine, coarser = (key_quantizer(one.units[0], SIZE, tools_of(one.tools)) for one in (base, coarse))
    assert fine is not None and coarser is not None
    assert fine < coarser


def test_one_frame_is_a_clip():
    coded = encoded_av1(frames()[:1], SIZE, Fraction(30000, 1001), crf=50, preset=10)
    (picture,) = decoded_av1(BaseClip(0, 1, 1, 1, coded.coded, coded.tools, coded.units))
    assert picture.shape == (66, 97, 3)


def test_fewer_units_show_fewer_frames(base: BaseClip):
    whole = list(decoded_av1(base))
    first = list(decoded_av1(replace(base, units=base.units[:4])))
    assert len(first) == 4
    assert all((a == b).all() for a, b in zip(first, whole, strict=False))


@pytest.mark.parametrize(
    "changed",
    [
        {"tools": b"\xff\xff"},
        {"tools": b""},
        {"units": (b"",)},
        {"units": (b"\x30",)},
        {"units": (b"\x30\xff\xff\xff\xff\xff",)},
        {"units": (b"\x0a\x01\x00",)},
    ],
)
def test_what_is_no_base_clip_is_said_to_be_damaged(base: BaseClip, changed: dict[str, object]):
    with pytest.raises(DamagedError, match="base clip at offset 20"):
        list(decoded_av1(replace(base, **changed)))


def test_flipped_bytes_show_another_picture_or_are_told(base: BaseClip):
    """Whatever happens, it is a picture of the coded size or one error."""
    for at in range(0, len(base.units[0]), 7):
        unit = bytearray(base.units[0])
        unit[at] ^= 0x55
        try:
            for picture in decoded_av1(replace(base, units=(bytes(unit), *base.units[1:]))):
                assert picture.shape == (66, 97, 3)
        except DamagedError:
            continue


def test_svt_says_nothing(capfd: pytest.CaptureFixture[str]):
    encoded_av1(frames()[:2], SIZE, Fraction(25), crf=50, preset=10)
    assert "Svt" not in "".join(capfd.readouterr())
