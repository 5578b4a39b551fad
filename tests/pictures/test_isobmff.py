"""Boxes are walked by their lengths, and no further than they make sense."""

from __future__ import annotations

import io

from semcodec.pictures.isobmff import boxes_in, first_box, top_box

FTYP = b"\0\0\0\x0cftypavif"
LONG = b"\0\0\0\x01mdat" + (20).to_bytes(8, "big") + b"abcd"  # its length stands behind its kind
LAST = b"\0\0\0\0freexyz"  # to the end of the file


def test_boxes_of_all_kinds_of_length():
    assert list(boxes_in(FTYP + LONG + LAST)) == [(b"ftyp", b"avif"), (b"mdat", b"abcd"), (b"free", b"xyz")]
    assert list(boxes_in(b"1234" + FTYP, 4)) == [(b"ftyp", b"avif")]


def test_a_length_that_makes_no_sense_ends_the_walk():
    assert list(boxes_in(FTYP + b"\0\0\0\x07mdat" + FTYP)) == [(b"ftyp", b"avif")]
    assert list(boxes_in(FTYP + b"\0\0\0")) == [(b"ftyp", b"avif")]
    assert list(boxes_in(FTYP + b"\0\0\xff\xffmdatab")) == [(b"ftyp", b"avif"), (b"mdat", b"ab")]


def test_the_first_of_a_kind_is_found_in_a_body_and_in_a_file():
    assert first_box(boxes_in(FTYP + LONG + LONG), b"mdat") == b"abcd"
    assert first_box(boxes_in(FTYP), b"mdat") == b""
    assert top_box(io.BytesIO(FTYP + LONG), b"mdat") == b"abcd"
    assert top_box(io.BytesIO(FTYP + LONG), b"meta") is None
