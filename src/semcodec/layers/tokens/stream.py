"""The grammar of the token stream, said once: encoder and decoder walk it with a coder of their own.

```text
stream  = step* END                    at most 64 steps
step    = scale density block*         scale: one of the family's, uniform with END; density: 0 to 15, uniform
block   = flag token*                  for each block of the scale that may be sent now, in order
flag    = absent | present | stop      present has probability density/16 (0: nearly 1); stop ends the stream here
token   = length digit*                in the block's row order; digits after `length` are in the middle of their
                                       levels; the tables of length and digits are chosen by their contexts
check   = 8 bits, uniform              after a block, when 64 or more bytes went by since the last check
```

A step sends at least one block. The check is the top byte of a running hash of all symbols so far (checks themselves
not), `h = (h ^ (symbol + 1)) * 16777619 mod 2**32`, seeded with the family's 32 bits.
"""

from __future__ import annotations

from functools import lru_cache

from semcodec.entropy.tables import TOTAL, uniform_starts

LEFT_OUT, PRESENT, STOP = 0, 1, 2
NUM_DENSITIES = 16
CHECK_EVERY_BYTES = 64
CHECK_STARTS = uniform_starts(256)
DENSITY_STARTS = uniform_starts(NUM_DENSITIES)
_STOP_FREQ = 32  # 2**-10: costs 10 bits once, and a 700th of a bit per block
_HASH_PRIME = 16777619


@lru_cache(maxsize=NUM_DENSITIES)
def flag_starts(density: int) -> tuple[int, ...]:
    """Cumulative frequencies of absent, present, stop."""
    free = TOTAL - _STOP_FREQ
    present = free * density // NUM_DENSITIES if density else free - 1
    return (0, free - present, free, TOTAL)


def scale_starts(num_scales: int) -> tuple[int, ...]:
    """Scales 0 .. n-1 and END = n."""
    return uniform_starts(num_scales + 1)


def add_to_hash(running: int, symbol: int) -> int:
    return ((running ^ (symbol + 1)) * _HASH_PRIME) & 0xFFFFFFFF


def check_of(running: int) -> int:
    return running >> 24
