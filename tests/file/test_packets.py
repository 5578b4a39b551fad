"""A file to packets and back: bytes, words, boxes, losses, strangers. No network but in one test."""

from __future__ import annotations

import random
from binascii import crc_hqx
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import semcodec
from semcodec.container.decode import read_file
from semcodec.container.encode import write_file
from semcodec.container.header import working_size
from semcodec.container.packets.decode import unpack_packet
from semcodec.errors import BudgetError, FormatError, NotAPacketError, PacketError, SemcodecError, UnknownFamilyError
from semcodec.file.packets import _next_tokens
from semcodec.layers.text.encode import pack_words
from semcodec.layers.tokens.decode import read_section
from semcodec.layers.tokens.encode import pack_tokens
from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.grid import grids
from semcodec.layers.tokens.packets.encode import TokenSplitter
from semcodec.limits import Limits
from semcodec.models import DEFAULT_FAMILY
from semcodec.types import MISSING, Fate, FileHeader, Scene, Section, Size, TokenPyramid, Words

MTUS = (40, 51, 115, 140, 222, 255, 340, 1500)
SIZE = Size(250, 150)
FAMILY = find_family(DEFAULT_FAMILY)
WORDS = "two macaws, one red and one blue and yellow, in front of green leaves"


def make_file(
    seed: int = 1, *, size: Size = SIZE, words: str | None = None, behind: tuple[Section, ...] = (), share: float = 1.0
) -> bytes:
    """A file of tokens that say little, as most do: whole scales, and a share of the blocks of the last."""
    rng = np.random.default_rng(seed)
    digits = []
    for grid, levels in zip(grids(size, FAMILY.strides, FAMILY.blocks), FAMILY.levels, strict=True):
        middles = np.array([(n - 1) // 2 for n in levels])
        away = rng.choice((-1, 0, 0, 0, 0, 0, 0, 1), (grid.num_rows, grid.num_cols, len(levels)))
        digits.append((middles + away).astype(np.uint8))
    if share < 1:
        grid = grids(size, FAMILY.strides, FAMILY.blocks)[-1]
        for block in range(grid.num_blocks):
            if rng.random() >= share:
                for row, col in grid.tokens_of(block):
                    digits[-1][row, col] = MISSING
    header = FileHeader(size)
    text = [pack_words(Words(words, "en"))] if words else []
    return write_file(header, [*text, pack_tokens(TokenPyramid(FAMILY.id, size, tuple(digits))), *behind])


def same_scene(one: Scene, other: Scene) -> bool:
    assert one.tokens is not None and other.tokens is not None
    same_digits = all(map(np.array_equal, one.tokens.digits, other.tokens.digits))
    return same_digits and replace(one, tokens=None) == replace(other, tokens=None)


def with_check(packet: bytes) -> bytes:
    """A packet that was changed, with the check of what it is now."""
    return packet[:-2] + (crc_hqx(packet[:-2], 0xFFFF) ^ 0xFFFF).to_bytes(2, "big")


@pytest.mark.parametrize("mtu", MTUS)
@pytest.mark.parametrize("share", [1.0, 0.4])
def test_all_packets_in_any_order_give_the_very_file(mtu: int, share: float) -> None:
    data = make_file(mtu, words=WORDS, share=share)
    packets = semcodec.split(data, mtu=mtu)
    assert max(map(len, packets)) <= mtu
    assert [unpack_packet(packet).number for packet in packets] == list(range(len(packets)))
    assert unpack_packet(packets[0]).num_packets == len(packets)
    random.Random(mtu).shuffle(packets)
    joined = semcodec.join(packets)
    assert same_scene(joined.reading.scene, semcodec.read(data).scene)
    assert joined.data == data
    assert (joined.missing, joined.reading.problems) == ((), ())
    assert {verdict.fate for verdict in joined.verdicts} == {Fate.USED}


@settings(deadline=None, max_examples=12)
@given(
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    seed=st.integers(0, 99),
    mtu=st.sampled_from(MTUS),
    share=st.sampled_from((0.1, 0.7, 1.0)),
)
def test_pictures_of_all_shapes_come_back(width: int, height: int, seed: int, mtu: int, share: float) -> None:
    data = make_file(seed, size=Size(width, height), share=share)
    assert semcodec.join(semcodec.split(data, mtu=mtu)).data == data


def test_a_loss_costs_only_what_was_in_it_and_the_words_stay() -> None:
    data = make_file(3, words="Two macaws.")
    packets = semcodec.split(data, mtu=51)
    whole = semcodec.read(data).scene
    rng = random.Random(3)
    lost = sorted(rng.sample(range(1, len(packets)), len(packets) // 3))
    joined = semcodec.join([packet for n, packet in enumerate(packets) if n not in lost])
    assert [n for first, last in joined.missing for n in range(first, last + 1)] == lost
    assert joined.num_missing == len(lost)
    assert joined.reading.scene.words == whole.words
    assert joined.reading.problems == ()
    num_there = 0
    assert joined.reading.scene.tokens is not None and whole.tokens is not None
    for mine, all_of_them in zip(joined.reading.scene.tokens.digits, whole.tokens.digits, strict=True):
        there = mine[:, :, 0] != MISSING
        assert np.array_equal(mine[there], all_of_them[there])
        num_there += int(there.sum())
    num_tokens = sum(digits.shape[0] * digits.shape[1] for digits in whole.tokens.digits)
    share = num_there / num_tokens
    assert 0.55 < share < 0.8
    # The file of what arrived is a good file, of whole blocks below whole parents.
    again = semcodec.read(joined.data)
    assert again.problems == () and again.scene.tokens is not None
    for mine, arrived in zip(again.scene.tokens.digits, joined.reading.scene.tokens.digits, strict=True):
        there = mine[:, :, 0] != MISSING
        assert np.array_equal(mine[there], arrived[there])


def test_packets_of_a_photograph_cost_little_beyond_their_frames(photo_path: Path) -> None:
    with Image.open(photo_path) as photo:
        data = semcodec.encode(photo, bytes=1000).data
    for mtu in (51, 140, 340):
        packets = semcodec.split(data, mtu=mtu)
        frames = sum(len(packet) - len(unpack_packet(packet).body) for packet in packets)
        # Positions, and contexts that reach into other packets; the checks of the file are saved.
        assert 0.95 < (sum(map(len, packets)) - frames) / len(data) < 1.1


def test_copies_of_the_first_are_spread_over_the_others() -> None:
    data = make_file(5)
    packets = semcodec.split(data, mtu=51, repeat_first=2)
    once = semcodec.split(data, mtu=51)
    places = [n for n, packet in enumerate(packets) if packet == once[0]]
    third = len(once) / 3
    assert len(places) == 3 and places[0] == 0
    assert abs(places[1] - third) <= 2 and abs(places[2] - 2 * third) <= 3
    assert [packet for packet in packets if packet != once[0]] == once[1:]
    joined = semcodec.join(packets[1:])
    assert joined.data == data
    assert [verdict.fate for verdict in joined.verdicts].count(Fate.DUPLICATE) == 1


def test_strangers_duplicates_and_damage_are_named_and_do_no_harm() -> None:
    data, other = make_file(6), make_file(7)
    packets, strangers = semcodec.split(data, mtu=51), semcodec.split(other, mtu=115)
    broken = bytearray(packets[4])
    broken[9] ^= 4
    given_packets = [strangers[2], *packets, packets[3], b"hello", bytes(broken), data]
    joined = semcodec.join(given_packets)
    assert joined.data == data
    fates = [verdict.fate for verdict in joined.verdicts]
    assert fates == [
        Fate.FOREIGN,
        *[Fate.USED] * len(packets),
        Fate.DUPLICATE,
        Fate.NO_PACKET,
        Fate.DAMAGED,
        Fate.NO_PACKET,
    ]
    reasons = [verdict.reason for verdict in joined.verdicts if verdict.fate is not Fate.USED]
    assert len(set(reasons)) == len(reasons) and all(reasons)


def test_of_two_files_the_one_with_more_packets_is_joined_or_the_one_that_is_named() -> None:
    data, other = make_file(6), make_file(7)
    packets, others = semcodec.split(data, mtu=51), semcodec.split(other, mtu=340)
    assert len(packets) > len(others)
    assert semcodec.join([*others, *packets]).data == data
    assert semcodec.join([*others, *packets], file_id=unpack_packet(others[0]).file_id).data == other
    assert semcodec.join([*others, *packets[1:]]).data == other, "only a file whose first packet is there can be joined"


def test_the_same_file_in_packets_of_two_lengths_is_two_files() -> None:
    data = make_file(8)
    short, long = semcodec.split(data, mtu=51), semcodec.split(data, mtu=60)
    assert unpack_packet(short[0]).file_id != unpack_packet(long[0]).file_id
    assert semcodec.split(data, mtu=51) == short


def test_without_the_first_packet_nothing_is_said() -> None:
    packets = semcodec.split(make_file(9), mtu=51)
    with pytest.raises(PacketError, match=f"first packet of file {unpack_packet(packets[0]).file_id:04x}"):
        semcodec.join(packets[1:])
    for nothing in ([], [b"hello"], [b""]):
        with pytest.raises(NotAPacketError, match="no good packet"):
            semcodec.join(nothing)
    with pytest.raises(NotAPacketError, match="of file 0000"):
        semcodec.join(packets, file_id=0)


def test_long_words_go_on_in_other_packets_and_keep_their_beginning() -> None:
    sentence = ", ".join([WORDS] * 4)
    data = make_file(10, words=sentence)
    packets = semcodec.split(data, mtu=40)
    assert packets[1][0] == 0xF9
    joined = semcodec.join(packets)
    assert joined.data == data
    without = semcodec.join([packets[0], *packets[2:]])
    assert without.reading.scene.words is not None
    assert sentence.startswith(without.reading.scene.words.text) and len(without.reading.scene.words.text) > 10
    assert semcodec.read_words(without.data) == without.reading.scene.words
    assert without.reading.scene.tokens is not None


def test_boxes_travel_last_and_a_gap_costs_those_behind_it() -> None:
    unknown = Section(60, 1, bytes(range(200))), Section(61, 2, bytes(80))
    data = make_file(11, behind=unknown)
    packets = semcodec.split(data, mtu=80)
    assert semcodec.join(packets).data == data
    kinds = [packet[0] - 0xF8 for packet in packets]
    assert kinds == sorted(kinds) and kinds.count(3) >= 3
    kept = read_file(semcodec.join(packets[:-1]).data, Limits())[1]
    assert [section.layer for section in kept] == [2, 60]
    kept = read_file(semcodec.join([*packets[: kinds.index(3)], *packets[kinds.index(3) + 1 :]]).data, Limits())[1]
    assert [section.layer for section in kept] == [2]


@pytest.mark.parametrize("num_sections", [63, 64])
def test_as_many_sections_as_a_file_may_have_come_back(num_sections: int) -> None:
    most = [Section(60, n, bytes([n])) for n in range(num_sections - 1)]
    for sections in ([*most, pack_words(Words(WORDS, "en"))], [pack_words(Words(WORDS, "en")), *most]):
        data = write_file(FileHeader(SIZE), sections)
        joined = semcodec.join(semcodec.split(data, mtu=80))
        assert joined.data == data and joined.reading.problems == ()


def test_words_alone_can_be_sent() -> None:
    header = FileHeader(SIZE)
    data = write_file(header, [pack_words(Words(", ".join([WORDS] * 4), "en"))])
    packets = semcodec.split(data, mtu=40)
    assert semcodec.join(packets).data == data
    assert len(packets) > 1


def test_words_arrive_where_the_family_is_unknown() -> None:
    packets = semcodec.split(make_file(12, words="Two macaws."), mtu=51)
    at = packets[0].index(bytes([FAMILY.id]), 9)
    packets[0] = with_check(packets[0][:at] + b"\x7e" + packets[0][at + 1 :])
    joined = semcodec.join(packets)
    assert joined.reading.scene.words == Words("Two macaws.", "en")
    assert joined.reading.scene.tokens is None
    assert [type(problem) for problem in joined.reading.problems] == [UnknownFamilyError]


def test_what_cannot_be_split_says_why() -> None:
    data = make_file(13)
    for wrong in (39, 0, 65536):
        with pytest.raises(ValueError, match=r"40\.\.65535"):
            semcodec.split(data, mtu=wrong)
    with pytest.raises(ValueError, match="repeat_first"):
        semcodec.split(data, mtu=51, repeat_first=-1)
    for damaged in (data[:-3], data[:4], b"hello"):
        with pytest.raises(FormatError):
            semcodec.split(damaged, mtu=51)
    header, (section,), _ = read_file(data, Limits())
    with pytest.raises(UnknownFamilyError):
        semcodec.split(write_file(header, [replace(section, model=126)]), mtu=51)


def test_a_token_too_large_for_a_packet_names_the_mtu_that_it_needs() -> None:
    header, (section,), _ = read_file(make_file(15), Limits())
    decoded, all_grids = read_section(section, working_size(header), FAMILY, Limits())
    splitter = TokenSplitter(decoded.tokens, FAMILY, all_grids)
    assert splitter.first(30) is not None
    # No real token needs more than the least MTU has; a packet of 7 bytes has one beside its frame.
    with pytest.raises(BudgetError, match="give an MTU of") as caught:
        _next_tokens(splitter, 7, 6)
    assert 7 < caught.value.least_bytes < 40


def change_bytes(packet: bytes, rng: random.Random) -> bytes:
    changed = bytearray(packet)
    for _ in range(rng.randrange(1, 4)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut_out(packet: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(packet))
    return packet[:at] + packet[at + rng.randrange(1, 9) :]


def put_in(packet: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(packet))
    return packet[:at] + rng.randbytes(rng.randrange(1, 9)) + packet[at:]


@pytest.mark.parametrize("change", [change_bytes, cut_out, put_in])
def test_packets_that_lie_under_a_true_check_give_a_scene_or_a_sentence(
    change: Callable[[bytes, random.Random], bytes],
) -> None:
    rng = random.Random(change.__name__)
    packets = semcodec.split(
        make_file(14, size=Size(150, 100), words=WORDS, behind=(Section(60, 1, bytes(99)),)), mtu=51
    )
    num_scenes = 0
    for n in range(30):
        at = 0 if n % 2 else rng.randrange(len(packets))
        changed = list(packets)
        changed[at] = with_check(change(packets[at], rng))
        try:
            joined = semcodec.join(changed, limits=Limits(max_pixels=1_000_000))
        except SemcodecError as problem:
            assert str(problem)
        else:
            assert semcodec.read(joined.data).header.size == joined.reading.scene.size
            num_scenes += 1
    assert num_scenes >= 15, "a lie outside the first packet never costs the picture"
