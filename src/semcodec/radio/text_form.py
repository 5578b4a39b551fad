"""Packets as text, for links that carry text: four bytes become five characters.

The 85 characters are those of printable ASCII, without the space, that stand in the GSM 7-bit default alphabet as well
(3GPP TS 23.038), so an SMS counts each as one of its 160. In 160 characters of a message they carry

| | ASCII (MeshCore) | SMS |
|---|---|---|
| this form | 128 bytes | 128 bytes |
| basE91 | 130 bytes | 56 bytes: it needs ` (and other characters twice), so the message has 70 characters |
| base64 | 120 bytes | 120 bytes |
| the most that 94 characters can | 131 bytes | |

One form for all links, then, of a length that does not depend on the bytes. A text is one word: no space is in it, and
a packet's own mark and check tell it from talk, so a packet is found in a line whatever stands around it.

Digits are the characters in the order of their codes. A group of n bytes (4; 1 to 3 at the end), padded with zeros to
4, is a big-endian number; of its five digits, the highest first, the first n + 1 are written. A reader pads with the
highest digit, and refuses a text that is not what a writer makes of its bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from semcodec.container.packets import MAX_PACKET_BYTES
from semcodec.container.packets.decode import unpack_packet
from semcodec.errors import FormatError

ALPHABET = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "[\\]^`{|}~")
_THEIRS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"  # of base64.b85encode
_TO_OURS = bytes.maketrans(_THEIRS.encode(), ALPHABET.encode())
_TO_THEIRS = bytes.maketrans(ALPHABET.encode(), _THEIRS.encode())
_CODES = frozenset(ALPHABET.encode())

MIN_CHARS = 9  # of a packet: a mark, a number, a count and a check are 6 bytes
MAX_CHARS = MAX_PACKET_BYTES // 4 * 5 + 4


def bytes_in(num_chars: int) -> int:
    """The most bytes that a text of at most that many characters carries."""
    groups, rest = divmod(num_chars, 5)
    return 4 * groups + max(0, rest - 1)


def as_text(data: bytes) -> str:
    """Bytes as text, of 5 characters for 4 bytes."""
    return base64.b85encode(data).translate(_TO_OURS).decode("ascii")


def from_text(text: str) -> bytes:
    """The bytes of a text. Raises `FormatError` for one that `as_text` does not make."""
    if not text.isascii():
        raise FormatError("not a packet's text: it has characters that are not ASCII")
    codes = text.encode("ascii")
    for offset, code in enumerate(codes):
        if code not in _CODES:
            raise FormatError(
                f"not a packet's text: {chr(code)!r} at character {offset} is none of its 85", offset=offset
            )
    try:
        data = base64.b85decode(codes.translate(_TO_THEIRS))
    except ValueError as exc:
        raise FormatError("not a packet's text: five of its characters are more than four bytes say") from exc
    if as_text(data) != text:
        raise FormatError("not a packet's text: its end is not what a writer makes of these bytes")
    return data


def packets_in(text: str) -> Iterator[bytes]:
    """The packets in a text, in their order: words of it that are a packet with a check that holds.

    Everything else is talk, names and times of a chat, and passed over.
    """
    for word in text.split():
        if MIN_CHARS <= len(word) <= MAX_CHARS:
            try:
                packet = from_text(word)
                unpack_packet(packet)
            except FormatError:
                continue
            yield packet
