"""The frame of a packet: what is read of it before anything is decoded. `docs/packets.md` is normative.

```text
 kind and magic   1 byte    F8 to FC: F8 + kind (none of them occurs in UTF-8 text)
 file             2 bytes   the same in all packets of a file, and most likely in those of no other
 number           varint    1, 2, ...; in the first packet, how many packets there are, repair packets aside
 body
 check            2 bytes   CRC-16 (GENIBUS) of all bytes before it
```

| kind | body |
|---|---|
| 0 first | header without its magic, family of the tokens (0: none), varint: bytes of the front, front, token stream |
| 1 front | varint: offset in the front, bytes of the front |
| 2 tokens | token stream |
| 3 back | varint: offset in the back, bytes of the back |
| 4 repair | varint: packets of the file; varint: packets with repair packets; a shard (`repair/`) |

*Front* and *back* are the sections before and behind the tokens, each with its length.
"""

from __future__ import annotations

import enum
from binascii import crc_hqx
from dataclasses import dataclass

from semcodec.types import FileHeader

MIN_PACKET_BYTES = 40  # the least MTU: a header, a plan and a few tokens fit
MAX_PACKET_BYTES = (1 << 16) - 1
CHECK_BYTES = 2
MARK, NUM_KINDS = 0xF8, 5
FILE_BYTES = 2
CHECK_BITS = 0xFFFF


class PacketKind(enum.IntEnum):
    FIRST = 0
    FRONT = 1
    TOKENS = 2
    BACK = 3
    REPAIR = 4


@dataclass(frozen=True, slots=True)
class Packet:
    """`number` is 0 in the first packet, whose `num_packets` counts all of the file (0 in the others). `offset`: of the
    body in the packet.
    """

    kind: PacketKind
    file_id: int
    number: int
    body: bytes
    num_packets: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FirstBody:
    """`family` is 0 where the file has no tokens; `tokens_offset` is where their stream begins in the packet."""

    header: FileHeader
    family: int
    front: bytes
    tokens: bytes
    tokens_offset: int = 0


@dataclass(frozen=True, slots=True)
class RepairBody:
    """`num_packets` and `num_sent` are k and n: packets of the file, without and with repair packets."""

    num_packets: int
    num_sent: int
    shard: bytes


def check_of(framed: bytes) -> bytes:
    # Turned over at its end, or zeros behind a packet would not show.
    return (crc_hqx(framed, CHECK_BITS) ^ CHECK_BITS).to_bytes(CHECK_BYTES, "big")
