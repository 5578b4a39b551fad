"""The frame of a file, read: header and sections. Every read is bounded and knows where it is. Decoder only."""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.container.header import FIELDS, LARGE_FIELDS, LOW_SIDE, check_size
from semcodec.container.sections import ID, LAST, OPEN
from semcodec.errors import FormatError, NotSemcError, TruncatedError, UnsupportedVersionError
from semcodec.ids import CLIP_MAGIC, FORMAT_VERSION, LAYER_NAMES, MAGIC
from semcodec.limits import Limits
from semcodec.types import FileHeader, Section, Size

_FIELD_BYTES = sum(bits for _, bits in FIELDS) >> 3


def read_file(data: bytes, limits: Limits) -> tuple[FileHeader, tuple[Section, ...], FormatError | None]:
    """Header, sections as far as the file goes, and what is wrong with the rest.

    Raises where not even the header can be read. A file that ends early gives the sections that are there, the last
    of them marked `cut_short` if the file ends inside it.
    """
    reader = ByteReader(data)
    return unpack_header(reader, limits), *read_sections(reader, limits)


def read_sections(reader: ByteReader, limits: Limits) -> tuple[tuple[Section, ...], FormatError | None]:
    """The sections that the reader has before it, and what is wrong with the rest."""
    sections: list[Section] = []
    try:
        while True:
            _ask_for_one_more(sections, reader, limits)
            section, is_last = _read_section(reader, sections)
            sections.append(section)
            if is_last:
                return tuple(sections), None
            if section.cut_short:
                message = (
                    f"the file ends inside a section: its payload begins at offset {section.offset}, "
                    f"the file ends at offset {reader.offset}"
                )
                return tuple(sections), TruncatedError(message, offset=reader.offset)
    except FormatError as problem:
        return tuple(sections), problem


def find_sections(reader: ByteReader, layers: Sequence[int], limits: Limits) -> dict[int, Section]:
    """The sections of these layers, by layer. Other payloads are passed over; once the first of the layers was found,
    nothing is read behind the next section of another layer than these.

    Raises what is wrong with the file up to there.
    """
    unpack_header(reader, limits)
    found: dict[int, Section] = {}
    before: list[Section] = []
    while True:
        _ask_for_one_more(before, reader, limits)
        section, is_last = _read_section(reader, before, only=layers)
        before.append(section)
        if section.layer in layers:
            found[section.layer] = section
        if is_last or section.cut_short or (layers[0] in found and section.layer not in layers):
            return found


def _ask_for_one_more(before: Sequence[Section], reader: ByteReader, limits: Limits) -> None:
    """Raises `LimitError`. Where nothing is left there is none: the file, or the sections of packets, end early."""
    if reader.num_left:
        count = len(before) + 1
        limits.ask("max_sections", count, f"the file has {count} sections or more", offset=reader.offset)


def _read_section(
    reader: ByteReader, before: Sequence[Section], *, only: Sequence[int] | None = None
) -> tuple[Section, bool]:
    """`only`: payloads of other layers are passed over."""
    start = reader.offset
    flags, model = reader.take(2, "a section's head")
    layer, is_last = flags & ID, bool(flags & LAST)
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
    return Section(layer, model, payload, bool(flags & OPEN), cut_short, sized, offset), is_last


def unpack_header(reader: ByteReader, limits: Limits) -> FileHeader:
    """The header at the reader's place. Raises `FormatError` or `LimitError`."""
    start = reader.offset
    magic = reader.take_up_to(len(MAGIC))
    if not MAGIC.startswith(magic) or not magic:
        if magic == CLIP_MAGIC:
            raise NotSemcError(
                "this is a clip (.semv), not a picture: `semcodec clip info` and `semcodec clip decode` read it; or "
                "name a .semc file",
                offset=start,
            )
        shown = magic.hex(" ") or "nothing"
        raise NotSemcError(
            f"no semcodec file: it begins with {shown} at offset {start}, not with {MAGIC.hex(' ')}", offset=start
        )
    if magic != MAGIC:
        reader.take(1, "the magic number")
    values = _unpack_fields(FIELDS, reader.take(_FIELD_BYTES, "the header"))
    if values["version"] != FORMAT_VERSION:
        raise UnsupportedVersionError(
            f"file format {values['version']} at offset {start + 2}; this build reads format {FORMAT_VERSION}: "
            "install a newer semcodec, or get the file again if it may be damaged",
            offset=start + 2,
        )
    if values["reserved"]:
        raise FormatError(f"the reserved bit at offset {start + 2} is set: the file is damaged", offset=start + 2)
    width, height = values["width_low"], values["height_low"]
    if values["large"]:
        high = _unpack_fields(LARGE_FIELDS, reader.take(2, "the header's high bits"))
        width, height = width | high["width_high"] << 14, height | high["height_high"] << 14
        if max(width, height) <= LOW_SIDE:
            raise FormatError(
                f"the header has the large form (offset {start + 2}) for sides that need it not: the file is damaged",
                offset=start + 2,
            )
    size = Size(width + 1, height + 1)
    check_size(size, limits, offset=start + 2)
    return FileHeader(size, values["step"])


def _unpack_fields(fields: Sequence[tuple[str, int]], data: bytes) -> dict[str, int]:
    packed, values = int.from_bytes(data, "big"), {}
    for name, num_bits in reversed(fields):
        values[name] = packed & ((1 << num_bits) - 1)
        packed >>= num_bits
    return values


class ByteReader:
    """Reads forward through a file; `where` names the part being read in every message."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.offset = 0

    @property
    def num_left(self) -> int:
        return len(self._data) - self.offset

    def take(self, num_bytes: int, where: str) -> bytes:
        if num_bytes > self.num_left:
            needed = f"{num_bytes} bytes are" if num_bytes > 1 else "1 byte is"
            left = "1 is" if self.num_left == 1 else f"{self.num_left} are"
            raise TruncatedError(
                f"the file ends inside {where}: {needed} needed at offset {self.offset}, {left} left",
                offset=self.offset,
            )
        chunk = self._chunk(num_bytes)
        self.offset += num_bytes
        return chunk

    def skip_up_to(self, num_bytes: int) -> int:
        """Passes over bytes without reading them. Returns how many there were."""
        num_bytes = min(num_bytes, self.num_left)
        self.offset += num_bytes
        return num_bytes

    def _chunk(self, num_bytes: int) -> bytes:
        return self._data[self.offset : self.offset + num_bytes]

    def take_up_to(self, num_bytes: int) -> bytes:
        return self.take(min(num_bytes, self.num_left), "a section")

    def varint(self, where: str) -> int:
        """Seven bits a byte, least significant first, top bit on all but the last; at most 4 bytes, none wasted."""
        value = 0
        for at in range(4):
            byte = self.take(1, where)[0]
            value |= (byte & 127) << 7 * at
            if byte < 128:
                if at and not byte:
                    raise FormatError(
                        f"{where} at offset {self.offset - 1} is written with a useless byte", offset=self.offset - 1
                    )
                return value
        raise FormatError(f"{where} at offset {self.offset - 4} is longer than 4 bytes", offset=self.offset - 4)
