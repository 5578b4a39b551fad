"""One file's packets out of all that arrived: strangers, duplicates and damage are set aside, each with a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from semcodec.container.packets import Packet, PacketKind, RepairBody
from semcodec.container.packets.decode import unpack_chunk, unpack_packet, unpack_repair_body
from semcodec.errors import FormatError, NotAPacketError
from semcodec.types import Fate, Verdict

Unpacked = Sequence[Packet | FormatError]


def unpack(data: bytes) -> Packet | FormatError:
    try:
        return unpack_packet(data)
    except FormatError as problem:
        return problem


def by_file(unpacked: Unpacked, wanted: int | None = None) -> dict[int, list[int]]:
    """Where the packets of each file are, or of the one that is wanted; files with the most different ones first.

    Raises NotAPacketError where there is none.
    """
    places: dict[int, list[int]] = {}
    numbers: dict[int, set[int]] = {}
    for at, packet in enumerate(unpacked):
        if isinstance(packet, Packet) and wanted in (None, packet.file_id):
            places.setdefault(packet.file_id, []).append(at)
            numbers.setdefault(packet.file_id, set()).add(packet.number)
    if not places:
        of = "" if wanted is None else f" of file {wanted:04x}"
        raise NotAPacketError(f"no good packet{of} is among the {len(unpacked)} files that were given")
    return {file_id: places[file_id] for file_id in sorted(places, key=lambda one: len(numbers[one]), reverse=True)}


class Pile:
    """One file's packets, with a verdict for each. `places` says where among all that arrived they are."""

    def __init__(self, file_id: int, unpacked: Unpacked, arrived: Sequence[bytes], places: Iterable[int]) -> None:
        self.file_id = file_id
        self.first: Packet | None = None
        self.others: dict[int, Packet] = {}
        self.repairs: dict[int, RepairBody] = {}  # by number, as all that follow
        self._unpacked = unpacked
        self._verdicts: dict[int, Verdict] = {}  # by place
        self._places: dict[tuple[bool, int], int] = {}  # by whether it is a repair packet, and number
        for at in places:
            packet = unpacked[at]
            assert isinstance(packet, Packet)
            # (A false repair packet must not stand for the packet whose number it pretends to have.)
            key = packet.kind == PacketKind.REPAIR, packet.number
            before = arrived[self._places[key]] if key in self._places else None
            if before is None:
                self._places[key] = at
                self._verdicts[at] = self._add(packet)
            elif before == arrived[at]:
                self._verdicts[at] = Verdict(Fate.DUPLICATE, f"a duplicate of packet {packet.number}")
            else:
                reason = f"not the packet {packet.number} that was there before it"
                self._verdicts[at] = Verdict(Fate.DAMAGED, reason)

    def _add(self, packet: Packet) -> Verdict:
        if packet.kind == PacketKind.REPAIR:
            try:
                self.repairs[packet.number] = unpack_repair_body(packet)
            except FormatError as problem:
                return Verdict(Fate.DAMAGED, str(problem))
            return Verdict(Fate.SPARE, "a repair packet that is not needed")
        self.put(packet)
        return Verdict(Fate.USED)

    def put(self, packet: Packet) -> None:
        if packet.kind == PacketKind.FIRST:
            self.first = packet
        else:
            self.others[packet.number] = packet

    def get(self, number: int) -> Packet | None:
        return self.others.get(number) if number else self.first

    @property
    def numbers(self) -> list[int]:
        """Of the file's packets that are there, sorted."""
        return sorted([*([] if self.first is None else [0]), *self.others])

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
        at = self._places.get((False, packet.number))
        if at is not None:  # (none has one that repair packets gave)
            self._verdicts[at] = Verdict(Fate.DAMAGED, reason)
        del self.others[packet.number]

    def judge_repairs(self, numbers: Iterable[int], fate: Fate, reason: str = "") -> None:
        for number in numbers:
            self._verdicts[self._places[True, number]] = Verdict(fate, reason)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Of all packets that arrived."""
        return tuple(self._verdict_of(at, packet) for at, packet in enumerate(self._unpacked))

    def _verdict_of(self, at: int, packet: Packet | FormatError) -> Verdict:
        if isinstance(packet, NotAPacketError):
            return Verdict(Fate.NO_PACKET, str(packet))
        if isinstance(packet, FormatError):
            return Verdict(Fate.DAMAGED, str(packet))
        if packet.file_id != self.file_id:
            return Verdict(Fate.FOREIGN, f"a packet of file {packet.file_id:04x}, not of {self.file_id:04x}")
        return self._verdicts[at]
