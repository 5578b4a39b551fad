"""Transparency that a PNG says by a key colour or by its palette, at the depth that the file has."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from semcodec.pictures import as_pixels, load_picture

from . import COLOUR, GREY, PALETTE, chunk, png


def halves(left: object, right: object) -> np.ndarray:
    left_HWC, right_HWC = (np.tile(np.atleast_1d(np.array(side)), (16, 8, 1)) for side in (left, right))
    return np.hstack([left_HWC, right_HWC])


def grey_key(key: int) -> bytes:
    return chunk(b"tRNS", struct.pack(">H", key))


def colour_key(*key: int) -> bytes:
    return chunk(b"tRNS", struct.pack(">3H", *key))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_a_grey_key_is_compared_with_samples_of_its_own_depth(bits: int) -> None:
    white = (1 << bits) - 1
    for key in {0, 1, white // 2, white - 1, white}:
        other = white - key if white - key != key else 0
        data = png(halves(key, other), bits, GREY, grey_key(key))
        for loaded in (load_picture(data), as_pixels(opened(data))):
            assert loaded.alpha_HW is not None, key
            assert (loaded.alpha_HW[:, :8] == 0).all() and (loaded.alpha_HW[:, 8:] == 255).all()
            assert (loaded.image_HWC[:, :8] == 255).all(), "what is transparent stands on white"
            assert np.abs(loaded.image_HWC[:, 8:].astype(int) - other * 255 / white).max() <= 1


@pytest.mark.parametrize("bits", [2, 4, 8, 16])
def test_a_grey_key_that_no_pixel_has_makes_nothing_transparent_and_says_nothing(bits: int) -> None:
    white = (1 << bits) - 1
    # (of 16 bits, those whose high byte is the key's)
    left, right, key = (0x1200, 0x1201, 0x1202) if bits == 16 else (0, white, white // 2)
    loaded = load_picture(png(halves(left, right), bits, GREY, grey_key(key)))
    assert loaded.alpha_HW is None
    assert not any("alpha" in note or "transparent" in note for note in loaded.notes)


def test_only_the_bits_that_samples_have_count_in_a_key() -> None:
    loaded = load_picture(png(halves(3, 12), 4, GREY, grey_key(0xAB03)))
    assert loaded.alpha_HW is not None and loaded.alpha_HW[0, 0] == 0


@pytest.mark.parametrize(
    ("bits", "key", "other"),
    [
        (8, (0, 0, 0), (0, 0, 1)),
        (8, (250, 10, 10), (250, 10, 11)),
        (16, (0x1234, 0x5678, 0x9ABC), (0x1234, 0x5678, 0x9ABD)),
        (16, (0, 0, 0), (0, 0, 1)),
        (16, (0x0012, 0x0034, 0x0056), (0x0012, 0x0034, 0x0057)),
        (16, (0xFFFF, 0xFFFF, 0xFFFF), (0xFFFE, 0xFFFF, 0xFFFF)),
    ],
)
def test_a_key_colour_is_compared_to_its_last_bit(
    bits: int, key: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    data = png(halves(key, other), bits, COLOUR, colour_key(*key))
    for loaded in (load_picture(data), as_pixels(opened(data))):
        assert loaded.alpha_HW is not None
        assert (loaded.alpha_HW[:, :8] == 0).all() and (loaded.alpha_HW[:, 8:] == 255).all()


def test_opaque_black_stays_where_the_key_has_other_low_bytes() -> None:
    loaded = load_picture(png(halves((0, 0, 0), (0xFF00, 0x2000, 0x2000)), 16, COLOUR, colour_key(1, 0, 0)))
    assert loaded.alpha_HW is None and loaded.image_HWC[0, 0].max() == 0


def test_an_interlaced_picture_has_its_key_at_16_bits_too() -> None:
    # Adam7 of a flat picture: seven passes of it, each with its own lines.
    passes = [(2, 2), (2, 2), (4, 2), (4, 4), (8, 4), (8, 8), (16, 8)]
    lines = b"".join((b"\0" + struct.pack(">3H", 0x1234, 0x5678, 0x9ABC) * w) * h for w, h in passes)

    def interlaced(key: tuple[int, int, int]) -> bytes:
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 16, COLOUR, 0, 0, 1))
        body = [header, colour_key(*key), chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(body)

    loaded = load_picture(interlaced((0x1234, 0x5678, 0x9ABC)))
    assert loaded.alpha_HW is not None and not loaded.alpha_HW.any()
    assert load_picture(interlaced((0x1234, 0x5678, 0x9ABD))).alpha_HW is None


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("opacity", [(0,), (255, 0), (128, 77), (0, 9)])
def test_a_palette_says_how_opaque_its_entries_are(bits: int, opacity: tuple[int, ...]) -> None:
    palette = chunk(b"PLTE", bytes([250, 10, 10, 10, 10, 250]))
    loaded = load_picture(png(halves(0, 1), bits, PALETTE, palette, chunk(b"tRNS", bytes(opacity))))
    assert loaded.alpha_HW is not None
    assert {loaded.alpha_HW[0, 0], loaded.alpha_HW[0, 15]} == {opacity[0], (*opacity, 255)[1]}


def test_a_picture_that_was_decoded_before_says_what_is_guessed_of_its_key() -> None:
    for bits, key in ((2, 1), (4, 7)):
        decoded = opened(png(halves(key, (1 << bits) - 1), bits, GREY, grey_key(key)))
        decoded.load()
        loaded = as_pixels(decoded)
        assert loaded.alpha_HW is not None and (loaded.alpha_HW[0, [0, 15]] == [0, 255]).all()
        assert any("was taken as one of" in note for note in loaded.notes)
    deep = opened(png(halves((0x1234,) * 3, (0xFF00,) * 3), 16, COLOUR, colour_key(*(0x1234,) * 3)))
    deep.load()
    loaded = as_pixels(deep)
    assert loaded.alpha_HW is not None and (loaded.alpha_HW[0, [0, 15]] == [0, 255]).all()
    assert any("high bytes were compared" in note for note in loaded.notes)


def test_the_file_of_an_opened_picture_stands_where_it_stood() -> None:
    stream = io.BytesIO(png(halves((1, 2, 3), (4, 5, 6)), 16, COLOUR, colour_key(1, 2, 3)) + b"more")
    picture = Image.open(stream)
    assert as_pixels(picture).alpha_HW is not None
    assert picture.getpixel((0, 0)) == (0, 0, 0), "it can still be used"
