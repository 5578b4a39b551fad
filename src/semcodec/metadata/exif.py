"""EXIF data made fit for a picture that was turned upright, in place: nothing moves, so makers' notes stay readable.

It does not know what a maker's note holds. EXIF is a TIFF file without pixels: tables (IFDs) of entries, 12 bytes each
(tag, type, count, value or where it stands), each table with the place of the next one behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EXIF_PREFIX = b"Exif\x00\x00"  # stands before the TIFF stream in JPEG and WebP files, and in no box
# Tags of a TIFF file that say how its pixels are stored, and what has a place of its own: XMP, IPTC, Photoshop, ICC.
TIFF_STORAGE = frozenset(
    {*range(0x00FE, 0x0104), 0x0106, 0x010A, 0x0111, *range(0x0115, 0x011A), 0x011C, 0x013D, *range(0x0140, 0x0146)}
    | {0x014A, *range(0x0152, 0x0155), 0x015B, *range(0x0200, 0x0215), 700, 33723, 34377, 34675}
)

ORIENTATION = 0x0112
_WIDTH, _HEIGHT = 0x0100, 0x0101
_EXIF_TABLE, _EXIF_WIDTH, _EXIF_HEIGHT = 0x8769, 0xA002, 0xA003
_COLOUR_SPACE, _UNCALIBRATED, _INTEROPERABILITY_TABLE, _INTEROPERABILITY_INDEX = 0xA001, 0xFFFF, 0xA005, 1
_JPEG_AT, _JPEG_BYTES, _STRIP_AT, _STRIP_BYTES = 0x0201, 0x0202, 0x0111, 0x0117
_ASCII, _SHORT, _LONG, _UNDEFINED = 2, 3, 4, 7
QUARTER_TURNS = frozenset({5, 6, 7, 8})  # orientations that exchange width and height


def upright_exif(exif: bytes) -> bytes | None:
    """The TIFF stream with orientation 1, without the thumbnail; None where it is no TIFF stream.

    The thumbnail goes because it is a second picture: larger than most files here, still turned, and whole where the
    picture may have been edited. Widths and heights are exchanged where the orientation was a quarter turn.
    """
    tiff = _opened(exif)
    if tiff is None:
        return None
    first = tiff.table(tiff.number(4, 4))
    if not first.entries:
        return None
    orientation = first.value(ORIENTATION)
    first.set_value(ORIENTATION, 1)
    if orientation in QUARTER_TURNS:
        first.exchange(_WIDTH, _HEIGHT)
        tiff.table(first.value(_EXIF_TABLE) or 0).exchange(_EXIF_WIDTH, _EXIF_HEIGHT)
    _drop_thumbnail(tiff, first)
    return bytes(tiff.data)


def orientation_of(exif: bytes | None) -> int:
    """1 to 8, as EXIF counts; 1 where nothing sensible is said."""
    tiff = _opened(exif or b"")
    said = tiff.table(tiff.number(4, 4)).value(ORIENTATION) if tiff is not None else None
    return said if said is not None and 1 <= said <= 8 else 1


def colour_space_of(exif: bytes | None) -> Literal["srgb", "adobe", "uncalibrated"] | None:
    """What EXIF says of colours. Adobe RGB is "uncalibrated" with the interoperability index R03, after DCF; some write
    a 2, which no standard has.
    """
    tiff = _opened(exif or b"")
    if tiff is None:
        return None
    exif_table = tiff.table(tiff.table(tiff.number(4, 4)).value(_EXIF_TABLE) or 0)
    said = exif_table.value(_COLOUR_SPACE)
    if said == _UNCALIBRATED:
        index = tiff.table(exif_table.value(_INTEROPERABILITY_TABLE) or 0).text(_INTEROPERABILITY_INDEX)
        return "adobe" if index == b"R03" else "uncalibrated"
    if said == 1:
        return "srgb"
    return "adobe" if said == 2 else None


def called_srgb(exif: bytes) -> bytes:
    """The TIFF stream for pixels that are sRGB with no profile beside them, whatever they were before."""
    tiff = _opened(exif)
    if tiff is None or colour_space_of(exif) in {None, "srgb"}:
        return exif
    exif_table = tiff.table(tiff.table(tiff.number(4, 4)).value(_EXIF_TABLE) or 0)
    exif_table.set_value(_COLOUR_SPACE, 1)
    interoperability = tiff.table(exif_table.value(_INTEROPERABILITY_TABLE) or 0)
    if interoperability.text(_INTEROPERABILITY_INDEX) == b"R03":
        at = interoperability.entries[_INTEROPERABILITY_INDEX] + 8
        tiff.data[at : at + 4] = b"R98\x00"
    return bytes(tiff.data)


def _opened(exif: bytes) -> _Tiff | None:
    while exif.startswith(EXIF_PREFIX):
        exif = exif[len(EXIF_PREFIX) :]
    if exif.startswith(b"II*\x00"):
        return _Tiff(bytearray(exif), "little")
    return _Tiff(bytearray(exif), "big") if exif.startswith(b"MM\x00*") else None


def _drop_thumbnail(tiff: _Tiff, first: _Table) -> None:
    place = tiff.number(first.end, 4)
    if not place or first.end + 4 > len(tiff.data):
        return
    second = tiff.table(place)
    tiff.data[first.end : first.end + 4] = bytes(4)
    for at, num_bytes in ((_JPEG_AT, _JPEG_BYTES), (_STRIP_AT, _STRIP_BYTES)):
        start, length = second.value(at), second.value(num_bytes)
        if not start or not length or start < second.end or start + length > len(tiff.data):
            continue
        if start + length >= len(tiff.data) - 3:  # where every camera puts it
            del tiff.data[start:]
        else:
            tiff.data[start : start + length] = bytes(length)


@dataclass(frozen=True, slots=True)
class _Tiff:
    data: bytearray
    order: Literal["little", "big"]

    def number(self, at: int, num_bytes: int) -> int:
        """0 beyond the end."""
        return int.from_bytes(self.data[at : at + num_bytes], self.order)

    def table(self, at: int) -> _Table:
        """The table at a place; one without entries where there is none."""
        num_entries = self.number(at, 2) if 8 <= at <= len(self.data) - 2 else 0
        end = at + 2 + 12 * num_entries
        if end > len(self.data):
            num_entries, end = 0, at
        return _Table(self, {self.number(e, 2): e for e in range(at + 2, at + 2 + 12 * num_entries, 12)}, end)


@dataclass(frozen=True, slots=True)
class _Table:
    """`entries` maps tags to the places of their entries; `end` is where the place of the next table stands."""

    tiff: _Tiff
    entries: dict[int, int]
    end: int

    def value(self, tag: int) -> int | None:
        """Of an entry with one whole number; None where there is none."""
        at = self.entries.get(tag)
        if at is None or self.tiff.number(at + 4, 4) != 1:
            return None
        num_bytes = {_SHORT: 2, _LONG: 4}.get(self.tiff.number(at + 2, 2))
        return None if num_bytes is None else self.tiff.number(at + 8, num_bytes)

    def text(self, tag: int) -> bytes | None:
        """Of an entry with at most four bytes of text, its end cut off; None where there is none."""
        at = self.entries.get(tag)
        if at is None or self.tiff.number(at + 2, 2) not in {_ASCII, _UNDEFINED} or self.tiff.number(at + 4, 4) > 4:
            return None
        return bytes(self.tiff.data[at + 8 : at + 8 + self.tiff.number(at + 4, 4)]).split(b"\x00")[0]

    def set_value(self, tag: int, value: int) -> None:
        if self.value(tag) is not None:
            at = self.entries[tag]
            num_bytes = {_SHORT: 2, _LONG: 4}[self.tiff.number(at + 2, 2)]
            self.tiff.data[at + 8 : at + 8 + num_bytes] = value.to_bytes(num_bytes, self.tiff.order)

    def exchange(self, tag: int, other_tag: int) -> None:
        """The types, counts and values of two entries."""
        if tag in self.entries and other_tag in self.entries:
            at, other = self.entries[tag] + 2, self.entries[other_tag] + 2
            data = self.tiff.data
            data[at : at + 10], data[other : other + 10] = data[other : other + 10], data[at : at + 10]
