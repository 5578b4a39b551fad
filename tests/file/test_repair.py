"""Packets that repair themselves: losses, pools, strangers, lies, and what must be sent again."""

from __future__ import annotations

import random
import sys
import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import semcodec
from semcodec.container.packets import Packet, PacketKind, RepairBody
from semcodec.container.packets.decode import unpack_packet, unpack_repair_body
from semcodec.container.packets.encode import pack_packet, pack_repair_body
from semcodec.container.packets.repair import times
from semcodec.errors import (
    BudgetError,
    MissingExtraError,
    MissingRepairError,
    NotAPacketError,
    PacketError,
    RequestError,
)
from semcodec.types import Fate, Section, Size

from .test_packets import WORDS, make_file

SMALL = Size(100, 80)
DATA = make_file(1, size=SMALL, words=WORDS)
MTU = 60
SENT = semcodec.split(DATA, mtu=MTU, repair=3)
COUNT = len(SENT) - 3
FILE = unpack_packet(SENT[0]).file_id


def test_any_k_of_n_packets_give_the_very_file() -> None:
    assert max(map(len, SENT)) == MTU
    assert [unpack_packet(packet).number for packet in SENT] == list(range(len(SENT)))
    assert unpack_packet(SENT[0]).num_packets == COUNT
    for lost in [*combinations(range(len(SENT)), 3)][::3]:
        joined = semcodec.join([packet for n, packet in enumerate(SENT) if n not in lost])
        assert joined.data == DATA and joined.missing == () and joined.num_packets == COUNT
        assert joined.repaired == tuple(n for n in lost if n < COUNT)
        assert joined.reading.packets == (COUNT, COUNT)


def test_fewer_give_what_they_give_without_repair_packets() -> None:
    there = [packet for n, packet in enumerate(SENT[:-1]) if n not in (1, 2, 4)]
    joined = semcodec.join(there)
    without = semcodec.join([packet for packet in there if packet[0] != 0xFC])
    assert joined.missing == without.missing == ((1, 2), (4, 4))
    assert joined.data == without.data and joined.repaired == ()
    assert [verdict.fate for verdict in joined.verdicts][-2:] == [Fate.SPARE, Fate.SPARE]
    assert "1 more packet of its block is needed" in joined.verdicts[-1].reason
    with pytest.raises(PacketError, match=f"the first packet of file {FILE:04x} is not there.*is whole with 2 more"):
        semcodec.join(SENT[4:-1])


def test_packets_of_the_file_are_those_of_a_smaller_mtu_and_repair_packets_can_be_made_later() -> None:
    assert SENT[:COUNT] == semcodec.split(DATA, mtu=MTU - 3)
    later = semcodec.split(DATA, mtu=MTU, repair=5)
    joined = semcodec.join([*SENT[5:], *later[-2:]])
    assert joined.data == DATA, "what was sent for two numbers of repair packets goes together"


@settings(deadline=None, max_examples=25)
@given(
    width=st.integers(1, 160),
    height=st.integers(1, 160),
    mtu=st.sampled_from((43, 51, 163, 233)),
    repair=st.integers(1, 6),
    seed=st.integers(0, 1 << 20),
)
def test_pictures_of_all_shapes_are_repaired(width: int, height: int, mtu: int, repair: int, seed: int) -> None:
    data = make_file(seed, size=Size(width, height), words=WORDS if seed % 2 else None)
    packets = semcodec.split(data, mtu=mtu, repair=repair)
    assert max(map(len, packets)) <= mtu
    there = random.Random(seed).sample(packets, len(packets) - repair)
    assert semcodec.join(there).data == data


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 1 << 30), loss=st.integers(0, 100))
def test_receivers_of_any_losses_can_pool_and_each_has_no_more_than_was_sent(seed: int, loss: int) -> None:
    rng = random.Random(seed)
    heard = [[packet for packet in SENT if rng.randrange(100) >= loss] for _ in range(3)]
    pool = [packet for one in heard for packet in one]
    rng.shuffle(pool)
    different = {unpack_packet(packet).number for packet in pool}
    if len(different) >= COUNT:
        assert semcodec.join(pool).data == DATA
    elif 0 in different:
        joined = semcodec.join(pool)
        assert {n for first, last in joined.missing for n in range(first, last + 1)} == set(range(COUNT)) - different
    else:
        with pytest.raises((PacketError, NotAPacketError)):
            semcodec.join(pool)


