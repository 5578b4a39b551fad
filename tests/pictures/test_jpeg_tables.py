"""The quantisation table of a JPEG picture's luminance."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from semcodec.pictures.jpeg_tables import luminance_table


def written(mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (40, 30)).save(out, "JPEG", **options)
    return out.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", [{"quality": 5}, {"quality": 50, "progressive": True}, {"quality": 100}])
def test_it_is_the_one_that_the_decoder_uses(mode: str, options: dict[str, object]) -> None:
    data = written(mode, **options)
    table = luminance_table(data)
    with Image.open(io.BytesIO(data)) as picture:
        assert table is not None and sorted(table) == sorted(picture.quantization[0])  # type: ignore[attr-defined]


def test_steps_of_16_bits_and_tables_in_one_segment_are_read() -> None:
    deep = bytes([0x11]) + b"".join(step.to_bytes(2, "big") for step in range(300, 364))
    tables = b"\xff\xdb" + (2 + len(deep) + 65).to_bytes(2, "big") + bytes([0]) + bytes([9] * 64) + deep
    for number, wanted in ((0, (9,) * 64), (1, tuple(range(300, 364)))):
        frame = b"\xff\xc1\x00\x0b\x08\0\x1e\0\x28\x01\x01\x11" + bytes([number])
        assert luminance_table(b"\xff\xd8" + tables + frame + b"\xff\xda") == wanted
        assert luminance_table(b"\xff\xd8" + frame + tables + b"\xff\xda") == wanted


@pytest.mark.parametrize("broken", ["no frame", "another table", "a step of 0", "cut short", "no JPEG"])
def test_without_a_whole_table_there_is_none(broken: str) -> None:
    table = bytes([0]) + bytes([0 if broken == "a step of 0" else 9] * (63 if broken == "cut short" else 64))
    frame = b"\xff\xc0\x00\x0b\x08\0\x1e\0\x28\x01\x01\x11" + bytes([1 if broken == "another table" else 0])
    begin = b"\xff\xd7" if broken == "no JPEG" else b"\xff\xd8"
    head = begin + b"\xff\xdb" + (2 + len(table)).to_bytes(2, "big") + table
    assert luminance_table(head + (b"" if broken == "no frame" else frame)) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_say_nothing(data: bytes) -> None:
    found = luminance_table(b"\xff\xd8\xff\xdb" + data)
    assert found is None or (len(found) == 64 and min(found) > 0)
