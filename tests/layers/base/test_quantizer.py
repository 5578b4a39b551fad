"""The quantizer is read from a frame as AV1 has it; frames that are laid out otherwise say nothing."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.layers.base.quantizer import quantizer_of
from semcodec.pictures.av1 import encoded_base
from semcodec.types import BasePicture, Size


def test_a_finer_picture_has_a_smaller_quantizer() -> None:
    image_HWC = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    found = [quantizer_of(encoded_base(image_HWC, quality=quality, speed=9)) for quality in (1, 20, 60, 100)]
    assert all(quantizer is not None for quantizer in found)
    # (libaom's table: quality 1 is 249, 20 is 202, 60 is 102, and 100 is 0, without loss)
    assert found == sorted(found, reverse=True) and found[0] > 240 and found[-1] == 0


@pytest.mark.parametrize("bits", ["0001" + "10100101", "1001" + "10100101", "011001" + "10100101"])
def test_it_stands_behind_the_flags_of_a_still_picture(bits: str) -> None:
    """Of one superblock: cdf update, screen content (then integer vectors, block copy), own size, uniform tiles."""
    frame = int(bits.ljust(24, "0"), 2).to_bytes(3, "big")
    assert quantizer_of(BasePicture(Size(64, 64), 0, frame)) == 0b10100101


@pytest.mark.parametrize("frame", [b"", b"\x10", b"\x20\x00\x00", b"\x00\xff\xff"])
def test_frames_that_end_early_or_have_tiles_of_their_own_say_nothing(frame: bytes) -> None:
    assert quantizer_of(BasePicture(Size(64, 64), 0, frame)) is None
