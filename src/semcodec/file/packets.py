"""A file to packets of which any but the first may be lost, and back. Exact: no network.

`container/packets/` is the frame of a packet, `layers/tokens/packets/` how tokens lie in them, and
`docs/packets.md` the format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from semcodec.arguments import door
from semcodec.container.boxes.decode import unpack_boxes
from semcodec.container.decode import read_file
from semcodec.container.encode import pack_sections, varint_bytes, write_file
from semcodec.container.header import working_size
from semcodec.container.packets import MAX_PACKET_BYTES, MIN_PACKET_BYTES, FirstBody, Packet, PacketKind
from semcodec.container.packets.decode import unpack_first_body, unpack_sections
from semcodec.container.packets.encode import num_frame_bytes, pack_chunk, pack_first_body, pack_packet
from semcodec.container.packets.repair.encode import num_extra_bytes, repair_packets
from semcodec.errors import BudgetError, FormatError, MissingRepairError, PacketError, UnknownFamilyError
from semcodec.file.pile import Pile, by_file, unpack
from semcodec.file.repairing import Repair
from semcodec.file.requests import asked_for, gaps
from semcodec.ids import LayerId
from semcodec.layers.catalog import layer_of, unpack_layers
from semcodec.layers.tokens.decode import DecodedTokens, as_pyramid, check_grids, read_section
from semcodec.layers.tokens.encode import pack_tokens
from semcodec.layers.tokens.family import Family, find_family
from semcodec.layers.tokens.grid import Grid, grids
from semcodec.layers.tokens.packets.decode import join_tokens
from semcodec.layers.tokens.packets.encode import TokenSplitter
from semcodec.layers.tokens.packets.order import Tokens
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.sources import file_bytes
from semcodec.types import Fate, FileHeader, Joined, Reading, Section, TokenPyramid

if TYPE_CHECKING:
    from semcodec.sources import FileSource

_Found = tuple[Tokens, Family, tuple[Grid, ...]]


@door()
def split(
    data: FileSource,
    *,
    mtu: int,
    repeat_first: int = 0,
    repair: int = 0,
    only: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> list[bytes]:
    """A file as packets of at most `mtu` bytes (40 to 65535), in the order to send them. No network.

    Losing any but the first costs only what is in it. All packets together give the file's Scene again (`join`).

    `repeat_first`: how many more copies of the first are put between the others, at equal distances.
    `repair`: how many repair packets follow. As many packets as the file has, whichever of all these arrive, give the
        whole file (of more than 256 packets: of each block). The others are three bytes shorter then, or a few more.
        They are the same for every number of repair packets (up to 256 in all), so more of them can be sent later.
    `only`: the packets that are asked for: "3,7-9", or what `missing` says ("3fa2:3,7-9"), each once. With the `mtu`
        and `repair` that were sent, or more repair packets.

    Raises:
        ValueError: an `mtu` or number that is not possible. RequestError: `only` is no list of packets, or of those of
        another file. FormatError: the file is damaged, truncated, or of an unknown family. BudgetError: a token of it
        has no room in a packet. MissingExtraError: `repair` needs the extra `radio`. LimitError.
    """
    for name, number in (("repeat_first", repeat_first), ("repair", repair)):
        if number < 0:
            raise ValueError(f"{name} {number} is below 0")
    packets = _packets_of(file_bytes(data), mtu, limits) if not repair else _with_repair(data, mtu, repair, limits)
    if only is not None:
        return [pack_packet(packets[number]) for number in asked_for(only, packets)]
    first, *others = map(pack_packet, packets)
    parts = repeat_first + 1
    bounds = [len(others) * n // parts for n in range(parts + 1)]
    return [packet for n in range(parts) for packet in (first, *others[bounds[n] : bounds[n + 1]])]


def _with_repair(data: FileSource, mtu: int, num_repair: int, limits: Limits) -> list[Packet]:
    """The packets of a smaller MTU, which leaves room for what repair packets have beside theirs; behind them these."""
    whole, num_extra = file_bytes(data), 0
    packets: list[Packet] = []
    while num_extra < (needed := num_extra_bytes(max(len(packets), 1), len(packets) + num_repair)):
        num_extra = needed
        least = MIN_PACKET_BYTES + num_extra
        if MIN_PACKET_BYTES <= mtu < least:
            raise BudgetError(
                f"repair packets of this file have no room in {mtu} bytes: give an MTU of {least} or more",
                least_bytes=least,
            )
        packets = _packets_of(whole, mtu - num_extra if least <= mtu <= MAX_PACKET_BYTES else mtu, limits)
    return [*packets, *repair_packets(packets, num_repair)]


def _packets_of(data: bytes, mtu: int, limits: Limits) -> list[Packet]:
    if not MIN_PACKET_BYTES <= mtu <= MAX_PACKET_BYTES:
        raise ValueError(f"an MTU of {mtu} bytes is not within {MIN_PACKET_BYTES}..{MAX_PACKET_BYTES}")
    header, sections, problem = read_file(data, limits)
    if problem is not None:
        raise problem
    at = next((n for n, section in enumerate(sections) if section.layer == LayerId.TOKENS), None)
    front = pack_sections(sections[:at])
    back = pack_sections(sections[at + 1 :]) if at is not None else b""
    found = _tokens_of(sections[at], header, limits) if at is not None else None
    # Packets of another MTU are other packets: their numbers and contexts differ.
    file_id = int.from_bytes(hashlib.sha256(mtu.to_bytes(2, "big") + data).digest()[:2], "big")
    # The first packet says how many there are, and how much room that leaves in it is part of the answer.
    for most in (1 << 7, 1 << 14, 1 << 21, 1 << 28):
        splitter = None if found is None else TokenSplitter(*found)
        body = _first_body(header, found, splitter, front, mtu - num_frame_bytes(most - 1))
        others = list(_others(splitter, front[len(body.front) :], len(body.front), back, mtu))
        if len(others) + 1 < most:
            break
    first = Packet(PacketKind.FIRST, 0, 0, pack_first_body(body), len(others) + 1)
    return [replace(packet, file_id=file_id) for packet in (first, *others)]


def _tokens_of(section: Section, header: FileHeader, limits: Limits) -> _Found:
    family = find_family(section.model)
    decoded, all_grids = read_section(section, working_size(header), family, limits)
    if decoded.problem is not None:
        raise decoded.problem
    return decoded.tokens, family, all_grids


def _first_body(
    header: FileHeader, found: _Found | None, splitter: TokenSplitter | None, front: bytes, room: int
) -> FirstBody:
    """As much of the front as leaves room for the plan of the tokens, and as many tokens as then fit."""
    family = 0 if found is None else found[1].id
    num_inside = min(len(front), room)
    while True:
        assert num_inside >= 0, "the least MTU holds a header and a plan"
        body = FirstBody(header, family, front[:num_inside], b"")
        left = room - len(pack_first_body(body))
        tokens: bytes | None = b""
        if left < 0 or (splitter is not None and (tokens := splitter.first(left)) is None):
            num_inside -= max(1, -left)
            continue
        return replace(body, tokens=tokens or b"")


def _others(splitter: TokenSplitter | None, front: bytes, front_offset: int, back: bytes, mtu: int) -> Iterator[Packet]:
    """All packets but the first, without the file's number."""
    number = 1
    for kind, sections, offset in ((PacketKind.FRONT, front, front_offset), (PacketKind.BACK, back, 0)):
        if kind == PacketKind.BACK:
            while splitter is not None and not splitter.is_done:
                yield Packet(PacketKind.TOKENS, 0, number, _next_tokens(splitter, mtu, num_frame_bytes(number)))
                number += 1
        at = 0
        while at < len(sections):
            room = mtu - num_frame_bytes(number) - len(varint_bytes(offset + at))
            yield Packet(kind, 0, number, pack_chunk(offset + at, sections[at : at + room]))
            at, number = at + room, number + 1


