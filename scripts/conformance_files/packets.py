"""Packets: what is sent, what of it arrives (masks), and what a reader then must say. Each case is one file of JSON."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance_files.tools import CAPTION, Kit, text_section, words_file
from semcodec.container.encode import write_file
from semcodec.container.packets import MAX_PACKET_BYTES, FirstBody, Packet, PacketKind, RepairBody
from semcodec.container.packets.decode import unpack_first_body, unpack_packet, unpack_repair_body
from semcodec.container.packets.encode import pack_chunk, pack_first_body, pack_packet, pack_repair_body
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.entropy.tables import uniform_starts
from semcodec.file.packets import split
from semcodec.layers.base.encode import pack_base
from semcodec.layers.tokens.packets.order import PLAN_STARTS, WITH_STARTS
from semcodec.layers.tokens.stream import CHECK_STARTS, check_of
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import FileHeader, Section, Size

from .base import BASE, CODED


@dataclass(frozen=True)
class Mask:
    """What arrives: places in the case's packets, in this order, some of them twice.

    `verdict` is "ErrorClass: part of its message" where nothing can be shown or something is wrong. `left_out` says of
    places in `arrived` why that packet was: part of the reason; all others must be used, or be spare repair packets.
    """

    about: str
    arrived: tuple[int, ...]
    verdict: str = ""
    left_out: tuple[tuple[int, str], ...] = ()
    missing: tuple[int, ...] = ()


@dataclass(frozen=True)
class PacketCase:
    name: str
    about: str
    packets: tuple[bytes, ...]
    masks: tuple[Mask, ...]
    musts: tuple[str, ...] = ()


def good(kit: Kit) -> Iterator[PacketCase]:
    picture = kit.picture(300, 200, step=4)
    data = picture.file(text_section(), picture.tokens(picture.everything()))
    packets = tuple(split(data, mtu=163))
    n = len(packets)
    every = tuple(range(n))
    masks = (
        Mask("all", every),
        Mask("all, backwards, one of them twice", (*reversed(every), 2), left_out=((n, "a duplicate"),)),
        Mask("without the last", every[:-1], missing=(n - 1,)),
        Mask("without the second", (0, *every[2:]), missing=(1,)),
        Mask("every second one", every[::2], missing=every[1::2]),
        Mask("the first alone", (0,), missing=every[1:]),
        Mask("without the first", every[1:], "PacketError: the first packet of file"),
    )
    yield PacketCase("tokens-163", "words and all tokens, no repair packets", packets, masks, ("F9", "F14", "F15"))
    packets = tuple(split(data, mtu=51, repair=4))
    n = len(packets)
    every = tuple(range(n))
    rng = random.Random(51)
    lost = [tuple(sorted(rng.sample(every, 4))) for _ in range(3)]
    masks = (
        Mask("all", every),
        Mask("without the first", every[1:]),
        Mask("without the first four", every[4:]),
        *(Mask(f"without {', '.join(map(str, gone))}", tuple(a for a in every if a not in gone)) for gone in lost),
        Mask("four of the file and one repair packet less than that", (0, *every[5:-1]), missing=(1, 2, 3, 4)),
        Mask("one too few, the first among those that are missing", every[5:], "PacketError: is whole with 1 more"),
    )
    yield PacketCase("repaired-51", "any k of n packets", packets, masks, ("E4",))
    base = write_file(FileHeader(CODED), [text_section(), pack_base(BASE)])
    packets = tuple(split(base, mtu=60, repair=2))
    n = len(packets)
    masks = (
        Mask("all but two", tuple(range(2, n))),
        Mask("all but three: the words stay", (0, *range(4, n)), "PacketError: base picture is not whole", (), (1, 2)),
    )
    yield PacketCase("base-60", "a base picture, whole or not at all", packets, masks, ("F11",))
    words = words_file(text_section(", ".join([CAPTION] * 3)), Section(60, 1, bytes(range(100))))
    packets = tuple(split(words, mtu=43, repair=1))
    masks = (
        Mask("all but the repair packet", tuple(range(len(packets) - 1))),
        Mask("all but the third", (0, 1, *range(3, len(packets)))),
        Mask("words up to a gap", (0, 1, *range(4, len(packets))), "", (), (2, 3)),
    )
    yield PacketCase(
        "words-43", "long words in several packets, and a section that nobody knows", packets, masks, ("F11",)
    )
    large = words_file(text_section(), Section(60, 1, random.Random(256).randbytes(9000)))
    packets = tuple(split(large, mtu=46, repair=12))
    n = len(packets)
    assert 256 < n < 512, "two blocks"
    masks = (
        Mask("six of each block are missing", tuple(range(12, n))),
        Mask("seven of one: the other is repaired", (0, *range(14, n)), "", (), tuple(range(1, 14, 2))),
    )
    yield PacketCase("blocks-46", "more than 256 packets: two blocks", packets, masks)


def hostile(kit: Kit) -> Iterator[PacketCase]:
    picture = kit.picture(300, 200, step=8)
    data = picture.file(text_section(), picture.tokens(picture.everything()))
    other = picture.file(text_section(CAPTION), picture.tokens(picture.everything()))
    sent = split(data, mtu=51, repair=3)
    n = len(sent)
    k = n - 3
    flipped = bytes(byte ^ (at == 9) for at, byte in enumerate(sent[3]))
    shortened = sent[4][:-1]
    yield PacketCase(
        "damaged-check",
        "a bit is flipped, a byte is cut off: left out, and what they lack is repaired",
        (*sent, flipped, shortened),
        (Mask("instead of 3 and 4", (n, n + 1, 0, 1, 2, *range(5, n)), left_out=((0, "check"), (1, "check"))),),
        ("F2", "F3"),
    )
    file_id = unpack_packet(sent[0]).file_id
    tokens = unpack_packet(sent[2])
    zero = pack_packet(replace(tokens, number=0))
    beyond = pack_packet(replace(tokens, number=k + 3))
    uncounted = pack_packet(replace(unpack_packet(sent[0]), num_packets=0))
    yield PacketCase(
        "numbers",
        "a number 0, one that the file does not have, a count of 0",
        (*sent[:k], zero, beyond, uncounted),
        (
            Mask(
                "before all others",
                (k, k + 1, k + 2, *range(k)),
                left_out=((0, "is 0"), (1, "last one is"), (2, "is 0")),
            ),
        ),
        ("F4", "F5", "F6"),
    )
    strangers = split(other, mtu=51, repair=2)
    yield PacketCase(
        "two-files",
        "packets of two files in turn, and what is no packet",
        (*sent, *strangers[:4], b"hello", b"", bytes([0xFA]) + bytes(MAX_PACKET_BYTES)),
        (
            Mask(
                "more of the first",
                (n, 0, 4, n + 1, *range(5, n), n + 2, n + 3, n + 4, n + 5, n + 6),
                left_out=((0, "of file"), (3, "of file"), (n - 1, "of file"), (n, "of file"), (n + 1, "no packet"))
                + ((n + 2, "no packet"), (n + 3, "goes on behind")),
            ),
        ),
        ("F1", "F7"),
    )
    changed = pack_packet(replace(tokens, body=tokens.body[:-1] + b"\0"))
    yield PacketCase(
        "two-with-one-number",
        "a packet that pretends to be another, behind it",
        (*sent[:k], changed),
        (Mask("the first counts", (*range(k), k), left_out=((k, "that was there before it"),)),),
        ("F8",),
    )
    first = unpack_packet(sent[0])
    body = unpack_first_body(first, DEFAULT_LIMITS)
    huge = replace(body, header=FileHeader(Size(60000, 60000)))
    yield PacketCase(
        "too-large",
        "a first packet that asks for more than the limits",
        (pack_packet(replace(first, body=pack_first_body(huge))), *sent[1:k]),
        (Mask("all", tuple(range(k)), "LimitError: max_"),),
        ("F10",),
    )
    wrong = replace(body, tokens=bytes([body.tokens[0] ^ 0x40]) + body.tokens[1:])
    yield PacketCase(
        "another-model",
        "the check of the plan does not hold",
        (pack_packet(replace(first, body=pack_first_body(wrong))), *sent[1:k]),
        (Mask("all", tuple(range(k)), "PacketError: the check does not hold"),),
        ("F12",),
    )
    yield PacketCase(
        "plan-too-long",
        "a plan that ends behind its last token",
        (pack_packet(replace(first, body=pack_first_body(_too_long(kit, body)))),),
        (Mask("alone", (0,), "PacketError: ends behind the last"),),
        ("F13",),
    )
    early = pack_packet(replace(tokens, number=3, body=b"\0\0\0\0"))
    nothing = pack_packet(replace(tokens, number=4, body=b""))
    twice = pack_packet(replace(tokens, number=5))
    yield PacketCase(
        "token-packets",
        "a position that the first packet has, none at all, and the position of another packet",
        (*sent[:k], early, nothing, twice),
        (
            Mask("all, without these", tuple(range(k))),
            Mask("instead of 3", (0, 1, 2, k, *range(4, k)), left_out=((3, "at no position"),), missing=(3,)),
            Mask("instead of 4", (0, 1, 2, 3, k + 1, *range(5, k)), left_out=((4, "at no position"),), missing=(4,)),
            Mask("instead of 5", (0, 1, 2, 3, 4, k + 2, *range(6, k)), left_out=((2, "not one token"),), missing=(2,)),
        ),
        ("F13", "F16", "F17"),
    )
    true = unpack_repair_body(unpack_packet(sent[-1]))

    def lie(number: int, num_packets: int, num_sent: int, shard: bytes = true.shard) -> bytes:
        body = pack_repair_body(RepairBody(num_packets, num_sent, shard))
        return pack_packet(Packet(PacketKind.REPAIR, file_id, number, body))

    lies = (
        lie(2, k, n),
        lie(n, k, n),
        lie(n + 1, 0, n + 2),
        lie(n + 2, k, n + 9, b""),
        lie(n + 3, k + 1, n + 9),
        lie(n + 4, k, n + 9, true.shard + b"x"),
        lie((1 << 28) - 2, 1 << 27, (1 << 28) - 1, b"x"),
    )
    reasons = ("it says that it is", "it says that it is", "it says that it is", "before its shard")
    reasons += ("of a file of", "the others have shards of", "of a file of")
    yield PacketCase(
        "repair-packets-that-lie",
        "their numbers, k, n or lengths cannot be; the true ones repair",
        (*sent, *lies),
        (
            Mask("before all others", (*range(n, n + 7), *range(3, n)), left_out=tuple(enumerate(reasons))),
            Mask("one alone", (n + 6,), "PacketError: is whole with"),
        ),
        ("E1", "E2", "E5"),
    )
    false = lie(n - 1, k, n, bytes(reversed(true.shard)))
    yield PacketCase(
        "repair-packets-that-contradict",
        "one shard is not what was sent: left out where two true ones are there, none is used where that is not known",
        (*sent, false),
        (
            Mask("two are missing", (*range(2, n - 1), n), left_out=((n - 3, "the others contradict it"),)),
            Mask(
                "one is, and it is alone",
                (0, *range(2, k), n),
                left_out=((k - 1, "is not what was sent"),),
                missing=(1,),
            ),
        ),
        ("E3",),
    )
    chunk = pack_packet(Packet(PacketKind.BACK, file_id, 1, pack_chunk(5, b"abc")))
    yield PacketCase(
        "gap-in-the-back",
        "sections behind the tokens that have lost their beginning",
        (*sent[:1], chunk, *sent[2:k]),
        (Mask("all", tuple(range(k)), missing=()),),
        ("F11",),
    )


def _too_long(kit: Kit, body: FirstBody) -> FirstBody:
    """A plan of all scales whose end is a position that its number can say and the grids do not have."""
    encoder, family = RangeEncoder(), kit.family
    header = FileHeader(Size(16 * family.strides[-1] * 16, 16 * family.strides[-1]))

    def put(starts: Sequence[int], wanted: int) -> int:
        encoder.put(wanted, starts)
        return wanted

    put(CHECK_STARTS, check_of(family.seed))
    for scale in range(family.num_scales):
        if scale:
            put(WITH_STARTS, 0)
        put(PLAN_STARTS, 0)
    count = sum(-(-header.size.height_px // stride) * -(-header.size.width_px // stride) for stride in family.strides)
    high = (count - 1) >> 8
    assert (high << 8 | 255) >= count, "the low byte can say more than there is"
    put(uniform_starts(high + 1), high)
    put(CHECK_STARTS, 255)
    return FirstBody(header, family.id, body.front, encoder.finish() + bytes(4))
