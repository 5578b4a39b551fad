"""What repair packets give of a file whose packets did not all arrive, and what must still be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from semcodec.container.packets import Packet
from semcodec.container.packets.repair import Blocks, packet_of, shard_of
from semcodec.container.packets.repair.decode import missing_shards, rest_of
from semcodec.errors import MissingExtraError, MissingRepairError
from semcodec.file.pile import Pile
from semcodec.types import Fate

# Repair packets that are left out one after the other, to see whether it is they that lie.
_MOST_LIARS = 16
_MOST_WORK = 1 << 26  # bytes that all tries together may go over: half a second


class Repair:
    """A file's repair packets: those that agree with its first packet, or most of them with each other. The others get
    their verdicts at once.
    """

    def __init__(self, pile: Pile) -> None:
        self._pile = pile
        said = {number: Blocks(body.num_packets, body.num_sent) for number, body in pile.repairs.items()}
        votes = Counter(
            (blocks.num_packets, blocks.count)
            for blocks in said.values()
            if pile.first is None or blocks.num_packets == pile.first.num_packets
        )
        agreed = max(votes, key=lambda key: (votes[key], key)) if votes else None
        mine = {n: blocks for n, blocks in said.items() if (blocks.num_packets, blocks.count) == agreed}
        self._blocks = max(mine.values(), key=lambda blocks: blocks.num_sent) if mine else Blocks(0, 1)
        for number in said.keys() - mine.keys():
            reason = f"a damaged repair packet: it is of a file of {said[number].num_packets} packets"
            pile.judge_repairs([number], Fate.DAMAGED, reason)
        self._shards: dict[int, dict[int, bytes]] = {}  # by block and number
        for number in sorted(mine):
            self._shards.setdefault(number % self._blocks.count, {})[number] = pile.repairs[number].shard
        for block, shards in self._shards.items():
            length = Counter(map(len, shards.values())).most_common(1)[0][0]
            reason = f"a damaged repair packet: the others have shards of {length} bytes"
            pile.judge_repairs((n for n, shard in shards.items() if len(shard) != length), Fate.DAMAGED, reason)
            self._shards[block] = {number: shard for number, shard in shards.items() if len(shard) == length}

    @property
    def num_packets(self) -> int | None:
        """Of the file; None where no repair packet says that."""
        return self._blocks.num_packets or None

    def spared(self) -> Iterator[int]:
        """Numbers of missing packets that need not arrive if all others do: of each block the last ones, since the
        first say most.
        """
        for block, shards in self._shards.items():
            yield from self._missing_in(block)[-len(shards) :]

    def fill(self) -> tuple[list[int], MissingRepairError | None]:
        """Puts every packet into the pile that repair packets give, and returns their numbers.

        An error is returned where `reedsolo` is not installed, and the file lacks packets that it would give.
        """
        filled, problem = [], None
        for block, shards in self._shards.items():
            missing = self._missing_in(block)
            num_more = len(missing) - len(shards)
            if not missing or num_more > 0:
                more = "1 more packet of its block is" if num_more == 1 else f"{num_more} more packets of its block are"
                reason = f"a repair packet: {more} needed before it helps"
                self._pile.judge_repairs(shards if missing else (), Fate.SPARE, reason)
                continue
            try:
                found = self._found_in(block, missing)
            except MissingExtraError:
                problem = MissingRepairError(
                    f"{len(missing)} missing packets could be repaired, but not without 'reedsolo'"
                )
                self._pile.judge_repairs(shards, Fate.SPARE, str(problem))
                continue
            for packet in found:
                self._pile.put(packet)
                filled.append(packet.number)
        return sorted(filled), problem

    def _missing_in(self, block: int) -> list[int]:
        return [number for number in self._blocks.numbers_in(block) if self._pile.get(number) is None]

    def _found_in(self, block: int, missing: Sequence[int]) -> list[Packet]:
        """The missing packets of a block; none where its repair packets contradict each other, but for one that then
        is left out.
        """
        shards = self._shards[block]
        length = len(next(iter(shards.values())))
        there = [packet for n in self._blocks.numbers_in(block) if (packet := self._pile.get(n)) is not None]
        if any(len(packet.body) >= length for packet in there):
            self._pile.judge_repairs(
                shards, Fate.DAMAGED, "a damaged repair packet: its shard is shorter than a packet"
            )
            return []
        present = {self._blocks.place_of(packet.number): shard_of(packet, length) for packet in there}
        num_liars = min(_MOST_LIARS, _MOST_WORK // (length * len(missing) * len(self._blocks.numbers_in(block))))
        for liar in (None, *list(shards)[:num_liars]):
            honest = {number: shard for number, shard in shards.items() if number != liar}
            found = self._tried(block, missing, honest, present) if len(honest) >= len(missing) else None
            if found is not None:
                spare = list(honest)[len(missing) :]
                self._pile.judge_repairs(honest, Fate.USED)
                self._pile.judge_repairs(spare, Fate.SPARE, "a repair packet that is not needed")
                if liar is not None:
                    self._pile.judge_repairs([liar], Fate.DAMAGED, "a damaged repair packet: the others contradict it")
                return found
        reason = "a damaged repair packet: it, another or a packet of the file is not what was sent"
        self._pile.judge_repairs(shards, Fate.DAMAGED, reason)
        return []

    def _tried(
        self, block: int, missing: Sequence[int], repairs: Mapping[int, bytes], present: Mapping[int, bytes]
    ) -> list[Packet] | None:
        """The missing packets, if they are packets, and if the repair packets that were not needed for them agree."""
        blocks = self._blocks
        by_place = {blocks.place_of(number): shard for number, shard in repairs.items()}
        used = dict(list(by_place.items())[: len(missing)])
        shards = missing_shards(present, used, len(blocks.numbers_in(block)))
        packets = [
            packet
            for number in missing
            if (packet := packet_of(shards[blocks.place_of(number)], number, self._pile.file_id, blocks.num_packets))
        ]
        whole = {**present, **shards}
        agree = all(not any(rest_of(place, by_place[place], whole)) for place in by_place if place not in used)
        return packets if agree and len(packets) == len(missing) else None
