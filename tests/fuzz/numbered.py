"""Files that are known by their number: the long run and the tests speak of the same ones."""

from __future__ import annotations

import random

from .mutate import mutated
from .seeds import good_files


def numbered_file(number: int, seed: int = 1) -> tuple[bytes, int | None]:
    """A mutated file, and to how many bytes it is to be cut (None, for three of four: not at all)."""
    rng = random.Random(seed << 40 | number)
    data = mutated(rng.choice(good_files()), good_files(), rng)
    return data, rng.randrange(len(data) + 9) if rng.random() < 0.25 else None