def test_two_pictures_are_told_apart_with_their_repair_packets() -> None:
    other = make_file(2, size=SMALL)
    packets = [
        packet for pair in zip(SENT[3:], semcodec.split(other, mtu=MTU, repair=30)[5:], strict=False) for packet in pair
    ]
    random.Random(1).shuffle(packets)
    number = unpack_packet(semcodec.split(other, mtu=MTU, repair=1)[0]).file_id
    assert semcodec.join(packets, file_id=FILE).data == DATA
    others = [packet for packet in semcodec.split(other, mtu=MTU, repair=30) if packet[0] == 0xFC]
    assert semcodec.join([*packets, *others], file_id=number).data == other


def test_flipped_bits_are_losses_and_every_other_packet_has_its_verdict() -> None:
    spoilt = [bytearray(packet) for packet in SENT]
    for n in (0, 3, len(SENT) - 1):
        spoilt[n][7] ^= 16
    joined = semcodec.join([*map(bytes, spoilt), SENT[-2], b"hello"])
    assert joined.data == DATA and joined.repaired == (0, 3)
    fates = [verdict.fate for verdict in joined.verdicts]
    assert [n for n, fate in enumerate(fates) if fate is Fate.DAMAGED] == [0, 3, len(SENT) - 1]
    assert fates[-2:] == [Fate.DUPLICATE, Fate.NO_PACKET]
    assert fates[COUNT : COUNT + 2] == [Fate.USED] * 2


def lie(number: int, body: RepairBody) -> bytes:
    return pack_packet(Packet(PacketKind.REPAIR, FILE, number, pack_repair_body(body)))


def test_repair_packets_that_lie_are_left_out() -> None:
    true = unpack_repair_body(unpack_packet(SENT[-1]))
    lies = [
        lie(2, RepairBody(COUNT, COUNT + 3, true.shard)),  # the number of a packet of the file
        lie(COUNT + 20, RepairBody(COUNT + 1, COUNT + 30, true.shard)),  # another k
        lie(COUNT + 21, RepairBody(COUNT, COUNT + 30, true.shard + b"x")),  # another length
        lie(COUNT + 22, RepairBody(1, (1 << 28) - 1, b"x")),
    ]
    joined = semcodec.join([*lies, *SENT[3:]])
    assert joined.data == DATA
    assert [verdict.fate for verdict in joined.verdicts][:4] == [Fate.DAMAGED] * 4
    reasons = {verdict.reason for verdict in joined.verdicts[:4]}
    assert len(reasons) == 4 and all(reasons)


def test_of_repair_packets_that_contradict_each_other_one_is_found_out() -> None:
    shard = unpack_repair_body(unpack_packet(SENT[-1])).shard
    false = lie(COUNT + 1, RepairBody(COUNT, COUNT + 3, bytes(reversed(shard))))
    joined = semcodec.join([*SENT[2:COUNT], SENT[COUNT], false, SENT[COUNT + 2]])
    assert joined.data == DATA and joined.repaired == (0, 1)
    assert [verdict.fate for verdict in joined.verdicts][-3:] == [Fate.USED, Fate.DAMAGED, Fate.USED]
    # One too few to find out which: nothing is painted that nobody sent.
    joined = semcodec.join([SENT[0], *SENT[2:COUNT], false])
    assert joined.missing == ((1, 1),) and joined.verdicts[-1].fate is Fate.DAMAGED


def test_strangers_cannot_ask_for_much_work() -> None:
    shard = random.Random(1).randbytes(20_000)
    lies = [lie(100 + n, RepairBody(100, 256, shard[n:] + shard[:n])) for n in range(156)]
    began = time.process_time()
    with pytest.raises(PacketError, match="the first packet of file"):
        semcodec.join(lies)
    # (One try of 100 equations over 20,000 bytes is 0.4 s on one core of 2020; 17 would be 7.)
    assert time.process_time() - began < 4


