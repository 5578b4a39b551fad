"""Boxes to what belongs to a picture, each by itself. Decoder only."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace

from semcodec.container.boxes import CODING_OF, FIELD_OF, HASH_BYTES, NOT_IN_NAMES, is_box
from semcodec.errors import DamagedError, FormatError, TruncatedError
from semcodec.ids import LAYER_NAMES, BoxCoding, LayerId
from semcodec.limits import Limits
from semcodec.types import Link, Metadata, Section, Size

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from typing import Any

_WEBP_HEAD_BYTES = 25
_TIFF_BEGINS = (b"II*\x00", b"MM\x00*")


def unpack_boxes(sections: Iterable[Section], size: Size, limits: Limits) -> Metadata:
    """What the boxes among the sections hold; `problems` says what is wrong with the others. `size` is the picture's.

    Raises:
        LimitError: together they unpack to more than `limits.max_metadata_bytes`.
    """
    metadata, num_bytes = Metadata(), 0
    for section in filter(is_box, sections):
        try:
            if section.layer == LayerId.LINK:
                _ask_coding(section)
                metadata = replace(metadata, link=_unpack_link(section))
                continue
            plain = _unpack(section, size, limits, num_bytes)
            num_bytes += len(plain)
            fields: dict[str, Any] = {FIELD_OF[section.layer]: plain}
            metadata = replace(metadata, **fields)
        except FormatError as problem:
            # (of a box that the file ends inside, whoever read the sections has said so)
            if not section.cut_short:
                metadata = replace(metadata, problems=(*metadata.problems, problem))
    return metadata


def _where(section: Section) -> str:
    return f"the {LAYER_NAMES[section.layer]} box at offset {section.offset}"


def _ask_coding(section: Section) -> None:
    if section.model != CODING_OF[section.layer]:
        raise FormatError(
            f"{_where(section)} is coded with number {section.model}, which this build does not know; "
            "install a newer semcodec to have it",
            offset=section.offset,
        )


def _unpack(section: Section, size: Size, limits: Limits, num_before: int) -> bytes:
    _ask_coding(section)
    if section.model == BoxCoding.WEBP:
        _ask_room(section, num_before + len(section.payload), limits)
        _check_webp(section, size)
        return section.payload
    room = limits.max_metadata_bytes - num_before
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(section.payload, room + 1)
    except zlib.error as exc:
        raise DamagedError(
            f"{_where(section)} is damaged: it is no zlib stream, or its check does not hold", offset=section.offset
        ) from exc
    _ask_room(section, num_before + len(plain), limits)
    end = section.offset + len(section.payload)
    if not stream.eof:
        raise TruncatedError(f"{_where(section)} ends early, at offset {end}", offset=end)
    if stream.unused_data:
        raise _goes_on(section, len(section.payload) - len(stream.unused_data))
    if section.layer == LayerId.EXIF and not plain.startswith(_TIFF_BEGINS):
        raise DamagedError(f"{_where(section)} does not hold a TIFF stream", offset=section.offset)
    return plain


def _ask_room(section: Section, num_bytes: int, limits: Limits) -> None:
    what = f"{LAYER_NAMES[section.layer]} and the boxes before it unpack to {num_bytes} bytes or more"
    limits.ask("max_metadata_bytes", num_bytes, what, offset=section.offset)


def _check_webp(section: Section, size: Size) -> None:
    """A simple lossless WebP file: RIFF, bytes from here on (low first), WEBP, VP8L, bytes of it, 2F, then from the low
    bit on 14 bits of width - 1 and 14 bits of height - 1.
    """
    payload, end = section.payload, section.offset + len(section.payload)
    if len(payload) < _WEBP_HEAD_BYTES:
        raise TruncatedError(f"{_where(section)} ends early, at offset {end}", offset=end)
    if (payload[:4], payload[8:16], payload[20:21]) != (b"RIFF", b"WEBPVP8L", b"\x2f"):
        raise DamagedError(f"{_where(section)} does not hold a lossless WebP file", offset=section.offset)
    wanted = 8 + int.from_bytes(payload[4:8], "little")
    if len(payload) < wanted:
        raise TruncatedError(f"{_where(section)} ends early, at offset {end}", offset=end)
    if len(payload) > wanted:
        raise _goes_on(section, wanted)
    bits = int.from_bytes(payload[21:_WEBP_HEAD_BYTES], "little")
    width_px, height_px = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if width_px > size.width_px or height_px > size.height_px:
        raise DamagedError(
            f"{_where(section)} is of {width_px}x{height_px} pixels, larger than the picture of {size}",
            offset=section.offset + 21,
        )


def _unpack_link(section: Section) -> Link:
    payload, end = section.payload, section.offset + len(section.payload)
    wanted = HASH_BYTES + 1 + (payload[HASH_BYTES] if len(payload) > HASH_BYTES else 0)
    if len(payload) < wanted:
        raise TruncatedError(f"{_where(section)} ends early, at offset {end}", offset=end)
    if len(payload) > wanted:
        raise _goes_on(section, wanted)
    at = section.offset + HASH_BYTES + 1
    try:
        name = payload[HASH_BYTES + 1 :].decode("utf-8")
    except UnicodeDecodeError as exc:
        bad = at + exc.start
        raise DamagedError(f"the name in {_where(section)} is not UTF-8 at offset {bad}", offset=bad) from exc
    if not NOT_IN_NAMES.isdisjoint(name):
        raise DamagedError(
            f"the name in {_where(section)} has a folder or a control character in it, from offset {at} on", offset=at
        )
    return Link(payload[:HASH_BYTES], name)


def _goes_on(section: Section, num_bytes: int) -> DamagedError:
    at = section.offset + num_bytes
    return DamagedError(
        f"{_where(section)} goes on behind its end, at offset {at}: the file is damaged or has bytes appended",
        offset=at,
    )
