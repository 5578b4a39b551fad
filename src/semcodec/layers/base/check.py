"""The payload's layout, and the check that stands in it.

```text
 tools     1 byte    bits of the sequence header
 check     2 bytes   CRC-16/CCITT (start FFFF) over coded width - 1 and height - 1, two bytes each, tools and frame
 frame     rest      the content of one OBU_FRAME
```

With one wrong bit of the tools or the size, some frames still decode, to another picture; so both are checked.
"""

from __future__ import annotations

from binascii import crc_hqx

from semcodec.types import BasePicture

HEAD_BYTES = 3
_START = 0xFFFF


def check_of(base: BasePicture) -> bytes:
    sides = ((side - 1).to_bytes(2, "big") for side in (base.coded.width_px, base.coded.height_px))
    crc = crc_hqx(b"".join(sides) + bytes([base.tools]) + base.frame, _START)
    return crc.to_bytes(2, "big")
