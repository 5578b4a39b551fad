"""Repair packets, written. Encoder only."""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.container.encode import varint_bytes
from semcodec.container.packets import Packet, PacketKind, RepairBody
from semcodec.container.packets.encode import pack_repair_body
from semcodec.container.packets.repair import Blocks, factor_of, product, shard_of


def num_extra_bytes(num_packets: int, num_sent: int) -> int:
    """How much longer a repair packet can be than the longest packet it repairs: by k, n and its own number. (The mark
    inside its shard costs what a number outside would.)
    """
    return len(varint_bytes(num_packets)) + len(varint_bytes(num_sent)) + len(varint_bytes(num_sent - 1))


def repair_packets(packets: Sequence[Packet], num_repair: int) -> list[Packet]:
    """`num_repair` repair packets of a file's packets, which are in the order of their numbers.

    Raises MissingExtraError.
    """
    blocks = Blocks(len(packets), len(packets) + num_repair)
    made = []
    for number in range(blocks.num_packets, blocks.num_sent):
        block, place = number % blocks.count, blocks.place_of(number)
        mine = [packets[at] for at in blocks.numbers_in(block)]
        num_bytes = max((len(packet.body) for packet in mine), default=0) + 1
        total = 0
        for at, packet in enumerate(mine):
            total ^= product(factor_of(place, at), shard_of(packet, num_bytes))
        body = RepairBody(blocks.num_packets, blocks.num_sent, total.to_bytes(num_bytes, "big"))
        made.append(Packet(PacketKind.REPAIR, packets[0].file_id, number, pack_repair_body(body)))
    return made
