"""Where the picture of an AVIF file lies: the items of its `meta` box (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12)."""

from __future__ import annotations

from collections.abc import Iterator

from semcodec.pictures.isobmff import MOST_PARTS, boxes_in, first_box

_FULL = 4  # bytes of version and flags, before the content of many boxes
_MOST_BYTES = 1 << 16  # of an item: headers alone are asked for


def first_coded_item(data: bytes, wanted: bytes) -> bytes:
    """The beginning of the primary item, or of the first one that it is composed of, where that is of the type
    `wanted` (b"av01"); empty where it is not, or the file makes no sense.
    """
    meta = first_box(boxes_in(data), b"meta")
    inside = dict(boxes_in(meta, _FULL))
    primary = _primary(inside.get(b"pitm", b""))
    types = dict(_types(inside.get(b"iinf", b"")))
    item = primary if types.get(primary) == wanted else _first_part(inside.get(b"iref", b""), primary)
    if types.get(item) != wanted:
        return b""
    return _located(inside.get(b"iloc", b""), item, data, inside.get(b"idat", b""))


def _primary(pitm: bytes) -> int:
    return int.from_bytes(pitm[_FULL : _FULL + (4 if pitm[:1] > b"\0" else 2)], "big")


def _types(iinf: bytes) -> Iterator[tuple[int, bytes]]:
    for kind, infe in boxes_in(iinf, _FULL + (4 if iinf[:1] > b"\0" else 2)):
        if kind == b"infe" and infe[:1] in {b"\2", b"\3"}:
            width = 2 if infe[0] == 2 else 4
            yield int.from_bytes(infe[_FULL : _FULL + width], "big"), infe[_FULL + width + 2 :][:4]


def _first_part(iref: bytes, whole: int) -> int:
    """The first item that one is derived from; -1: from none."""
    width = 4 if iref[:1] > b"\0" else 2
    for kind, body in boxes_in(iref, _FULL):
        if kind == b"dimg" and int.from_bytes(body[:width], "big") == whole:
            return int.from_bytes(body[width + 2 :][:width], "big")
    return -1


def _located(iloc: bytes, wanted: int, data: bytes, idat: bytes) -> bytes:
    """The first extent of an item, as far as it is there."""
    if len(iloc) < 8:
        return b""
    version = iloc[0]
    offset_width, length_width, base_width, index_width = iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4, iloc[5] & 15
    at = _FULL + 2

    def take(width: int) -> int:
        nonlocal at
        at += width
        return int.from_bytes(iloc[at - width : at], "big")

    for _ in range(min(take(4 if version == 2 else 2), MOST_PARTS)):
        if at >= len(iloc):
            return b""
        item = take(4 if version == 2 else 2)
        in_idat = bool(version and take(2) & 15 == 1)
        take(2)  # data_reference_index
        base, num_extents = take(base_width), take(2)
        if item != wanted:
            at += num_extents * ((index_width if version else 0) + offset_width + length_width)
            continue
        take(index_width if version else 0)
        begin, length = base + take(offset_width), take(length_width)
        there = idat if in_idat else data
        return there[begin : begin + min(length, _MOST_BYTES) if length else begin + _MOST_BYTES]
    return b""
