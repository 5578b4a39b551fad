"""The encoder in the loop: paints several seeds, and writes down which came nearest to the original.

A painter invents what the file does not say, differently for each seed. log2(K) bits choose the best of K inventions.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from semcodec.container.decode import read_file
from semcodec.container.encode import write_file
from semcodec.ids import LayerId
from semcodec.layers.hint import MAX_SEED_BITS
from semcodec.layers.hint.encode import pack_hint
from semcodec.limits import Limits
from semcodec.types import PainterHint, Scene, Section

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.options import Distance
    from semcodec.types import Pixels

MAX_TRIES = 1 << MAX_SEED_BITS


def mean_squared_difference(original_HWC: Pixels, painted_HWC: Pixels) -> float:
    """Over all pixels and channels, in squared 8-bit steps."""
    difference = original_HWC.astype(np.float32) - painted_HWC
    return float(np.square(difference).mean(dtype=np.float64))


def hint_section(painter: Painter, tries: int, seed: int = 0) -> Section:
    """The hint for a painter; its size is the same for every seed. Raises ValueError for a wrong number of tries."""
    if not 1 <= tries <= MAX_TRIES:
        raise ValueError(f"{tries} tries are not within 1..{MAX_TRIES}")
    return pack_hint(PainterHint(painter.name, getattr(painter, "revision", ""), seed, tries))


def best_seed(image_HWC: Pixels, scene: Scene, painter: Painter, tries: int, distance: Distance | None = None) -> int:
    """Which of the seeds 0 to `tries` - 1 paints the Scene nearest to the original; the first of equals."""
    measure = distance or mean_squared_difference
    if tries == 1:
        return 0
    return min(range(tries), key=lambda seed: measure(image_HWC, painter.render(scene, seed=seed)))


def with_seed(data: bytes, hint: Section, limits: Limits) -> bytes:
    """A file of ours that holds a hint, with this one in its place."""
    header, sections, problem = read_file(data, limits)
    assert problem is None, problem
    return write_file(header, [hint if section.layer == LayerId.PAINTER else section for section in sections])
