"""A file of words and outlines alone (`profile="structure"`): how its bytes are shared, and which seed paints it best.

By what a byte saves in the painted picture's distance (`benchmarks/shares.py`) words come first, then outlines. From
effort 7 on a few seeds are painted, and the file names the nearest.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from semcodec.errors import BudgetError, WeightsError
from semcodec.file.reading import read
from semcodec.limits import DEFAULT_LIMITS
from semcodec.rate.budget import MOST_OUTLINED_BPP
from semcodec.rate.outlines import Networks as OutlineNetworks
from semcodec.rate.outlines import best_outlines
from semcodec.rate.pyramid import painted_error
from semcodec.rate.shares import LEAST_OUTLINES, MOST_OUTLINES
from semcodec.rate.tries import best_seed, hint_section
from semcodec.types import Encoded, Scene

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.options import EncodeOptions
    from semcodec.rate.picture import Frame
    from semcodec.types import Pixels

# Bytes of outlines where no size is asked for: what more of them save in the painting is little.
OUTLINES_UNASKED = 80
SEEDS_BY_EFFORT = {7: 4, 8: 8, 9: 16}


class Networks(OutlineNetworks, Protocol):
    """What is opened where it is needed."""

    def generator(self) -> Painter: ...

    def with_edges(self, scene: Scene, painter: Painter | None = None) -> Scene: ...


def most_outlines(options: EncodeOptions) -> int:
    """Bytes of payload that outlines may have where there is room: all that they say, if a size is asked for."""
    if options.structure is not None:
        return options.structure
    is_asked = any(wish is not None for wish in (options.bytes, options.bpp, options.quality))
    return MOST_OUTLINES if is_asked else OUTLINES_UNASKED


def with_outlines(
    frame: Frame, image_HWC: Pixels, max_bytes: int, networks: Networks, *, options: EncodeOptions
) -> Encoded:
    """The file of at most `max_bytes`, with outlines in what its words leave of them. From effort 7 on the best of a
    few seeds of the embedded generator is named in it, unless another painter is.

    Raises:
        BudgetError: the words have no room, or not the least outlines that were asked for (`options.structure`).
    """
    plain = _outlined(frame, image_HWC, max_bytes, networks, options)
    num_seeds = SEEDS_BY_EFFORT.get(options.effort, 1)
    if num_seeds == 1 or options.painter is not None or "structure" not in plain.bytes_by_layer:
        return plain
    try:
        generator = networks.generator()
    except WeightsError:
        return plain

    def hinted(seed: int) -> Encoded:
        hint = hint_section(generator, num_seeds, seed)
        return _outlined(replace(frame, before=[*frame.before, hint]), image_HWC, max_bytes, networks, options)

    try:
        named = hinted(0)
    except BudgetError:
        return plain
    distance = options.distance or painted_error
    scene = networks.with_edges(_scene(named), generator)
    seed = best_seed(image_HWC, scene, generator, num_seeds, distance)
    ours, without = (
        distance(image_HWC, generator.render(scene_, seed=seed_))
        for scene_, seed_ in ((scene, seed), (networks.with_edges(_scene(plain), generator), 0))
    )
    return hinted(seed) if ours < without else plain


def _outlined(frame: Frame, image_HWC: Pixels, max_bytes: int, networks: Networks, options: EncodeOptions) -> Encoded:
    room = frame.room(max_bytes)
    wordy = frame.around(None)
    if len(wordy.data) > max_bytes:
        least = len(wordy.data)
        said = f"{max_bytes} bytes are too few: the least for these words is {least} bytes"
        if options.bytes is None or options.bytes > max_bytes:
            said += f", and profile structure ends at {MOST_OUTLINED_BPP} bits per pixel; give profile text"
        raise BudgetError(said, least_bytes=least)
    if options.structure is None and room < LEAST_OUTLINES:
        return replace(wordy, notes=(f"no outlines: beside the words {max_bytes} bytes have no room for them",))
    return frame.around(best_outlines(image_HWC, min(room, most_outlines(options)), networks))


def _scene(encoded: Encoded) -> Scene:
    return read(encoded.data, limits=DEFAULT_LIMITS).scene
