"""Bit fields and bounded reads: every read knows where it is."""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.errors import FormatError, TruncatedError


def pack_fields(fields: Sequence[tuple[str, int]], values: dict[str, int]) -> bytes:
    """Named fields, most significant first, to whole bytes (the widths must sum to a multiple of 8)."""
    packed = width = 0
    for name, num_bits in fields:
        value = values[name]
        assert 0 <= value < 1 << num_bits, f"{name} = {value} does not fit in {num_bits} bits"
        packed = packed << num_bits | value
        width += num_bits
    return packed.to_bytes(width >> 3, "big")


def unpack_fields(fields: Sequence[tuple[str, int]], data: bytes) -> dict[str, int]:
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


def varint_bytes(value: int) -> bytes:
    assert 0 <= value < 1 << 28
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
