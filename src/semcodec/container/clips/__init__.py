"""The frame of a clip (.semv): a header, and records around whole still files. `docs/clip-format.md` is normative.

```text
 magic  C5 ED          2 bytes
 version               1 byte    1 in the high four bits, the others 0
 width - 1             varint    pixels, as shown
 height - 1            varint
 rate                  2 varints numerator and denominator of frames a second, in lowest terms
 frames - 1            varint    how many frames the clip has
 check                 2 bytes   CRC-16 (GENIBUS) of all bytes before it
 records

 a record
 kind byte             bit 7: the last record; bits 6..0: its kind, 1 to 127
 length                varint    bytes of payload
 payload
 check                 2 bytes   CRC-16 (GENIBUS) of the record's bytes before it
```

Frames count from 0. Records may stand in any order; those of an unknown kind are skipped.
"""

from __future__ import annotations

from binascii import crc_hqx
from dataclasses import dataclass

from semcodec.types import Size

LAST, KIND = 128, 127  # of the kind byte
CHECK_BYTES = 2
_CHECK_START, _CHECK_BITS = 0xFFFF, 0xFFFF


@dataclass(frozen=True, slots=True)
class ClipHeader:
    """`size` in pixels, as shown. `rate`: frames a second, numerator and denominator, in lowest terms."""

    size: Size
    rate: tuple[int, int]
    num_frames: int


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a clip. `cut_short`: the file ends inside it. `offset`: where the payload begins in the file."""

    kind: int
    payload: bytes
    cut_short: bool = False
    offset: int = 0


def check_of(data: bytes) -> bytes:
    return (crc_hqx(data, _CHECK_START) ^ _CHECK_BITS).to_bytes(CHECK_BYTES, "big")
