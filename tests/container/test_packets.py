"""The frame of a packet: its literal bytes, and that nothing else passes for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.container.encode import pack_sections
from semcodec.container.packets import MAX_PACKET_BYTES, FirstBody, Packet, PacketKind
from semcodec.container.packets.decode import unpack_chunk, unpack_first_body, unpack_packet, unpack_sections
from semcodec.container.packets.encode import num_frame_bytes, pack_chunk, pack_first_body, pack_packet
from semcodec.errors import FormatError, LimitError, NotAPacketError, NotSemcError, PacketError
from semcodec.limits import Limits
from semcodec.types import FileHeader, Section, Size

LIMITS = Limits()
TEXT = Section(1, 1, b"words")


def test_packets_are_these_literal_bytes() -> None:
    body = FirstBody(FileHeader(Size(768, 512), 7), 129, b"ab", b"xyz")
    first = pack_packet(Packet(PacketKind.FIRST, 0x3FA2, 0, pack_first_body(body), 24))
    #                kind|file|of 24       header                  family|2 bytes of front|tokens|check
    assert first == b"\xf8\x3f\xa2\x18" + b"\x10\x70\xbf\xc1\xff" + b"\x81\x02ab" + b"xyz" + b"Gg"
    other = pack_packet(Packet(PacketKind.TOKENS, 0x3FA2, 200, b"xyz"))
    #                kind|file|number 200 in two bytes       |check, CRC-16 GENIBUS
    assert other == b"\xfa\x3f\xa2\xc8\x01xyz" + b"\xf0\xa8"


@given(
    kind=st.sampled_from(list(PacketKind)),
    file_id=st.integers(0, 65535),
    number=st.integers(1, (1 << 28) - 1),
    body=st.binary(max_size=300),
)
def test_packets_come_back(kind: PacketKind, file_id: int, number: int, body: bytes) -> None:
    first = kind == PacketKind.FIRST
    packet = Packet(kind, file_id, 0 if first else number, body, number if first else 0)
    data = pack_packet(packet)
    found = unpack_packet(data)
    assert (found.kind, found.file_id, found.number, found.num_packets, found.body) == (
        packet.kind,
        packet.file_id,
        packet.number,
        packet.num_packets,
        packet.body,
    )
    assert len(data) == num_frame_bytes(number) + len(body)
    assert data[found.offset : found.offset + len(body)] == body


def test_every_flipped_bit_pair_of_bits_and_missing_end_is_found() -> None:
    data = pack_packet(Packet(PacketKind.TOKENS, 0x3FA2, 3, bytes(range(30))))
    bits = [1 << bit for bit in range(8 * len(data))]
    number = int.from_bytes(data, "big")
    wrong = [(number ^ one ^ two).to_bytes(len(data), "big") for one in bits for two in [0, *bits[:9]] if one != two]
    for damaged in [*wrong, *(data[:length] for length in range(len(data))), data + b"\0"]:
        with pytest.raises(FormatError):
            unpack_packet(damaged)


@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        (b"", NotAPacketError, "begins with nothing"),
        (b"hello", NotAPacketError, "68 65"),
        (b"\xc5\xec\x10", NotAPacketError, "c5 ec"),
        (b"\xfd\0\0\1\0\0", NotAPacketError, "fd 00"),
        (b"\xfa" + bytes(MAX_PACKET_BYTES), NotAPacketError, "65535"),
        (b"\xfa\0\0\1\0\0", PacketError, "offset 4"),
        (pack_packet(Packet(PacketKind.TOKENS, 1, 0, b"abc")), PacketError, "is 0"),
        (pack_packet(Packet(PacketKind.FIRST, 1, 0, b"abc", 0)), PacketError, "is 0"),
    ],
)
def test_what_is_no_good_packet_says_why(data: bytes, error: type[FormatError], sentence: str) -> None:
    with pytest.raises(error, match=sentence) as caught:
        unpack_packet(data)
    assert caught.value.offset is not None
    assert isinstance(caught.value, NotSemcError) == (error is NotAPacketError)


@pytest.mark.parametrize("size", [Size(1, 1), Size(768, 512), Size(20000, 3)])
def test_a_first_body_comes_back_and_says_where_its_tokens_are(size: Size) -> None:
    body = FirstBody(FileHeader(size, 3), 129, pack_sections([TEXT]), b"tokens")
    data = pack_packet(Packet(PacketKind.FIRST, 7, 0, pack_first_body(body), 300))
    found = unpack_first_body(unpack_packet(data), LIMITS)
    assert (found.header, found.family, found.front, found.tokens) == (body.header, 129, body.front, b"tokens")
    assert data[found.tokens_offset :][:6] == b"tokens"


def test_a_first_body_is_as_strict_as_a_header() -> None:
    good = pack_first_body(FirstBody(FileHeader(Size(768, 512)), 129, b"", b""))

    def reading(body: bytes, limits: Limits = LIMITS) -> FirstBody:
        return unpack_first_body(unpack_packet(pack_packet(Packet(PacketKind.FIRST, 7, 0, body, 2))), limits)

    assert reading(good).header.size == Size(768, 512)
    with pytest.raises(LimitError, match="max_pixels"):
        reading(good, Limits(max_pixels=1000))
    for body in (good[:3], good[:5], b"\x20" + good[1:], good[:-1] + b"\x09abc"):
        with pytest.raises(FormatError):
            reading(body)


def test_chunks_come_back() -> None:
    body = pack_chunk(300, b"part")
    assert unpack_chunk(Packet(PacketKind.BACK, 1, 2, body)) == (300, b"part")
    with pytest.raises(FormatError):
        unpack_chunk(Packet(PacketKind.BACK, 1, 2, b""))


def test_sections_come_back_and_their_beginning_too() -> None:
    sections = [TEXT, Section(40, 3, bytes(200)), Section(41, 0, b"")]
    data = pack_sections(sections)
    found, problem = unpack_sections(data, LIMITS)
    assert [(s.layer, s.model, s.payload, s.cut_short) for s in found] == [
        (s.layer, s.model, s.payload, False) for s in sections
    ]
    assert problem is None
    found, problem = unpack_sections(data[:60], LIMITS)
    assert [section.cut_short for section in found] == [False, True] and problem is None
    assert unpack_sections(b"", LIMITS) == ([], None)
    found, problem = unpack_sections(data[: 2 + 1 + 5] + b"\0\0\0", LIMITS)
    assert len(found) == 1 and problem is not None