def _next_tokens(splitter: TokenSplitter, mtu: int, num_frame: int) -> bytes:
    stream = splitter.next(mtu - num_frame)
    if stream is not None:
        return stream
    least = next(larger for larger in count(mtu + 1) if splitter.next(larger - num_frame) is not None)
    raise BudgetError(
        f"a token of this file has no room in a packet of {mtu} bytes: give an MTU of {least} or more",
        least_bytes=least,
    )


@door()
def join(packets: Iterable[bytes], *, file_id: int | None = None, limits: Limits = DEFAULT_LIMITS) -> Joined:
    """What a file's packets say that arrived, in any order; duplicates and strangers are named. No network.

    `file_id` says which file is meant where packets of several are there; by default the one of whose packets the most
    are there, the first among them. What did not arrive is computed from repair packets, where enough of them did.

    Raises:
        FormatError: no packet of the file, not its first one, or that one is damaged; MissingRepairError, which is one:
        repair packets would give the first, and the extra `radio` is not installed. LimitError.
    """
    arrived = list(packets)
    pile, repaired, unrepaired = _chosen(arrived, file_id)
    first = pile.first
    assert first is not None, "the chosen file has its first packet"
    body = unpack_first_body(first, limits)
    front, problems = _sections_of([(0, body.front), *pile.chunks(PacketKind.FRONT)], limits)
    back, more = _sections_of(pile.chunks(PacketKind.BACK), limits)
    tokens, token_section = None, None
    try:
        tokens, token_section = _tokens_in(body, pile, limits)
    except UnknownFamilyError as unknown:
        at = body.tokens_offset
        problems.append(UnknownFamilyError(f"{unknown} (first packet, offset {at})", offset=at))
    sections = [*front, *([token_section] if token_section is not None else []), *back]
    problems += more
    if not sections:
        raise problems[0] if problems else PacketError("the first packet holds no more than a header, and is alone")
    data = write_file(body.header, sections)
    reading = _reading_of(data, limits)
    problems = [*([] if unrepaired is None else [unrepaired]), *problems]
    missing = tuple(gaps(pile.numbers, first.num_packets))
    num_missing = sum(last + 1 - first for first, last in missing)
    verdicts = pile.verdicts
    used = [data for data, verdict in zip(arrived, verdicts, strict=True) if verdict.fate is Fate.USED]
    return Joined(
        replace(
            reading,
            scene=replace(reading.scene, tokens=tokens),
            problems=(*problems, *reading.problems),
            packets=(first.num_packets - num_missing, first.num_packets),
            num_bytes=sum(map(len, used)),
        ),
        data,
        pile.file_id,
        first.num_packets,
        missing,
        verdicts,
        tuple(repaired),
    )


