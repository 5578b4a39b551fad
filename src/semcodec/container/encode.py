"""The frame of a file, written: header and sections. Encoder only."""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.container.header import FIELDS, LARGE_FIELDS, LOW_SIDE
from semcodec.container.sections import LAST, OPEN
from semcodec.ids import FORMAT_VERSION, MAGIC
from semcodec.types import FileHeader, Section


def write_file(header: FileHeader, sections: Sequence[Section]) -> bytes:
    """The whole file. There must be at least one section; the last one is written without its length."""
    assert sections, "a file has at least one section"
    *others, last = sections
    return pack_header(header) + pack_sections(others) + bytes([_id_byte(last) | LAST, last.model]) + last.payload


def pack_sections(sections: Sequence[Section]) -> bytes:
    """Sections one after the other, all with their length."""
    return b"".join(bytes([_id_byte(s), s.model]) + varint_bytes(len(s.payload)) + s.payload for s in sections)


def _id_byte(section: Section) -> int:
    return section.layer | (OPEN if section.open_end else 0)


def num_framing_bytes(header: FileHeader, payload_bytes: Sequence[int]) -> int:
    """Bytes of header and framing of a file whose sections hold that many bytes each, in this order."""
    lengths = sum(len(varint_bytes(num_bytes)) for num_bytes in payload_bytes[:-1])
    return len(pack_header(header)) + 2 * len(payload_bytes) + lengths


def pack_header(header: FileHeader) -> bytes:
    width, height = header.size.width_px - 1, header.size.height_px - 1
    values = {
        "version": FORMAT_VERSION,
        "large": int(max(width, height) > LOW_SIDE),
        "reserved": 0,
        "step": header.step,
        "width_low": width & LOW_SIDE,
        "height_low": height & LOW_SIDE,
        "width_high": width >> 14,
        "height_high": height >> 14,
    }
    return MAGIC + _pack_fields(FIELDS, values) + (_pack_fields(LARGE_FIELDS, values) if values["large"] else b"")


def _pack_fields(fields: Sequence[tuple[str, int]], values: dict[str, int]) -> bytes:
    """Named fields, most significant first, to whole bytes (the widths must sum to a multiple of 8)."""
    packed = width = 0
    for name, num_bits in fields:
        value = values[name]
        assert 0 <= value < 1 << num_bits, f"{name} = {value} does not fit in {num_bits} bits"
        packed = packed << num_bits | value
        width += num_bits
    return packed.to_bytes(width >> 3, "big")


def varint_bytes(value: int) -> bytes:
    assert 0 <= value < 1 << 28
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
