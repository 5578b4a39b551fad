"""Whether a file gets a vector."""

from __future__ import annotations

from semcodec.layers.vector import NUM_BYTES
from semcodec.rate.shares import HEAD_BYTES

# With its head a vector has 35 bytes. In files from 3,500 bytes on that is at most a hundredth, which costs the picture
# less than a finer step of the quantiser; in one of 340 bytes it would be a tenth.
LEAST_SHARE = 100
LEAST_FILE_BYTES = LEAST_SHARE * (NUM_BYTES + HEAD_BYTES)


def wants_vector(wish: bool | None, max_bytes: int) -> bool:
    """`wish` None: where it takes at most a hundredth of the file."""
    return max_bytes >= LEAST_FILE_BYTES if wish is None else wish