def _tokens_in(body: FirstBody, pile: Pile, limits: Limits) -> tuple[TokenPyramid | None, Section | None]:
    """All tokens that arrived, and a section of those that a file can hold. Raises UnknownFamilyError, LimitError."""
    if not body.family:
        return None, None
    family = find_family(body.family)
    working = working_size(body.header)
    all_grids = grids(working, family.strides, family.blocks)
    check_grids(all_grids, family, limits, offset=body.tokens_offset)
    mine = pile.of_kind(PacketKind.TOKENS)
    joined = join_tokens(body.tokens, [packet.body for packet in mine], family, all_grids, offset=body.tokens_offset)
    for packet, problem in zip(mine, joined.problems, strict=True):
        if problem is not None:
            pile.discard(packet, str(problem))
    pyramid = as_pyramid(DecodedTokens(tuple(joined.tokens), [], None), family, working, all_grids)
    section = pack_tokens(pyramid)
    return replace(pyramid, num_bytes=len(section.payload)), section


def _reading_of(data: bytes, limits: Limits) -> Reading:
    """A file that was put together, but for its tokens: to decode them once more would be a third of the time."""
    header, sections, problem = read_file(data, limits)
    beside = [section for section in sections if section.layer != LayerId.TOKENS]
    scene, problems = unpack_layers(beside, header, limits)
    if problem is not None:
        problems.insert(0, problem)
    return Reading(scene, header, tuple(problems), unpack_boxes(sections, header.size, limits))


def _chosen(arrived: Sequence[bytes], wanted: int | None) -> tuple[Pile, list[int], MissingRepairError | None]:
    """The packets of the file that is joined, those that repair packets gave, and why they gave none that they could.

    Raises `FormatError` where its first packet is not there: without it a file says nothing.
    """
    unpacked = list(map(unpack, arrived))
    files = by_file(unpacked, wanted)
    needs: list[str] = []
    for file_id, places in files.items():
        pile = Pile(file_id, unpacked, arrived, places)
        repair = Repair(pile)
        repaired, problem = repair.fill()
        if pile.first is not None:
            return pile, repaired, problem
        if problem is not None:
            raise problem
        if repair.num_packets is not None:
            num_more = sum(
                last + 1 - first for first, last in gaps([*pile.numbers, *repair.spared()], repair.num_packets)
            )
            needs.append(f"file {file_id:04x} is whole with {num_more} more")
    file_id, places = next(iter(files.items()))
    more = f" ({'; '.join(needs)})" if needs else ""
    raise PacketError(
        f"the first packet of file {file_id:04x} is not there, and without it the {len(places)} others say nothing"
        f"{more}"
    )


def _sections_of(chunks: list[tuple[int, bytes]], limits: Limits) -> tuple[list[Section], list[FormatError]]:
    """The sections that the chunks hold up to their first gap."""
    data = bytearray()
    for offset, chunk in sorted(chunks):
        if offset > len(data):
            break
        data[offset : offset + len(chunk)] = chunk
    sections, problem = unpack_sections(bytes(data), limits)
    problems = [] if problem is None else [problem]
    if any(section.layer == LayerId.TOKENS for section in sections):
        problems.append(PacketError("a section of tokens stands among those beside the tokens: it was left out"))
        sections = [section for section in sections if section.layer != LayerId.TOKENS]
    if sections and sections[-1].cut_short:
        cut = sections.pop()
        layer = layer_of(cut)
        if layer is not None and layer.packets_keep_prefix and cut.payload:
            sections.append(replace(cut, open_end=True, cut_short=False))
        elif layer is not None and layer.is_picture:
            problems.append(PacketError(f"the {layer.name} picture is not whole: packets of it are missing"))
    return sections, problems
