"""Sections: what follows the header.

```text
 id byte      bit 7: the last section, it runs to the end of the file and has no length
              bit 6: open end, the payload was cut on purpose and may stop after any symbol
              bits 5..0: layer id, 1 to 63
 model byte   what the payload was coded with: number of the text table, or of the family of token networks
 length       varint, bytes of payload; absent in the last section
 payload
```

A decoder skips sections whose layer it does not know. Each known layer occurs at most once.
"""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.container.bits import ByteReader, varint_bytes
from semcodec.container.header import pack_header, unpack_header
from semcodec.errors import FormatError, TruncatedError
from semcodec.ids import LAYER_NAMES
from semcodec.limits import Limits
from semcodec.types import FileHeader, Section

_LAST, _OPEN, _ID = 128, 64, 63


def write_file(header: FileHeader, sections: Sequence[Section]) -> bytes:
    """The whole file. There must be at least one section; the last one is written without its length."""
    assert sections, "a file has at least one section"
    out = bytearray(pack_header(header))
    for at, section in enumerate(sections):
        last = at == len(sections) - 1
        out.append(section.layer | (_LAST if last else 0) | (_OPEN if section.open_end else 0))
        out.append(section.model)
        if not last:
            out += varint_bytes(len(section.payload))
        out += section.payload
    return bytes(out)


def num_framing_bytes(header: FileHeader, payload_bytes: Sequence[int]) -> int:
    """Bytes of header and framing of a file whose sections hold so many payload bytes, in this order."""
    lengths = sum(len(varint_bytes(num_bytes)) for num_bytes in payload_bytes[:-1])
    return len(pack_header(header)) + 2 * len(payload_bytes) + lengths


def read_file(data: bytes, limits: Limits) -> tuple[FileHeader, tuple[Section, ...], FormatError | None]:
    """Header, sections as far as the file goes, and what is wrong with the rest.

    Raises where not even the header can be read. A file that ends early gives the sections that are there, the last
    of them marked `cut_short` if the file ends inside it.
    """
    reader = ByteReader(data)
    header = unpack_header(reader, limits)
    sections: list[Section] = []
    try:
        while True:
            count = len(sections) + 1
            limits.ask("max_sections", count, f"the file has {count} sections or more", offset=reader.offset)
            section, is_last = _read_section(reader, sections)
            sections.append(section)
            if is_last:
                return header, tuple(sections), None
            if section.cut_short:
                message = (
                    f"the file ends inside a section: its payload begins at offset {section.offset}, "
                    f"the file ends at offset {len(data)}"
                )
                return header, tuple(sections), TruncatedError(message, offset=len(data))
    except FormatError as problem:
        return header, tuple(sections), problem


def find_sections(reader: ByteReader, layers: Sequence[int], limits: Limits) -> dict[int, Section]:
    """The sections of these layers, by layer. Other payloads are passed over; once the first of the layers was found,
    nothing is read behind the next section of another layer than these.

    Raises what is wrong with the file up to there.
    """
    unpack_header(reader, limits)
    found: dict[int, Section] = {}
    before: list[Section] = []
    while True:
        count = len(before) + 1
        limits.ask("max_sections", count, f"the file has {count} sections or more", offset=reader.offset)
        section, is_last = _read_section(reader, before, only=layers)
        before.append(section)
        if section.layer in layers:
            found[section.layer] = section
        if is_last or section.cut_short or (layers[0] in found and section.layer not in layers):
            return found


def _read_section(
    reader: ByteReader, before: Sequence[Section], *, only: Sequence[int] | None = None
) -> tuple[Section, bool]:
    """`only`: payloads of other layers are passed over."""
    start = reader.offset
    flags, model = reader.take(2, "a section's head")
    layer, is_last = flags & _ID, bool(flags & _LAST)
    if not layer:
        raise FormatError(f"section number 0 at offset {start}: the file is damaged", offset=start)
    if layer in LAYER_NAMES and any(section.layer == layer for section in before):
        raise FormatError(
            f"a second '{LAYER_NAMES[layer]}' section at offset {start}: the file is damaged", offset=start
        )
    length = reader.num_left if is_last else reader.varint("a section's length")
    offset = reader.offset
    if only is None or layer in only:
        payload = reader.take_up_to(length)
        cut_short = len(payload) < length
    else:
        payload, cut_short = b"", reader.skip_up_to(length) < length
    sized = not is_last and not cut_short
    return Section(layer, model, payload, bool(flags & _OPEN), cut_short, sized, offset), is_last
