"""Repair packets: an erasure code over whole packets, the first one included. `docs/format.md`, chapter 14.

Any k of the n packets of a block give its k packets of the file again. Each of these is a *shard*: its body, its mark,
and zeros up to the length of the block's longest. A repair packet's shard is a sum of all shards of its block, each
times a number of its own. The field is GF(256) with the polynomial 0x11D; the numbers are a Cauchy matrix, the one
that Intel's ISA-L makes (`gf_gen_cauchy1_matrix`): 1 / (place of the repair packet + place of the packet).

Why not the polynomial code that `reedsolo` has as a whole: there a repair packet depends on how many there are. Here
none does, so a sender can send two today and a third tomorrow; and no packet costs more than a pass over its bytes.

Adding is xor, so numbers of the field are added by `^`, and shards as one large integer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from semcodec.container.packets import MARK, Packet, PacketKind
from semcodec.errors import MissingExtraError
from semcodec.forks import import_together

POLYNOMIAL = 0x11D  # x^8 + x^4 + x^3 + x^2 + 1
MOST_OF_A_BLOCK = 256  # packets, repair packets among them: as many places as the field has numbers


@dataclass(frozen=True, slots=True)
class Blocks:
    """How `num_sent` packets (n), of which `num_packets` (k) are the file's, lie in blocks: each in turn, so that a
    burst of losses is shared. Up to 256 packets are one block.
    """

    num_packets: int
    num_sent: int

    @property
    def count(self) -> int:
        return (self.num_sent + MOST_OF_A_BLOCK - 1) // MOST_OF_A_BLOCK

    def place_of(self, number: int) -> int:
        return number // self.count

    def numbers_in(self, block: int) -> range:
        """Of the file's packets in a block."""
        return range(block, self.num_packets, self.count)


@lru_cache(maxsize=256)
def times(factor: int) -> bytes:
    """The products of a number of the field with all 256. Raises MissingExtraError."""
    try:
        import_together("reedsolo")
        import reedsolo
    except ImportError as exc:
        raise MissingExtraError(
            "repair packets need 'reedsolo', which is not installed; install it with: pip install 'semcodec[radio]'"
        ) from exc
    # (This function of `reedsolo` keeps no tables: its others share some that are global to the process.)
    return bytes(reedsolo.gf_mult_noLUT(factor, number, POLYNOMIAL) for number in range(256))


def inverse(number: int) -> int:
    return times(number).index(1)


def factor_of(repair_place: int, place: int) -> int:
    """What a repair packet's shard holds a packet's shard times."""
    return inverse(repair_place ^ place)


def product(factor: int, shard: bytes) -> int:
    """A shard times a number, as an integer that can be added to others by `^`."""
    return int.from_bytes(shard.translate(times(factor)), "big")


def shard_of(packet: Packet, num_bytes: int) -> bytes:
    """The mark behind the body says both where the body ends and of which kind it is."""
    return (packet.body + bytes([MARK + packet.kind])).ljust(num_bytes, b"\0")


def packet_of(shard: bytes, number: int, file_id: int, num_packets: int) -> Packet | None:
    """The packet that a shard says; None where it says none, for then something among its packets was false."""
    said = shard.rstrip(b"\0")
    kind = said[-1] - MARK if said else -1
    if not PacketKind.FIRST <= kind < PacketKind.REPAIR or (kind == PacketKind.FIRST) != (number == 0):
        return None
    written = number or num_packets
    offset = 3 + (written.bit_length() + 6) // 7
    return Packet(PacketKind(kind), file_id, number, said[:-1], 0 if number else num_packets, offset)
