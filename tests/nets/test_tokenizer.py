"""The embedded networks at run time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.api import DEFAULT_FAMILY
from semcodec.errors import WeightsError
from semcodec.layers.tokens.family import find_family
from semcodec.nets.session import open_session
from semcodec.nets.tokenizer import TokenizerNets
from semcodec.types import MISSING, Size
from semcodec.zoo.weights import find_weights


@pytest.fixture(scope="module")
def nets() -> TokenizerNets:
    return TokenizerNets(find_weights(DEFAULT_FAMILY), find_family(DEFAULT_FAMILY))


def test_tiled_and_whole_encodes_and_decodes_agree_on_two_megapixels(nets: TokenizerNets, photo_path: Path) -> None:
    image_HWC = np.asarray(Image.open(photo_path).convert("RGB").resize((1733, 1201)))
    whole, tiled = nets.encode(image_HWC, tile_px=4096), nets.encode(image_HWC, tile_px=512)
    assert all(np.mean(a != b) < 0.001 for a, b in zip(whole, tiled, strict=True))
    size = Size(1733, 1201)
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
