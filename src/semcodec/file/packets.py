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
from semcodec.container.decode import read_file
from semcodec.container.encode import pack_sections, varint_bytes, write_file
from semcodec.container.header import working_size
from semcodec.container.packets import MAX_PACKET_BYTES, MIN_PACKET_BYTES, FirstBody, Packet, PacketKind
from semcodec.container.packets.decode import unpack_chunk, unpack_first_body, unpack_packet, unpack_sections
from semcodec.container.packets.encode import num_frame_bytes, pack_chunk, pack_first_body, pack_packet
from semcodec.errors import BudgetError, FormatError, NotAPacketError, PacketError, UnknownFamilyError
from semcodec.file.reading import read
from semcodec.ids import LayerId
from semcodec.layers.catalog import layer_of
from semcodec.layers.tokens.decode import DecodedTokens, as_pyramid, check_grids, read_section
from semcodec.layers.tokens.encode import pack_tokens
from semcodec.layers.tokens.family import Family, find_family
from semcodec.layers.tokens.grid import Grid, grids
from semcodec.layers.tokens.packets.decode import join_tokens
from semcodec.layers.tokens.packets.encode import TokenSplitter
from semcodec.layers.tokens.packets.order import Tokens
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.sources import file_bytes
from semcodec.types import Fate, FileHeader, Joined, Section, TokenPyramid, Verdict

if TYPE_CHECKING:
    from semcodec.sources import FileSource

_Found = tuple[Tokens, Family, tuple[Grid, ...]]


