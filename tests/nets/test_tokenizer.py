"""The embedded networks at run time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.errors import WeightsError
from semcodec.layers.tokens.family import find_family
from semcodec.models import DEFAULT_FAMILY
from semcodec.nets.session import open_session
from semcodec.nets.tokenizer import TokenizerNets, reach_px
from semcodec.types import MISSING, Size
from semcodec.zoo.weights import find_weights


@pytest.fixture(scope="module")
def nets() -> TokenizerNets:
    return TokenizerNets(find_weights(DEFAULT_FAMILY), find_family(DEFAULT_FAMILY))


def test_tiled_and_whole_encodes_and_decodes_agree(nets: TokenizerNets, photo_path: Path) -> None:
    image_HWC = np.asarray(Image.open(photo_path).convert("RGB").resize((1100, 701)))
    whole, tiled = nets.encode(image_HWC, tile_px=4096), nets.encode(image_HWC, tile_px=512)
    assert all(np.mean(a != b) < 0.001 for a, b in zip(whole, tiled, strict=True))
    size = Size(1100, 701)
    one, many = nets.decode(whole, size, tile_px=4096), nets.decode(whole, size, tile_px=512)
    assert np.abs(one.astype(int) - many).max() <= 1


def test_digits_stay_within_their_levels_and_only_where_the_picture_is(nets: TokenizerNets, photo_path: Path) -> None:
    family = find_family(DEFAULT_FAMILY)
    image_HWC = np.asarray(Image.open(photo_path).convert("RGB").resize((200, 90)))
    for digits, levels, stride in zip(nets.encode(image_HWC), family.levels, family.strides, strict=True):
        assert digits.shape == (-(-90 // stride), -(-200 // stride), len(levels))
        assert (digits.reshape(-1, len(levels)).max(0) < np.array(levels)).all()


def test_a_pyramid_without_any_token_paints_something_flat(nets: TokenizerNets) -> None:
    family = find_family(DEFAULT_FAMILY)
    digits = [
        np.full((-(-256 // stride), -(-256 // stride), len(levels)), MISSING, np.uint8)
        for stride, levels in zip(family.strides, family.levels, strict=True)
    ]
    assert nets.decode(digits, Size(256, 256)).std() < 40


def test_a_network_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"not a network")
    with pytest.raises(WeightsError, match=r"broken\.onnx cannot be opened"):
        open_session(tmp_path / "broken.onnx")


def half_there(nets_family: int, working: Size) -> list[np.ndarray]:
    family, rng, digits = find_family(nets_family), np.random.default_rng(2), []
    for stride, levels in zip(family.strides, family.levels, strict=True):
        rows, cols, middle = -(-working.height_px // stride), -(-working.width_px // stride), np.array(levels) // 2
        mine = rng.integers(middle - 1, middle + 2, (rows, cols, len(levels))).astype(np.uint8)
        mine[rng.random((rows, cols)) < 0.5] = MISSING
        digits.append(mine)
    return digits


@pytest.mark.parametrize("tile_px", [256, 1024])
def test_a_region_has_the_pixels_of_the_whole(nets: TokenizerNets, tile_px: int) -> None:
    working = Size(1300, 400)
    digits = half_there(DEFAULT_FAMILY, working)
    whole = nets.decode(digits, working)
    for left, top, width, height in ((0, 0, 100, 90), (960, 233, 130, 41), (1299, 399, 1, 1), (500, 0, 7, 400)):
        part = nets.decode(digits, working, region=(left, top, width, height), tile_px=tile_px)
        theirs = whole[top : top + height, left : left + width]
        assert part.shape == theirs.shape and np.abs(part.astype(int) - theirs).max() <= 1


def test_no_token_is_felt_farther_away_than_it_is_said_to_reach(nets: TokenizerNets) -> None:
    family, working = find_family(DEFAULT_FAMILY), Size(3072, 128)
    digits = half_there(DEFAULT_FAMILY, working)
    before = nets.decode(digits, working)
    for scale, stride in enumerate(family.strides):
        col = working.width_px // stride // 2
        changed = [scale_digits.copy() for scale_digits in digits]
        changed[scale][:, col] = np.where(changed[scale][:, col] == MISSING, 0, MISSING)
        touched = np.flatnonzero((nets.decode(changed, working) != before).any(axis=(0, 2)))
        assert len(touched), f"a token of stride {stride} shows"
        far = max(col * stride - touched.min(), touched.max() + 1 - (col + 1) * stride)
        assert far <= reach_px(stride), stride
