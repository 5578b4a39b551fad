"""Boxes: sections behind the layers that hold what belongs to a picture but is not needed to show it.

```text
 alpha   16   WebP     grey pixels, lossless: how opaque the picture is; of its size or smaller
 link    17   plain    32 bytes of SHA-256, the length of a name in a byte, the name in UTF-8
 icc     18   zlib     a colour profile for RGB
 exif    19   zlib     a TIFF stream, orientation 1
 xmp     20   zlib     an XMP packet, orientation 1
```

They stand in this order, the most wanted first, so that what a cut takes first is wanted least. A file without boxes is
the same bytes as ever.

Promises
1. Nothing is unpacked beyond `Limits.max_metadata_bytes`, over all boxes.
2. A damaged box costs itself, never the picture or another box.

It does not know what stands inside EXIF, ICC and XMP (`semcodec.metadata` does).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from semcodec.errors import DamagedError, FormatError, TruncatedError
from semcodec.ids import BOXES, LAYER_NAMES, BoxCoding, LayerId
from semcodec.limits import Limits
from semcodec.types import Link, Metadata, Section, Size

CODING_OF: dict[int, BoxCoding] = {
    LayerId.ALPHA: BoxCoding.WEBP,
    LayerId.LINK: BoxCoding.PLAIN,
    LayerId.ICC: BoxCoding.ZLIB,
    LayerId.EXIF: BoxCoding.ZLIB,
    LayerId.XMP: BoxCoding.ZLIB,
}
_FIELD_OF: dict[int, str] = {
    LayerId.ALPHA: "alpha",
    LayerId.ICC: "icc_profile",
    LayerId.EXIF: "exif",
    LayerId.XMP: "xmp",
}
HASH_BYTES = 32
MAX_NAME_BYTES = 255
# What would lead a name that is used as a path out of its folder, or a terminal astray.
_NOT_IN_NAMES = frozenset("/\\\x7f").union(map(chr, range(32)))
_WEBP_HEAD_BYTES = 25
_TIFF_BEGINS = (b"II*\x00", b"MM\x00*")


def is_box(section: Section) -> bool:
    return section.layer in CODING_OF


def pack_boxes(metadata: Metadata) -> list[Section]:
    """The boxes in the order of a file; those that are None or empty are left out."""
    sections = []
    for layer in BOXES:
        if layer == LayerId.LINK:
            payload = _pack_link(metadata.link) if metadata.link is not None else b""
        else:
            plain: bytes = getattr(metadata, _FIELD_OF[layer]) or b""
            payload = zlib.compress(plain, 9) if plain and CODING_OF[layer] == BoxCoding.ZLIB else plain
        if payload:
            sections.append(Section(layer, CODING_OF[layer], payload))
    return sections


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
            metadata = _with(metadata, section.layer, plain)
        except FormatError as problem:
            # (of a box that the file ends inside, whoever read the sections has said so)
            if not section.cut_short:
                metadata = replace(metadata, problems=(*metadata.problems, problem))
    return metadata


def _with(metadata: Metadata, layer: int, plain: bytes) -> Metadata:
    if layer == LayerId.ALPHA:
        return replace(metadata, alpha=plain)
    if layer == LayerId.ICC:
        return replace(metadata, icc_profile=plain)
    return replace(metadata, exif=plain) if layer == LayerId.EXIF else replace(metadata, xmp=plain)


def base_name(name: str) -> str:
    """The last part of a path, as a link may hold it: no folder, no control character, at most 255 bytes of UTF-8."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(character for character in last if character not in _NOT_IN_NAMES)
    # File names that are not Unicode arrive with lone surrogates, which UTF-8 cannot hold.
    shown = kept.encode("utf-8", "replace")
    while len(shown) > MAX_NAME_BYTES:
        kept = kept[:-1]
        shown = kept.encode("utf-8", "replace")
    return shown.decode("utf-8")


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


def _pack_link(link: Link) -> bytes:
    name = link.name.encode("utf-8")
    assert len(link.sha256) == HASH_BYTES, "a SHA-256 has 32 bytes"
    assert link.name == base_name(link.name), "a link's name is made by `base_name`"
    return link.sha256 + bytes([len(name)]) + name


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
    if not _NOT_IN_NAMES.isdisjoint(name):
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


def without_boxes(sections: Sequence[Section]) -> list[Section]:
    return [section for section in sections if not is_box(section)]
