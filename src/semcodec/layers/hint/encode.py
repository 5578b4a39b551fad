"""A painter hint to its section. Encoder only."""

from __future__ import annotations

from semcodec.ids import PAINTER_SPELLED_OUT, PAINTERS, LayerId
from semcodec.layers.hint import HEAD_BYTES, MAX_SEED_BITS, REVISION_DIGITS, is_name
from semcodec.types import PainterHint, Section


def pack_hint(hint: PainterHint) -> Section:
    """Raises ValueError for a hint that cannot be written: its name, its revision, or more than 2^15 tries."""
    if not is_name(hint.name):
        raise ValueError(f"{hint.name!r} cannot stand in a file as a painter's name: 1 to 96 of A-Za-z0-9._/-")
    seed_bits = (hint.num_tries - 1).bit_length()
    if not (1 <= hint.num_tries and seed_bits <= MAX_SEED_BITS and 0 <= hint.seed < hint.num_tries):
        raise ValueError(f"seed {hint.seed} of {hint.num_tries} tries: up to 2^15 tries can be written")
    revision = int(hint.revision[:REVISION_DIGITS].ljust(REVISION_DIGITS, "0"), 16) if hint.revision else 0
    padding = -seed_bits % 8
    bits = (revision << 4 | seed_bits) << (seed_bits + padding) | hint.seed << padding
    payload = bits.to_bytes(HEAD_BYTES + ((seed_bits + padding) >> 3), "big")
    model = PAINTERS.index(hint.name) if hint.name in PAINTERS else PAINTER_SPELLED_OUT
    if model == PAINTER_SPELLED_OUT:
        payload += hint.name.encode("ascii")
    return Section(LayerId.PAINTER, model, payload)
