"""The rule of strength: falls as a file says more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.hub.painters.strength import LEAST, MOST, settled_stride_px, strength_for
from semcodec.types import MISSING, Scene, Size, TokenPyramid

SIDE = 256


def scene_of(*shares: float) -> Scene:
    """Tokens of strides 128, 64, ... on 256x256, of each scale the first part of that share."""
    digits = []
    for scale, share in enumerate(shares):
        side = 2 << scale
        tokens = np.full((side, side, 3), MISSING, np.uint8)
        tokens.reshape(-1, 3)[: round(share * side * side)] = 1
        digits.append(tokens)
    return Scene(Size(SIDE, SIDE), tokens=TokenPyramid(250, Size(SIDE, SIDE), tuple(digits)))


def test_whole_scales_settle_the_picture_at_their_stride():
    assert settled_stride_px(scene_of(1, 0, 0, 0, 0)) == 128
    assert settled_stride_px(scene_of(1, 1, 0, 0, 0)) == 64
    assert settled_stride_px(scene_of(1, 1, 1, 1, 1)) == 8
    assert strength_for(scene_of(1, 1, 1, 1, 1)) == pytest.approx(0.30)
    assert strength_for(scene_of(1, 1, 1, 1, 0)) == pytest.approx(0.42)


def test_a_picture_coded_small_is_settled_less():
    coded_small = replace(scene_of(1, 1, 1), size=Size(2 * SIDE, 2 * SIDE))
    assert settled_stride_px(coded_small) == 2 * settled_stride_px(scene_of(1, 1, 1))
    assert strength_for(coded_small) == pytest.approx(strength_for(scene_of(1, 1, 1)) + 0.12)


def test_strength_falls_with_every_block():
    strengths = [strength_for(scene_of(1, 1, share, 0, 0)) for share in np.linspace(0, 1, 9)]
    assert all(more > less for more, less in zip(strengths, strengths[1:], strict=False))


def test_strength_has_bounds_and_words_alone_are_painted_freely():
    assert strength_for(Scene(Size(8, 8))) == 1
    assert strength_for(scene_of(0, 0)) == 1
    tiny_share = replace(scene_of(1), size=Size(100_000, 100_000))
    assert strength_for(tiny_share) == MOST
    assert strength_for(replace(scene_of(1, 1, 1, 1, 1), size=Size(32, 32))) == LEAST


def test_strength_falls_with_the_bytes_of_real_files(photo_path):
    photo = Image.open(photo_path).resize((384, 256))
    files = [semcodec.encode(photo, bytes=budget).data for budget in (40, 100, 200, 400, 1000, 3000)]
    strengths = [strength_for(semcodec.read(data).scene) for data in files]
    assert strengths == sorted(strengths, reverse=True), strengths
    assert len(set(strengths[:4])) == 4, "until all tokens are there, more bytes settle more"
