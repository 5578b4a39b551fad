"""A short run of what `scripts/fuzz.py join` does: packets from strangers."""

from __future__ import annotations

from semcodec.limits import Limits

from . import doors
from .packets import numbered_packets
from .shape import faults_of


def test_mutated_packets_are_joined_or_refused_with_our_own_errors() -> None:
    kinds, num_joined = set(), 0
    for number in range(400):
        packets = numbered_packets(number)
        with doors.strict():
            heard = doors.join(packets, Limits())
        num_joined += not heard
        for _, error in heard:
            kinds.add(type(error))
            assert not faults_of(error, sum(map(len, packets))), f"packets {number}: {error}"
    assert num_joined > 50 and len(kinds) >= 5
