"""What the restorer is given of a photograph: bases and files of tokens, made by the product's own code.

Shapes: h, w = pixels of the decoded picture, at its own (coded or working) size; C = 3 (RGB).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

import semcodec
from semcodec.errors import BudgetError
from semcodec.models import default_models
from semcodec.options import PaintOptions
from semcodec.painters.restored import RestorablePainter
from semcodec.painters.told import base_told
from semcodec.pictures import decoded_base, encoded_base, resized
from semcodec.types import Size
from semcodec_train.restorer.model import BITS_PER_PIXEL

BASES_PER_PHOTO = 6
FILES_PER_PHOTO = 3
LEAST_SIDE_PX = 16  # of a coded picture
LEAST_BYTES = 24  # of a file
LEAST_BYTES_FOR_PACKETS = 200
SPEED = 4  # of libaom: that of the picture which the product keeps
MAX_RATIO = 9.0  # 60 bytes of a 768x512 picture


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded picture at its own size, and what the restorer is told about it."""

    image_hwC: np.ndarray
    source: str
    condition: tuple[float, ...]


def bases_of(original: Image.Image, rng: np.random.Generator, num: int = BASES_PER_PHOTO) -> Iterator[Decoded]:
    """`num` AV1 stills of it: sizes and qualities as 60 to 8,000 bytes of a 768x512 picture have them."""
    for _ in range(num):
        ratio = math.exp(rng.uniform(0, math.log(MAX_RATIO)))
        coded = Size(*(max(LEAST_SIDE_PX, round(side / ratio)) for side in original.size))
        # At these budgets the best sizes have qualities of 5 to 30; tiny coded pictures need finer ones.
        quality = int(rng.integers(2, 30 + round(10 * math.log(ratio))))
        base = encoded_base(resized(np.asarray(original), coded), quality=quality, speed=SPEED)
        yield Decoded(decoded_base(base), "base", base_told(base, Size(*original.size)))


def tokens_of(
    original: Image.Image, rng: np.random.Generator, num: int = FILES_PER_PHOTO, *, invent: bool = False
) -> Iterator[Decoded]:
    """`num` files of tokens, and each of them again with its end or some of its packets lost, at the working size.

    `invent`: what was not sent is drawn by the generator.
    """
    size = Size(*original.size)
    num_px = size.width_px * size.height_px
    low, high = (math.log(bpp * num_px / 8) for bpp in BITS_PER_PIXEL)
    for n in range(num):
        budget = max(LEAST_BYTES, round(math.exp(rng.uniform(low, high))))
        try:
            data = semcodec.encode(original, bytes=budget, picture="tokens").data
        except BudgetError:  # too few bytes for this picture
            continue
        for reading in (semcodec.read(data), _damaged(data, rng, lose_end=n % 2 == 1)):
            if not reading.scene.has_tokens:  # (none arrived)
                continue
            painter = default_models().painter(reading.scene, PaintOptions(restore=False, invent=invent))
            if isinstance(painter, RestorablePainter):
                image_hwC = painter.render(reading.scene, size=painter.own_size(reading.scene))
                yield Decoded(image_hwC, "tokens", painter.condition(reading.scene, size, BITS_PER_PIXEL))


def _damaged(data: bytes, rng: np.random.Generator, *, lose_end: bool) -> semcodec.Reading:
    """What a file still says without its end, or without a quarter of its packets."""
    if lose_end or len(data) < LEAST_BYTES_FOR_PACKETS:
        return semcodec.read(data[: max(LEAST_BYTES - 4, round(len(data) * rng.uniform(0.3, 0.9)))])
    packets = semcodec.split(data, mtu=int(rng.integers(51, 120)))
    return semcodec.join([p for at, p in enumerate(packets) if at == 0 or rng.random() > 0.25]).reading
