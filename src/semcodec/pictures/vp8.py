"""How finely a lossy WebP picture is quantised: `y_ac_qi` of its VP8 key frame (RFC 6386, 9.2 to 9.6 and 19.2).

What stands before it in the frame header is read by the boolean decoder and passed over. Where segments have quantizers
of their own, it is the index that they lean on.
"""

from __future__ import annotations

from collections.abc import Iterator

MAX_QUANTIZER = 127  # the coarsest
_MOST_CHUNKS = 10_000
_START_CODE = b"\x9d\x01\x2a"
_FRAME_HEAD_BYTES, _KEY_HEAD_BYTES = 3, 10  # the second with the start code and the size
_ANIMATION_FRAME_HEAD_BYTES = 16
_NUM_SEGMENTS, _NUM_TREE_PROBS, _NUM_DELTAS = 4, 3, 8


def webp_quantizer(data: bytes) -> int | None:
    """0 (finest) to 127, of a WebP file's picture, or the first one of an animation; None: it is not lossy, or damaged
    where it says so.
    """
    for kind, body in _chunks(data, 12) if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ():
        if kind == b"ANMF":
            inner = dict(_chunks(body, _ANIMATION_FRAME_HEAD_BYTES))
            return vp8_quantizer(inner[b"VP8 "]) if b"VP8 " in inner else None
        if kind in {b"VP8 ", b"VP8L"}:
            return vp8_quantizer(body) if kind == b"VP8 " else None
    return None


def vp8_quantizer(frame: bytes) -> int | None:
    """`y_ac_qi` of a VP8 frame; None where it is no key frame, or ends before it."""
    head = int.from_bytes(frame[:_FRAME_HEAD_BYTES], "little")
    if len(frame) < _KEY_HEAD_BYTES or head & 1 or frame[_FRAME_HEAD_BYTES:][:3] != _START_CODE:
        return None
    first_partition = frame[_KEY_HEAD_BYTES : _KEY_HEAD_BYTES + (head >> 5)]
    bits = _EvenBits(first_partition)
    bits.take(2)  # color_space, clamping_type
    if bits.take(1):  # segmentation_enabled
        has_map, has_values = bits.take(1), bits.take(1)
        if has_values:
            bits.take(1)  # segment_feature_mode
            _skip_optional(bits, _NUM_SEGMENTS, 8)  # quantizer_update: a value of 7 bits and its sign
            _skip_optional(bits, _NUM_SEGMENTS, 7)  # loop_filter_update
        if has_map:
            _skip_optional(bits, _NUM_TREE_PROBS, 8)
    bits.take(1 + 6 + 3)  # filter_type, loop_filter_level, sharpness_level
    if bits.take(1) and bits.take(1):  # loop_filter_adj_enable, mode_ref_lf_delta_update
        _skip_optional(bits, _NUM_DELTAS, 7)
    bits.take(2)  # log2_nbr_of_dct_partitions
    quantizer = bits.take(7)
    return quantizer if bits.is_inside else None


def _skip_optional(bits: _EvenBits, num: int, num_bits: int) -> None:
    for _ in range(num):
        if bits.take(1):
            bits.take(num_bits)


def _chunks(data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    """Kinds and bodies of RIFF's chunks from `at` on. One that reaches beyond the end is given as far as it goes."""
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + (length & 1)


class _EvenBits:
    """VP8's boolean decoder (RFC 6386, 7.3) for bits that are as likely 0 as 1. Behind the data it reads zeros."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._shifted = data, 2, 0
        self._value = int.from_bytes(data[:2].ljust(2, b"\0"), "big")
        self._range = 255

    @property
    def is_inside(self) -> bool:
        """Whether the bits so far hang on bytes that are there: the value's second byte is only looked ahead to."""
        return self._at - 1 <= len(self._data)

    def take(self, num_bits: int) -> int:
        """The next ones as a number, the first its highest."""
        found = 0
        for _ in range(num_bits):
            split = 1 + (self._range - 1 >> 1)
            bit = self._value >= split << 8
            if bit:
                self._range -= split
                self._value -= split << 8
            else:
                self._range = split
            found = found << 1 | bit
            while self._range < 128:
                self._value, self._range, self._shifted = self._value << 1, self._range << 1, self._shifted + 1
                if self._shifted == 8:
                    self._value |= self._data[self._at] if self._at < len(self._data) else 0
                    self._at, self._shifted = self._at + 1, 0
        return found