@door()
def split(data: FileSource, *, mtu: int, repeat_first: int = 0, limits: Limits = DEFAULT_LIMITS) -> list[bytes]:
    """A file as packets of at most `mtu` bytes (40 to 65535), in the order to send them. No network.

    Losing any but the first costs only what is in it. `repeat_first` is how many more copies of the first are put
    between the others, at equal distances. All packets together give the file's Scene again (`join`).

    Raises:
        ValueError: an `mtu` or number of copies that is not possible. FormatError: the file is damaged, truncated, or
        of an unknown family. BudgetError: a token of it has no room in a packet. LimitError.
    """
    if repeat_first < 0:
        raise ValueError(f"repeat_first {repeat_first} is below 0")
    first, *others = _packets_of(file_bytes(data), mtu, limits)
    parts = repeat_first + 1
    bounds = [len(others) * n // parts for n in range(parts + 1)]
    return [packet for n in range(parts) for packet in (first, *others[bounds[n] : bounds[n + 1]])]


def _packets_of(data: bytes, mtu: int, limits: Limits) -> list[bytes]:
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
    return [pack_packet(replace(packet, file_id=file_id)) for packet in (first, *others)]


def _tokens_of(section: Section, header: FileHeader, limits: Limits) -> _Found:
    family = find_family(section.model)
    decoded, all_grids = read_section(section, header, family, limits)
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
    are there, the first among them.

    Raises:
        FormatError: no packet of the file, not its first one, or that one is damaged. LimitError.
    """
    arrived = list(packets)
    unpacked = [_unpack(data) for data in arrived]
    pile = _Pile(_chosen_file(unpacked, file_id))
    for packet, data in zip(unpacked, arrived, strict=True):
        pile.add(packet, data)
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
    reading = read(data, limits=limits)
    missing = tuple(_gaps([0, *pile.others], first.num_packets))
    num_missing = sum(last + 1 - first for first, last in missing)
    return Joined(
        replace(
            reading,
            scene=replace(reading.scene, tokens=tokens),
            problems=(*problems, *reading.problems),
            packets=(first.num_packets - num_missing, first.num_packets),
            num_bytes=pile.num_bytes,
        ),
        data,
        pile.file_id,
        first.num_packets,
        missing,
        tuple(pile.verdicts),
    )


def _tokens_in(body: FirstBody, pile: _Pile, limits: Limits) -> tuple[TokenPyramid | None, Section | None]:
    """All tokens that arrived, and a section of those that a file can hold. Raises UnknownFamilyError, LimitError."""
    if not body.family:
        return None, None
    family = find_family(body.family)
    all_grids = grids(working_size(body.header), family.strides, family.blocks)
    check_grids(all_grids, family, limits, offset=body.tokens_offset)
    mine = pile.of_kind(PacketKind.TOKENS)
    joined = join_tokens(body.tokens, [packet.body for packet in mine], family, all_grids, offset=body.tokens_offset)
    for packet, problem in zip(mine, joined.problems, strict=True):
        if problem is not None:
            pile.discard(packet, str(problem))
    pyramid = as_pyramid(DecodedTokens(tuple(joined.tokens), [], None), family, body.header, all_grids)
    section = pack_tokens(pyramid)
    return replace(pyramid, num_bytes=len(section.payload)), section


def _unpack(data: bytes) -> Packet | FormatError:
    try:
        return unpack_packet(data)
    except FormatError as problem:
        return problem


def _chosen_file(unpacked: Sequence[Packet | FormatError], wanted: int | None) -> int:
    """The file that is joined. Raises where its first packet is not there."""
    numbers: dict[int, set[int]] = {}
    for packet in unpacked:
        if isinstance(packet, Packet) and wanted in (None, packet.file_id):
            numbers.setdefault(packet.file_id, set()).add(packet.number)
    if not numbers:
        of = "" if wanted is None else f" of file {wanted:04x}"
        raise NotAPacketError(f"no good packet{of} is among the {len(unpacked)} files that were given")
    begun = [file_id for file_id, there in numbers.items() if 0 in there]
    if not begun:
        file_id, there = max(numbers.items(), key=lambda item: len(item[1]))
        raise PacketError(
            f"the first packet of file {file_id:04x} is not there, and without it the {len(there)} others say nothing"
        )
    return max(begun, key=lambda file_id: len(numbers[file_id]))


class _Pile:
    """One file's packets, sorted from all others; a verdict for each that is added."""

    def __init__(self, file_id: int) -> None:
        self.file_id = file_id
        self.first: Packet | None = None
        self.others: dict[int, Packet] = {}
        self.verdicts: list[Verdict] = []
        self._data: dict[int, bytes] = {}
        self._places: dict[int, int] = {}  # of a packet's verdict, by its number

    def add(self, packet: Packet | FormatError, data: bytes) -> None:
        if isinstance(packet, NotAPacketError):
            verdict = Verdict(Fate.NO_PACKET, str(packet))
        elif isinstance(packet, FormatError):
            verdict = Verdict(Fate.DAMAGED, str(packet))
        elif packet.file_id != self.file_id:
            verdict = Verdict(Fate.FOREIGN, f"a packet of file {packet.file_id:04x}, not of {self.file_id:04x}")
        elif packet.number not in self._data:
            verdict = Verdict(Fate.USED)
            self._data[packet.number] = data
            self._places[packet.number] = len(self.verdicts)
            if packet.kind == PacketKind.FIRST:
                self.first = packet
            else:
                self.others[packet.number] = packet
        elif self._data[packet.number] == data:
            verdict = Verdict(Fate.DUPLICATE, f"a duplicate of packet {packet.number}")
        else:
            verdict = Verdict(Fate.DAMAGED, f"not the packet {packet.number} that was there before it")
        self.verdicts.append(verdict)

    @property
    def num_bytes(self) -> int:
        """Of the packets that are used."""
        return sum(len(self._data[number]) for number in (0, *self.others))

    def of_kind(self, kind: PacketKind) -> list[Packet]:
        """Those whose number the file has; the others are discarded."""
        assert self.first is not None
        found = [packet for _, packet in sorted(self.others.items()) if packet.kind == kind]
        for packet in found:
            if packet.number >= self.first.num_packets:
                last = self.first.num_packets - 1
                self.discard(packet, f"a damaged packet: its number is {packet.number}, but the last one is {last}")
        return [packet for packet in found if packet.number in self.others]

    def chunks(self, kind: PacketKind) -> list[tuple[int, bytes]]:
        """(offset, bytes) in the sections."""
        found = []
        for packet in self.of_kind(kind):
            try:
                found.append(unpack_chunk(packet))
            except FormatError as problem:
                self.discard(packet, str(problem))
        return found

    def discard(self, packet: Packet, reason: str) -> None:
        """Takes a packet out that turned out to be damaged."""
        self.verdicts[self._places[packet.number]] = Verdict(Fate.DAMAGED, reason)
        del self.others[packet.number]


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


def _gaps(numbers: Iterable[int], count: int) -> Iterator[tuple[int, int]]:
    """The ranges of 0 to count - 1 that are not among the numbers."""
    expected = 0
    for number in [*sorted(numbers), count]:
        if number > expected:
            yield expected, number - 1
        expected = number + 1