def test_a_repair_packet_alone_says_how_much_is_missing() -> None:
    with pytest.raises(PacketError, match=f"is whole with {COUNT - 1} more"):
        semcodec.join([SENT[-1]])
    huge = lie((1 << 28) - 2, RepairBody(1 << 27, (1 << 28) - 1, b"x"))
    with pytest.raises(PacketError, match=f"is whole with {(1 << 27) - 1} more"):
        semcodec.join([huge])
    assert semcodec.missing([huge])[0].startswith(f"{FILE:04x}:0")


def test_words_boxes_and_a_base_are_repaired_too() -> None:
    data = make_file(3, size=SMALL, words=", ".join([WORDS] * 4), behind=(Section(60, 1, bytes(range(200))),))
    packets = semcodec.split(data, mtu=51, repair=9)
    kinds = {packet[0] for packet in packets}
    assert kinds == {0xF8, 0xF9, 0xFA, 0xFB, 0xFC}
    assert semcodec.join(packets[9:]).data == data


def test_hundreds_of_packets_are_repaired_block_by_block() -> None:
    data = make_file(4, size=Size(300, 300), behind=(Section(60, 1, random.Random(4).randbytes(9000)),))
    packets = semcodec.split(data, mtu=46, repair=20)
    assert len(packets) > 256 and max(map(len, packets)) <= 46
    lost = range(30, 48)  # of three blocks, whose repair packets are 7, 7 and 6
    joined = semcodec.join([packet for n, packet in enumerate(packets) if n not in lost])
    assert joined.data == data and joined.repaired == tuple(lost)


def test_what_is_missing_is_asked_for_in_one_line_and_answered() -> None:
    assert semcodec.missing(SENT) == [f"{FILE:04x}:"]
    assert semcodec.missing(SENT[:COUNT]) == [f"{FILE:04x}:"]
    there = [packet for n, packet in enumerate(SENT[:COUNT]) if n not in (0, 2, 3, 5)]
    (request,) = semcodec.missing(there)
    # (Nobody has said how many there are: what may follow is asked for, too.)
    assert request == f"{FILE:04x}:0,2-3,5,{COUNT}-"
    answer = semcodec.split(DATA, mtu=MTU, repair=3, only=request.removesuffix(f",{COUNT}-"))
    assert answer == [SENT[n] for n in (0, 2, 3, 5)]
    assert semcodec.missing([SENT[0], *there]) == [f"{FILE:04x}:2-3,5"]
    # One repair packet less has to come than is missing: of the last ones, which say least.
    assert semcodec.missing([*there, SENT[-1]]) == [f"{FILE:04x}:0,2-3"]
    assert semcodec.join([*there, SENT[-1], *semcodec.split(DATA, mtu=MTU, repair=3, only="0,2-3")]).data == DATA


@settings(deadline=None, max_examples=40)
@given(there=st.sets(st.integers(0, len(SENT) - 1), min_size=1))
def test_every_request_gives_the_whole_file_in_the_end(there: set[int]) -> None:
    packets = [SENT[n] for n in sorted(there)]
    for _ in range(9):
        (request,) = semcodec.missing(packets)
        assert len(request) <= max(40, *map(len, packets)) and request.isascii()
        if request.endswith(":"):
            break
        packets += semcodec.split(DATA, mtu=MTU, repair=3, only=request)
    assert semcodec.join(packets).data == DATA


def test_a_request_is_no_longer_than_a_packet() -> None:
    data = make_file(5, size=Size(300, 300))
    packets = semcodec.split(data, mtu=40)
    assert len(packets) > 60
    (request,) = semcodec.missing(packets[::2])
    assert 34 <= len(request) <= 40 and request[5:].startswith("1,3,5,7,9,")


