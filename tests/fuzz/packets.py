"""Packets of files, known by their number like files: lost, swapped, damaged, and damaged under a check that holds."""

from __future__ import annotations

import random
from functools import lru_cache

import semcodec
from semcodec.container.packets import Packet, PacketKind
from semcodec.container.packets.decode import unpack_packet
from semcodec.container.packets.encode import pack_packet
from semcodec.errors import SemcodecError

from .mutate import damaged_in_bytes
from .seeds import good_files


@lru_cache(maxsize=1)
def good_packets() -> tuple[tuple[bytes, ...], ...]:
    """The packets of each seed that can be split, for a small and a larger MTU."""
    split = []
    for data in good_files():
        for mtu, repair in ((40, 0), (111, 0), (60, 4)):
            try:
                split.append(tuple(semcodec.split(data, mtu=mtu, repair=repair)))
            except SemcodecError:
                continue
    return tuple(split)


def numbered_packets(number: int, seed: int = 1) -> list[bytes]:
    """What might arrive: packets of a file in any order, some of them damaged, some of another file."""
    rng = random.Random(seed << 40 | number)
    packets = list(rng.choice(good_packets()))
    if rng.random() < 0.3:
        packets += rng.choice(good_packets())
    if rng.random() < 0.5:
        packets = [packet for packet in packets if rng.random() < 0.7] or packets
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(packets))
        packets[at] = (
            _under_a_good_check(packets[at], rng) if rng.random() < 0.8 else damaged_in_bytes(packets[at], rng)
        )
    rng.shuffle(packets)
    return packets


def _under_a_good_check(data: bytes, rng: random.Random) -> bytes:
    """The same packet with another body, kind, number or count: what only malice writes."""
    try:
        packet = unpack_packet(data)
    except SemcodecError:
        return damaged_in_bytes(data, rng)
    count = packet.num_packets or packet.number
    kind, body = packet.kind, packet.body
    if rng.random() < 0.8:
        body = damaged_in_bytes(body, rng) if rng.random() < 0.8 else rng.randbytes(rng.randrange(60))
    else:
        kind = rng.choice(list(PacketKind))
        count = rng.choice((count, 1, 2, 127, 128, (1 << 28) - 1))
    return pack_packet(Packet(kind, packet.file_id, count, body, count))
