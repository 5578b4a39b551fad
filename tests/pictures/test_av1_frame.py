"""The quantizer of any AVIF picture: stills, animations, with transparency, grids; and from no damaged file."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from semcodec.layers.base.quantizer import quantizer_of
from semcodec.pictures.av1 import avif_of, base_of_avif
from semcodec.pictures.av1_frame import av1_quantizer, avif_quantizer
from semcodec.pictures.isobmff_items import first_coded_item


def picture(mode: str = "RGB", size: tuple[int, int] = (96, 80), seed: int = 3) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (24, 32, 4), np.uint8)).resize(size).convert(mode)


def written(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "AVIF", speed=9, **options)
    return out.getvalue()


AVIF = written(picture(), quality=40)


@pytest.mark.parametrize("quality", [1, 30, 70, 100])
def test_it_is_that_of_the_base_inside(quality: int) -> None:
    data = written(picture(), quality=quality, range="full", subsampling="4:2:0")
    base = base_of_avif(data)
    assert avif_quantizer(data) == avif_quantizer(avif_of(base)) == quantizer_of(base) is not None


@pytest.mark.parametrize("options", [{"subsampling": "4:4:4"}, {"subsampling": "4:0:0"}, {"range": "limited"}])
def test_other_samples_and_alpha_before_the_picture_do_not_matter(options: dict[str, object]) -> None:
    wanted = avif_quantizer(written(picture(), quality=40))
    assert avif_quantizer(written(picture(), quality=40, **options)) == wanted
    with_alpha = picture("RGBA")
    with_alpha.putalpha(Image.fromarray(np.arange(96 * 80, dtype=np.uint8).reshape(80, 96)))
    assert avif_quantizer(written(with_alpha, quality=40, alpha_premultiplied=False)) == wanted


def test_a_frame_of_an_animation_is_read_behind_a_whole_sequence_header() -> None:
    frames = [picture(seed=seed) for seed in range(3)]
    data = written(frames[0], quality=40, save_all=True, append_images=frames[1:])
    assert data[8:12] == b"avis"
    found = avif_quantizer(data)
    assert found is not None and 100 < found < 220


def test_of_a_grid_the_first_tile_is_read() -> None:
    tile = written(picture(), quality=40)
    stream = first_coded_item(tile, b"av01")

    def box(kind: bytes, *content: bytes) -> bytes:
        body = b"".join(content)
        return struct.pack(">I4s", 8 + len(body), kind) + body

    def entry(item: int, kind: bytes) -> bytes:
        return box(b"infe", b"\2\0\0\0", item.to_bytes(2, "big"), bytes(2), kind, b"\0")

    def meta(begin: int) -> bytes:
        extent = struct.pack(">HII", 1, begin, len(stream))
        return box(
            b"meta",
            bytes(4),
            box(b"pitm", bytes(4), b"\0\1"),
            box(b"iinf", bytes(4), b"\0\3", entry(1, b"grid"), entry(2, b"av01"), entry(3, b"av01")),
            box(b"iref", bytes(4), box(b"dimg", struct.pack(">HHHH", 1, 2, 3, 2))),
            box(b"iloc", b"\1\0\0\0\x44\0\0\2", *(struct.pack(">HHH", n, 0, 0) + extent for n in (2, 3))),
        )

    ftyp = box(b"ftyp", b"avif", bytes(4), b"avif")
    data = ftyp + meta(len(ftyp) + len(meta(0)) + 8) + box(b"mdat", stream)
    assert avif_quantizer(data) == avif_quantizer(tile) is not None


class Bits:
    def __init__(self) -> None:
        self.text = ""

    def put(self, value: int, num_bits: int = 1) -> None:
        self.text += f"{value:0{num_bits}b}" if num_bits else ""

    def data(self) -> bytes:
        text = self.text + "1"
        return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


@given(st.data(), st.integers(0, 255))
def test_it_is_read_behind_any_fields_that_a_key_frame_can_have(data: st.DataObject, quantizer: int) -> None:
    """A whole sequence header (5.5) and a frame header (5.9.2) of one superblock, of drawn values."""

    def drawn(num_bits: int) -> int:
        return data.draw(st.integers(0, 2**num_bits - 1))

    seq, frame = Bits(), Bits()

    def put(bits: Bits, num_bits: int = 1) -> int:
        value = drawn(num_bits)
        bits.put(value, num_bits)
        return value

    seq.put(0, 3), seq.put(0), seq.put(0)
    is_even = has_model = time_width = 0
    if put(seq):  # timing
        seq.put(1, 32), seq.put(1, 32)
        is_even = put(seq)
        if is_even:
            seq.put(0b00101, 5)  # uvlc: 4
        has_model = put(seq)
        if has_model:
            seq.put(3, 5), seq.put(1, 32), seq.put(7, 5)
            time_width = put(seq, 5) + 1
    has_delay = put(seq)
    num_points = drawn(2)
    seq.put(num_points, 5)
    for _ in range(num_points + 1):
        put(seq, 12)
        if put(seq, 5) > 7:
            put(seq)
        if has_model and put(seq):
            put(seq, 4), put(seq, 4), put(seq)
        if has_delay and put(seq):
            put(seq, 4)
    seq.put(5, 4), seq.put(6, 4), seq.put(47, 6), seq.put(33, 7)
    has_ids = put(seq)
    id_width = put(seq, 4) + 2 + put(seq, 3) + 1 if has_ids else 0
    put(seq), put(seq, 2), put(seq, 4)
    has_hints = put(seq)
    if has_hints:
        put(seq, 2)
    screen = 2 if put(seq) else put(seq)
    vectors = 2
    if screen:
        vectors = 2 if put(seq) else put(seq)
    hint_width = put(seq, 3) + 1 if has_hints else 0
    has_superres = put(seq)
    put(seq, 20)  # (what follows says nothing here)

    frame.put(0b0001, 4)
    put(frame, time_width if has_model and not is_even else 0)
    keeps_chances = put(frame)
    shows_screen = put(frame) if screen == 2 else screen
    if shows_screen and vectors == 2:
        put(frame)
    put(frame, id_width)
    has_size = put(frame)
    put(frame, hint_width)
    if has_model:
        frame.put(0)
    if has_size:
        frame.put(31, 6), frame.put(20, 7)
    is_narrowed = has_superres and put(frame)
    if is_narrowed:
        put(frame, 3)
    if put(frame):
        put(frame, 32)
    if shows_screen and not is_narrowed:
        put(frame)
    if not keeps_chances:
        put(frame)
    frame.put(1), frame.put(quantizer, 8), put(frame, 16)
    stream = b"\x12\0" + b"".join(
        bytes([kind << 3 | 2, len(content)]) + content for kind, content in ((1, seq.data()), (6, frame.data()))
    )
    assert av1_quantizer(stream) == quantizer


def test_a_file_that_ends_before_it_or_is_another_has_none() -> None:
    data = written(picture(), quality=40)
    at = data.index(b"mdat")
    assert all(avif_quantizer(data[:end]) is None for end in range(at + 12))
    assert avif_quantizer(data[: at + 60]) == avif_quantizer(data)
    assert avif_quantizer(data.replace(b"av01", b"hvc1")) is None


@given(st.binary(max_size=120), st.integers(0, 400))
def test_any_bytes_are_read_or_say_nothing(junk: bytes, at: int) -> None:
    data = AVIF[:at] + junk + AVIF[at + len(junk) :]
    for found in (avif_quantizer(data), av1_quantizer(junk)):
        assert found is None or 0 <= found <= 255
