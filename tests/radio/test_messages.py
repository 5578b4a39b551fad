"""Envelopes and requests: their literal bytes, and that nothing else passes for one."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.container.encode import varint_bytes, write_file
from semcodec.container.packets import check_of
from semcodec.errors import FormatError, NotAPacketError, PacketError, UnsupportedVersionError
from semcodec.radio.messages import (
    Envelope,
    Request,
    Want,
    numbers_of,
    pack_envelope,
    pack_request,
    ranges_of,
    read_datagram,
    unpack_message,
)
from semcodec.types import FileHeader, Section, Size

PREVIEW = write_file(FileHeader(Size(768, 512), 7), [Section(2, 1, b"xyz")])


def framed(framed: bytes) -> bytes:
    return framed + check_of(framed)


def test_messages_are_these_literal_bytes():
    envelope = Envelope(0x3FA2, 24, 1000, b"\x01\x02\x03\x04", PREVIEW)
    #                               mark|version|file|24 packets|1000 bytes|digest|preview: header, section, its payload
    assert pack_envelope(envelope) == framed(
        b"\xf5\x01\x3f\xa2" + b"\x18" + b"\xe8\x07" + b"\x01\x02\x03\x04" + b"\x10\x70\xbf\xc1\xff" + b"\x82\x01xyz"
    )
    #                                                                        mark|version|file|these|3|7 to 9
    assert pack_request(Request(0x3FA2, Want.THESE, ((3, 3), (7, 9))), most_bytes=64) == (
        b"\xf6\x01\x3f\xa2" + b"\x02" + b"\x03\x00" + b"\x03\x02" + check_of(b"\xf6\x01\x3f\xa2\x02\x03\x00\x03\x02")
    )
    assert pack_request(Request(0x3FA2, Want.ALL), most_bytes=64) == framed(b"\xf6\x01\x3f\xa2\x01")


def test_numbers_of_messages_never_move():
    assert {want.name: want.value for want in Want} == {"NOTHING": 0, "ALL": 1, "THESE": 2, "ENVELOPE": 3}


@given(
    st.integers(0, 65535), st.integers(1, 1 << 27), st.integers(0, 1 << 27), st.binary(min_size=4, max_size=4),
    st.binary(min_size=1, max_size=300),
)  # fmt: skip
def test_envelopes_come_back(file_id: int, num_packets: int, num_bytes: int, digest: bytes, rest: bytes):
    envelope = Envelope(file_id, num_packets, num_bytes, digest, PREVIEW + rest)
    assert read_datagram(pack_envelope(envelope)) == envelope


@given(st.integers(0, 65535), st.sets(st.integers(0, 5000), min_size=1, max_size=200), st.integers(9, 200))
def test_requests_come_back_as_far_as_they_have_room(file_id: int, numbers: set[int], most_bytes: int):
    ranges = ranges_of(numbers)
    assert sorted(numbers) == list(numbers_of(ranges, below=5001))
    whole = unpack_message(pack_request(Request(file_id, Want.THESE, ranges), most_bytes=10_000))
    assert whole == Request(file_id, Want.THESE, ranges)
    data = pack_request(Request(file_id, Want.THESE, ranges), most_bytes=max(most_bytes, 11))
    found = unpack_message(data)
    assert isinstance(found, Request) and len(data) <= max(most_bytes, 11)
    assert found.ranges == ranges[: len(found.ranges)] and found.ranges


def test_an_envelope_without_packets_holds_the_file_itself():
    digest = hashlib.sha256(PREVIEW).digest()[:4]
    whole = Envelope(1, 0, len(PREVIEW), digest, PREVIEW)
    assert unpack_message(pack_envelope(whole)) == whole and whole.is_of(PREVIEW)
    for wrong in (Envelope(1, 0, len(PREVIEW), bytes(4), PREVIEW), Envelope(1, 0, 7, digest, PREVIEW)):
        with pytest.raises(PacketError, match="its preview is not the file"):
            unpack_message(pack_envelope(wrong))


def test_every_flipped_bit_and_missing_end_is_found():
    for data in (
        pack_envelope(Envelope(0x3FA2, 24, 1000, b"abcd", PREVIEW)),
        pack_request(Request(0x3FA2, Want.THESE, ((3, 3), (7, 9))), most_bytes=64),
    ):
        number = int.from_bytes(data, "big")
        flipped = [(number ^ 1 << bit).to_bytes(len(data), "big") for bit in range(8 * len(data))]
        for damaged in [*flipped, *(data[:length] for length in range(len(data))), data + b"\0"]:
            with pytest.raises(FormatError):
                read_datagram(damaged)


@pytest.mark.parametrize(
    ("body", "error", "sentence"),
    [
        (b"", NotAPacketError, "begins with nothing"),
        (b"hello", NotAPacketError, "no message: it begins with 68 65"),
        (framed(b"\xf6\x02\x3f\xa2\x01"), UnsupportedVersionError, "version 2 .* install a newer semcodec"),
        (framed(b"\xf6\x01\x3f\xa2\x04"), FormatError, "does not know: 4"),
        (framed(b"\xf6\x01\x3f\xa2\x02"), PacketError, "names no packet"),
        (framed(b"\xf6\x01\x3f\xa2\x01\x00"), PacketError, "bytes stand behind it"),
        (framed(b"\xf6\x01\x3f\xa2\x02\x03\x00\x00\x01"), PacketError, "a range that no request has"),
        (framed(b"\xf6\x01\x3f\xa2\x02" + varint_bytes((1 << 28) - 1) * 2), PacketError, "a range that no request has"),
        (framed(b"\xf6\x01\x3f\xa2\x02\x80\x00\x00"), FormatError, "useless byte"),
        (framed(b"\xf5\x01\x3f\xa2\x18\xe8\x07abcd"), PacketError, "no preview"),
        (framed(b"\xf5\x01\x3f\xa2\x18\xe8\x07abc"), FormatError, "ends inside an envelope's digest"),
    ],
    ids=lambda value: value.hex() if isinstance(value, bytes) else None,
)
def test_what_no_writer_writes_is_refused(body: bytes, error: type[Exception], sentence: str):
    with pytest.raises(error, match=sentence):
        unpack_message(body)


def test_a_range_of_millions_costs_nothing():
    request = unpack_message(framed(b"\xf6\x01\x3f\xa2\x02\x00" + varint_bytes((1 << 28) - 1)))
    assert isinstance(request, Request)
    assert list(numbers_of(request.ranges, below=3)) == [0, 1, 2]


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes):
    for candidate in (data, b"\xf5\x01" + data, framed(b"\xf5\x01" + data), framed(b"\xf6\x01" + data)):
        try:
            read_datagram(candidate)
        except FormatError:
            continue
