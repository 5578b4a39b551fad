"""The integers that decide what is invented: the same on every machine, and for a region as for the whole.

They follow from a seed and from what a file says first: its words, and the tokens of its coarsest scale. So other
pictures get other numbers, and all prefixes of a file (from the coarsest scale on) the same: what was invented stays as
more bytes arrive, until what was sent takes its place.

Shapes: R, K = token rows, columns of a scale; X = numbers of a cell.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from semcodec.types import Scene, Size

Numbers = NDArray[np.uint32]
NUM_VALUES = 1 << 32  # of each number


def noise_key(scene: Scene, working: Size, seed: int) -> int:
    """128 bits. `working`: the size in pixels that tokens are laid over."""
    said = hashlib.blake2b(digest_size=16, person=b"semcodec noise 1")
    words = "" if scene.words is None else scene.words.text
    said.update(f"{seed} {working} {len(words)} {words}".encode("utf-8", "surrogatepass"))
    if scene.tokens is not None:
        said.update(scene.tokens.digits[0].tobytes())
    return int.from_bytes(said.digest(), "little")


def cell_numbers(key: int, stride: int, rows: int, cols: int, count: int) -> Numbers:
    """(R, K, X): `count` numbers for every cell of a scale. Philox's integers alone: they are what NumPy promises."""
    bits = np.random.Philox(key=key, counter=stride << 64).random_raw((rows * cols * count + 1) // 2)
    return np.asarray(bits).astype("<u8").view("<u4")[: rows * cols * count].reshape(rows, cols, count)
