"""The erasure code: its literal bytes, the matrix of ISA-L, and that any k of n packets give the others again."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcodec.container.packets import Packet, PacketKind, RepairBody
from semcodec.container.packets.decode import unpack_packet, unpack_repair_body
from semcodec.container.packets.encode import pack_packet, pack_repair_body
from semcodec.container.packets.repair import Blocks, factor_of, inverse, packet_of, shard_of, times
from semcodec.container.packets.repair.decode import missing_shards, rest_of
from semcodec.container.packets.repair.encode import num_extra_bytes, repair_packets
from semcodec.errors import FormatError

FILE = 0x3FA2


def some_packets(bodies: Sequence[bytes]) -> list[Packet]:
    first = Packet(PacketKind.FIRST, FILE, 0, bodies[0], len(bodies))
    return [first, *(Packet(PacketKind.TOKENS, FILE, n, body) for n, body in enumerate(bodies) if n)]


def test_the_field_is_that_of_0x11d() -> None:
    exponents = [1]
    for _ in range(254):
        exponents.append(times(2)[exponents[-1]])
    assert exponents[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 0x1D, 0x3A]
    assert sorted(exponents) == list(range(1, 256)), "2 generates the field"
    assert all(times(number)[inverse(number)] == 1 for number in range(1, 256))


def test_the_numbers_are_a_cauchy_matrix() -> None:
    # Of 4 packets and 2 repair packets: what ISA-L's gf_gen_cauchy1_matrix gives for m = 6, k = 4.
    assert [[factor_of(row, place) for place in range(4)] for row in (4, 5)] == [
        [71, 167, 122, 186],
        [167, 71, 186, 122],
    ]


def test_a_repair_packet_is_these_literal_bytes() -> None:
    packets = some_packets([b"ab", b"c", b""])
    (repair,) = repair_packets(packets, 1)
    #     shards: "ab" F8 | "c" FA 00 | FA 00 00, times 1 / 3, 1 / 2 and 1 / 1
    assert [inverse(n) for n in (3, 2, 1)] == [244, 142, 1]
    #                             kind|file    |number|k  |n   |shard          |check
    assert pack_packet(repair) == b"\xfc\x3f\xa2\x03\x03\x04\x91\xa8\xa3\xc8\x92"


def test_a_shard_says_its_packet() -> None:
    for packet in some_packets([b"ab\0\0", b"", b"\0"]):
        shard = shard_of(packet, 9)
        found = packet_of(shard, packet.number, FILE, 3)
        assert found is not None and pack_packet(found) == pack_packet(packet)
        assert unpack_packet(pack_packet(packet)).offset == found.offset
        assert packet_of(shard, not packet.number, FILE, 3) is None, "a first packet is number 0, and no other is"
    for nothing in (bytes(9), b"abc" + bytes(6), b"\xfc" + bytes(8)):
        assert packet_of(nothing, 1, FILE, 3) is None


@settings(deadline=None, max_examples=60)
@given(
    bodies=st.lists(st.binary(max_size=12), min_size=1, max_size=20),
    num_repair=st.integers(1, 12),
    seed=st.integers(0, 1 << 30),
)
def test_any_k_of_n_packets_give_the_others(bodies: list[bytes], num_repair: int, seed: int) -> None:
    packets = some_packets(bodies)
    length = max(map(len, bodies)) + 1
    repairs = {repair.number: unpack_repair_body(repair).shard for repair in repair_packets(packets, num_repair)}
    shards = {packet.number: shard_of(packet, length) for packet in packets}
    there = random.Random(seed).sample(range(len(packets) + num_repair), len(packets))
    present = {number: shards[number] for number in there if number < len(packets)}
    used = {number: repairs[number] for number in there if number >= len(packets)}
    found = missing_shards(present, used, len(packets))
    assert {**present, **found} == shards
    assert not any(any(rest_of(number, shard, shards)) for number, shard in repairs.items())


def test_more_than_256_packets_are_blocks_in_turn() -> None:
    assert [Blocks(200, n).count for n in (201, 256, 257, 512, 513)] == [1, 1, 2, 2, 3]
    blocks = Blocks(250, 257)
    assert list(blocks.numbers_in(1))[:3] == [1, 3, 5] and blocks.place_of(255) == 127
    packets = some_packets([bytes([n % 251]) * 3 for n in range(250)])
    repairs = repair_packets(packets, 7)
    assert [repair.number % 2 for repair in repairs] == [0, 1, 0, 1, 0, 1, 0]
    lost = (1, 3, 249)  # of block 1, with 3 repair packets
    present = {blocks.place_of(n): shard_of(packets[n], 4) for n in blocks.numbers_in(1) if n not in lost}
    used = {blocks.place_of(r.number): unpack_repair_body(r).shard for r in repairs if r.number % 2}
    assert missing_shards(present, used, 125) == {blocks.place_of(n): shard_of(packets[n], 4) for n in lost}


def test_repair_packets_do_not_depend_on_how_many_there_are() -> None:
    packets = some_packets([b"one", b"two", b"three"])
    few, many = repair_packets(packets, 2), repair_packets(packets, 9)
    assert [unpack_repair_body(one).shard for one in few] == [unpack_repair_body(one).shard for one in many[:2]]


def test_a_repair_packet_is_longer_than_others_by_what_was_said() -> None:
    for count in (1, 5, 126, 127, 128, 200):
        for num_repair in (1, 2, 60):
            packets = some_packets([bytes([1]) * 30] * count)
            longest = max(len(pack_packet(packet)) for packet in packets)
            longest_repair = max(len(pack_packet(packet)) for packet in repair_packets(packets, num_repair))
            assert 0 < longest_repair - longest <= num_extra_bytes(count, count + num_repair)


@pytest.mark.parametrize(
    ("number", "body", "sentence"),
    [
        (3, RepairBody(3, 3, b"abc"), "one of 3"),
        (2, RepairBody(3, 4, b"abc"), "number 2"),
        (3, RepairBody(0, 4, b"abc"), "behind 0 packets"),
        (3, RepairBody(3, 4, b""), "ends before its shard"),
    ],
)
def test_what_is_no_repair_packet_says_why(number: int, body: RepairBody, sentence: str) -> None:
    packet = unpack_packet(pack_packet(Packet(PacketKind.REPAIR, FILE, number, pack_repair_body(body))))
    with pytest.raises(FormatError, match=sentence) as caught:
        unpack_repair_body(packet)
    assert caught.value.offset is not None
