"""What the recipient will see, before anything is sent."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from semcodec.arguments import door
from semcodec.file.packets import join
from semcodec.options import PaintOptions
from semcodec.painting import PAINTING, Painting, paint_reading

if TYPE_CHECKING:
    from semcodec.models import Models


def arriving(packets: Sequence[bytes], loss: float, *, seed: int = 0) -> list[bytes]:
    """Those that arrive in one draw: each is lost with probability `loss` (0 to 1), whatever becomes of the others.

    For one seed, what arrives at a loss arrives at every lower one.
    """
    if not 0 <= loss <= 1:
        raise ValueError(f"a loss of {loss:g} is not within 0..1")
    draw = random.Random(seed)
    return [packet for packet in packets if draw.random() >= loss]


@door(*PAINTING)
def preview(
    packets: Sequence[bytes],
    *,
    loss: float = 0.0,
    seed: int = 0,
    options: PaintOptions | None = None,
    models: Models | None = None,
) -> Painting:
    """What a recipient sees of packets, of which a seeded draw loses some.

    Raises:
        ValueError: a loss that is none. FormatError: nothing is seen, because no packet arrives, or not the first.
        What `paint` raises.
    """
    options = options or PaintOptions()
    reading = join(arriving(packets, loss, seed=seed), limits=options.limits).reading
    return paint_reading(reading, options, models=models)
