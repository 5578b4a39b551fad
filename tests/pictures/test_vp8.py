"""The quantizer of a lossy WebP picture: read as the RFC has it, behind any fields, and from no damaged file."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from semcodec.pictures.vp8 import vp8_quantizer, webp_quantizer

KEY_HEAD = b"\x9d\x01\x2a" + bytes([64, 0, 48, 0])


class EvenEncoder:
    """RFC 6386, 7.3, for even chances."""

    def __init__(self) -> None:
        self.out, self.range, self.bottom, self.left = bytearray(), 255, 0, 24

    def put(self, value: int, num_bits: int) -> None:
        for at in reversed(range(num_bits)):
            split = 1 + (self.range - 1 >> 1)
            if value >> at & 1:
                self.bottom, self.range = self.bottom + split, self.range - split
            else:
                self.range = split
            while self.range < 128:
                self.range <<= 1
                if self.bottom >> 31:  # a carry
                    last = len(self.out) - 1
                    while self.out[last] == 255:
                        self.out[last], last = 0, last - 1
                    self.out[last] += 1
                self.bottom = self.bottom << 1 & 0xFFFFFFFF
                self.left -= 1
                if not self.left:
                    self.out.append(self.bottom >> 24)
                    self.bottom, self.left = self.bottom & 0xFFFFFF, 8

    def done(self) -> bytes:
        self.put(0, 32)
        return bytes(self.out)


def key_frame(fields: list[tuple[int, int]]) -> bytes:
    encoder = EvenEncoder()
    for value, num_bits in fields:
        encoder.put(value, num_bits)
    partition = encoder.done()
    return (len(partition) << 5 | 1 << 4).to_bytes(3, "little") + KEY_HEAD + partition


def optional(values: list[int | None], num_bits: int) -> list[tuple[int, int]]:
    return [field for v in values for field in ([(0, 1)] if v is None else [(1, 1), (v, num_bits)])]


def some(num: int, num_bits: int) -> st.SearchStrategy[list[int | None]]:
    return st.lists(st.none() | st.integers(0, 2**num_bits - 1), min_size=num, max_size=num)


@given(
    quantizer=st.integers(0, 127),
    segments=st.none() | st.tuples(st.none() | some(3, 8), st.none() | st.tuples(some(4, 8), some(4, 7))),
    filters=st.integers(0, 1023),
    deltas=st.none() | st.none() | some(8, 7),
    adjusts=st.booleans(),
)
def test_it_is_read_behind_segments_and_filters(quantizer, segments, filters, deltas, adjusts) -> None:  # type: ignore[no-untyped-def]
    fields = [(1, 2), (int(segments is not None), 1)]
    if segments is not None:
        tree, values = segments
        fields += [(int(tree is not None), 1), (int(values is not None), 1)]
        fields += [] if values is None else [(1, 1), *optional(values[0], 8), *optional(values[1], 7)]
        fields += [] if tree is None else optional(tree, 8)
    fields += [(filters, 10), (int(adjusts), 1)]
    if adjusts:
        fields += [(0, 1)] if deltas is None else [(1, 1), *optional(deltas, 7)]
    assert vp8_quantizer(key_frame([*fields, (2, 2), (quantizer, 7)])) == quantizer


def written(**options: object) -> bytes:
    rng = np.random.default_rng(3)
    picture = Image.fromarray(rng.integers(0, 256, (24, 32, 4), np.uint8)).resize((96, 80))
    out = io.BytesIO()
    picture.convert(str(options.pop("mode", "RGB"))).save(out, "WEBP", **options)
    return out.getvalue()


def test_a_finer_picture_has_a_smaller_one() -> None:
    found = [webp_quantizer(written(quality=quality)) for quality in (0, 20, 50, 80, 95)]
    assert None not in found and found == sorted(found, key=lambda q: -(q or 0)) and len(set(found)) == 5
    assert webp_quantizer(written(quality=100)) == 0


def test_transparent_and_animated_pictures_say_it_too() -> None:
    one = webp_quantizer(written(quality=30))
    assert one is not None
    assert abs((webp_quantizer(written(quality=30, mode="RGBA")) or 0) - one) < 12
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], quality=30, allow_mixed=False)
    assert b"ANMF" in out.getvalue() and webp_quantizer(out.getvalue()) is not None


@pytest.mark.parametrize("options", [{"lossless": True}, {"lossless": True, "mode": "RGBA"}])
def test_what_loses_nothing_has_none(options: dict[str, object]) -> None:
    assert webp_quantizer(written(**options)) is None


def test_a_file_that_ends_before_it_has_none() -> None:
    data = written(quality=30)
    at = data.index(b"\x9d\x01\x2a")
    for end in range(at + 7):
        assert webp_quantizer(data[:end]) is None
    assert webp_quantizer(data[: at + 60]) == webp_quantizer(data)
    inter_frame = data[: at - 3] + bytes([data[at - 3] | 1]) + data[at - 2 :]
    assert webp_quantizer(inter_frame) is None


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_or_say_nothing(data: bytes, is_frame: bool) -> None:
    frame = b"\x10\x40\x00" + KEY_HEAD + data if is_frame else data
    for found in (vp8_quantizer(frame), webp_quantizer(b"RIFF\0\0\0\0WEBP" + data)):
        assert found is None or 0 <= found <= 127
