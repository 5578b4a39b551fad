"""Packets that did not arrive, out of those that did and repair packets. Decoder only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from semcodec.container.packets.repair import factor_of, inverse, product, times


def missing_shards(present: Mapping[int, bytes], repairs: Mapping[int, bytes], num_packets: int) -> dict[int, bytes]:
    """The shards of a block's places that are not `present`, from as many `repairs` (both by place, all of one length).

    Raises MissingExtraError.
    """
    missing = [place for place in range(num_packets) if place not in present]
    assert len(repairs) == len(missing)
    matrix = [[factor_of(row, place) for place in missing] for row in repairs]
    rests = [rest_of(row, shard, present) for row, shard in repairs.items()]
    return dict(zip(missing, _solved(matrix, rests), strict=True))


def rest_of(repair_place: int, shard: bytes, known: Mapping[int, bytes]) -> bytes:
    """What is left of a repair packet's shard without those that are known: zeros, where all are."""
    total = int.from_bytes(shard, "big")
    for place, other in known.items():
        total ^= product(factor_of(repair_place, place), other)
    return total.to_bytes(len(shard), "big")


def _solved(matrix: list[list[int]], shards: Sequence[bytes]) -> list[bytes]:
    """Elimination (Gauss, Jordan). Every minor of a Cauchy matrix is another than 0, so no pivot is looked for."""
    rows = [bytes(factors) + shard for factors, shard in zip(matrix, shards, strict=True)]
    size = len(rows)
    for at in range(size):
        rows[at] = rows[at].translate(times(inverse(rows[at][at])))
        for other in range(size):
            if other != at and rows[other][at]:
                total = int.from_bytes(rows[other], "big") ^ product(rows[other][at], rows[at])
                rows[other] = total.to_bytes(len(rows[at]), "big")
    return [row[size:] for row in rows]
