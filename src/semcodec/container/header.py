"""The file header: 7 bytes, 9 where a side is above 16,384 pixels.

```text
 magic  C5 EC          16 bits
 version                4 bits   1
 large                  1 bit    two more bytes follow: the high 8 bits of (width - 1) and of (height - 1)
 reserved               1 bit    0
 step                   6 bits   working size = display size * 2^(-step/4)
 width - 1             14 bits   (low bits)
 height - 1            14 bits   (low bits)
```

The working size is the one that tokens are laid over; a decoder enlarges it to the display size. It is computed in
integers: `side * SCALE_Q16[step % 4] >> (16 + step // 4)`, rounded to nearest, at least 1.
"""

from __future__ import annotations

from semcodec.container.bits import ByteReader, pack_fields, unpack_fields
from semcodec.errors import FormatError, NotSemcError, UnsupportedVersionError
from semcodec.ids import FORMAT_VERSION, MAGIC
from semcodec.limits import Limits
from semcodec.types import FileHeader, Size

_FIELDS = (("version", 4), ("large", 1), ("reserved", 1), ("step", 6), ("width_low", 14), ("height_low", 14))
_LARGE_FIELDS = (("width_high", 8), ("height_high", 8))
_FIELD_BYTES = sum(bits for _, bits in _FIELDS) >> 3
_LOW = (1 << 14) - 1

LARGEST_SIDE_PX = 1 << 22
LAST_STEP = (1 << 6) - 1
SCALE_Q16 = (65536, 55109, 46341, 38968)  # 2**(16 - n/4), rounded


def working_size(header: FileHeader) -> Size:
    """The size in pixels that the tokens are laid over."""
    return Size(*(_scaled(side, header.step) for side in (header.size.width_px, header.size.height_px)))


def _scaled(side_px: int, step: int) -> int:
    shift = 16 + (step >> 2)
    return max(1, (side_px * SCALE_Q16[step & 3] + (1 << (shift - 1))) >> shift)


def pack_header(header: FileHeader) -> bytes:
    width, height = header.size.width_px - 1, header.size.height_px - 1
    values = {
        "version": FORMAT_VERSION,
        "large": int(max(width, height) > _LOW),
        "reserved": 0,
        "step": header.step,
        "width_low": width & _LOW,
        "height_low": height & _LOW,
        "width_high": width >> 14,
        "height_high": height >> 14,
    }
    return MAGIC + pack_fields(_FIELDS, values) + (pack_fields(_LARGE_FIELDS, values) if values["large"] else b"")


def unpack_header(reader: ByteReader, limits: Limits) -> FileHeader:
    """The header at the reader's place. Raises `FormatError` or `LimitError`."""
    start = reader.offset
    magic = reader.take_up_to(len(MAGIC))
    if not MAGIC.startswith(magic) or not magic:
        shown = magic.hex(" ") or "nothing"
        raise NotSemcError(
            f"no semcodec file: it begins with {shown} at offset {start}, not with {MAGIC.hex(' ')}", offset=start
        )
    if magic != MAGIC:
        reader.take(1, "the magic number")
    values = unpack_fields(_FIELDS, reader.take(_FIELD_BYTES, "the header"))
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
        high = unpack_fields(_LARGE_FIELDS, reader.take(2, "the header's high bits"))
        width, height = width | high["width_high"] << 14, height | high["height_high"] << 14
        if max(width, height) <= _LOW:
            raise FormatError(
                f"the header has the large form (offset {start + 2}) for sides that need it not: the file is damaged",
                offset=start + 2,
            )
    size = Size(width + 1, height + 1)
    check_size(size, limits, offset=start + 2)
    return FileHeader(size, values["step"])


def check_size(size: Size, limits: Limits, *, offset: int | None = None) -> None:
    """Raises `LimitError` for a picture larger than allowed. `offset`: where a file says that size."""
    num_pixels, side_px = size.width_px * size.height_px, max(size.width_px, size.height_px)
    limits.ask("max_pixels", num_pixels, f"the picture of {size} has {num_pixels} pixels", offset=offset)
    limits.ask("max_side_px", side_px, f"the picture of {size} has a side of {side_px} pixels", offset=offset)