def test_each_file_of_a_pool_has_its_own_request() -> None:
    other = semcodec.split(make_file(2, size=SMALL), mtu=MTU)
    number = unpack_packet(other[0]).file_id
    requests = semcodec.missing([*SENT[: COUNT - 1], *other[:1], *other[2:]])
    assert requests == sorted([f"{FILE:04x}:{COUNT - 1}", f"{number:04x}:1"])
    assert semcodec.missing([*SENT, *other[:1], *other[2:]], file_id=number) == [f"{number:04x}:1"]
    with pytest.raises(NotAPacketError):
        semcodec.missing([b"hello"])


@pytest.mark.parametrize(
    ("only", "numbers"), [("3,1", (1, 3)), ("0", (0,)), (" 2 - 4 ", (2, 3, 4)), ("1,1-2", (1, 2)), ("0000:", ())]
)
def test_packets_are_asked_for_in_numbers_and_ranges(only: str, numbers: tuple[int, ...]) -> None:
    only = only.replace("0000", f"{FILE:04X}")
    assert semcodec.split(DATA, mtu=MTU, repair=3, repeat_first=2, only=only) == [SENT[n] for n in numbers]


def test_an_open_range_ends_with_the_file() -> None:
    assert semcodec.split(DATA, mtu=MTU, repair=3, only="2-") == SENT[2:COUNT]
    assert semcodec.split(DATA, mtu=MTU, repair=3, only=f"{COUNT}-") == []


@pytest.mark.parametrize(
    ("only", "sentence"),
    [
        ("", "is no list of packets"),
        ("x", "'x' is none of their numbers"),
        ("1,,2", "'' is none of their numbers"),
        ("3-1", "packets 3-1, and the file has packets 0 to"),
        ("99", "with repair packets"),
        ("3fa:1", "4 hexadecimal digits"),
        ("0000:1", "asks for packets of file 0000, and these are of"),
        ("-3", "none of their numbers"),
        ("9" * 40, "none of their numbers"),
    ],
)
def test_what_nobody_can_send_says_why(only: str, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        semcodec.split(DATA, mtu=MTU, repair=3, only=only)


@given(text=st.text(max_size=30))
def test_no_request_does_harm(text: str) -> None:
    from semcodec.file.requests import asked_for

    packets = [unpack_packet(packet) for packet in SENT]
    try:
        numbers = asked_for(text, packets)
    except RequestError as error:
        assert str(error)
    else:
        assert set(numbers) <= set(range(len(SENT)))


def test_mtus_leave_room_for_what_repair_packets_have_beside() -> None:
    with pytest.raises(BudgetError, match="give an MTU of 43 or more") as caught:
        semcodec.split(DATA, mtu=42, repair=1)
    assert caught.value.least_bytes == 43
    for wrong in (39, 65536):
        with pytest.raises(ValueError, match=f"an MTU of {wrong} bytes is not within 40"):
            semcodec.split(DATA, mtu=wrong, repair=1)
    with pytest.raises(ValueError, match="repair -1"):
        semcodec.split(DATA, mtu=60, repair=-1)


def test_without_reedsolo_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    times.cache_clear()
    monkeypatch.setitem(sys.modules, "reedsolo", None)
    monkeypatch.setattr("semcodec.forks._imported", set())
    with pytest.raises(MissingExtraError, match=r"pip install 'semcodec\[radio\]'"):
        semcodec.split(DATA, mtu=MTU, repair=1)
    assert semcodec.join(SENT).data == semcodec.join(SENT[:COUNT]).data == DATA
    joined = semcodec.join([SENT[0], *SENT[2:]])
    assert joined.missing == ((1, 1),), "what is there is shown"
    assert [type(problem) for problem in joined.reading.problems] == [MissingRepairError]
    assert "pip install 'semcodec[radio]'" in str(joined.reading.problems[0])
    with pytest.raises(MissingRepairError, match=r"pip install 'semcodec\[radio\]'"):
        semcodec.join(SENT[1:])
    assert semcodec.missing(SENT[1:]) == [f"{FILE:04x}:"]
    monkeypatch.undo()
    assert semcodec.join(SENT[1:]).data == DATA
