"""Views of photographs that the generator learns from, and their outlines as a receiver draws them.

Shapes: H, W = pixels; B = budgets of outlines.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semcodec.layers.structure import canvas_of
from semcodec.layers.structure.decode import unpack
from semcodec.layers.tokens.grid import grids
from semcodec.limits import DEFAULT_LIMITS
from semcodec.painters.anchored import edge_cells
from semcodec.pictures import resized
from semcodec.rate.outlines import Networks, OutlineCoder
from semcodec.types import FileHeader, Scene, Size
from semcodec_train.generator.model import OUTLINE_CELL_PX

# Width and height in pixels, and how often. Their areas are those of working pictures of 340 bytes, roughly. Some are
# no multiples of the coarsest stride: pictures end inside a token, too.
SHAPES: dict[tuple[int, int], float] = {
    (384, 256): 4,
    (448, 320): 1,
    (320, 256): 2,
    (256, 192): 1,
    (512, 320): 1,
    (256, 256): 1.5,
    (384, 384): 0.5,
    (256, 384): 2,
    (256, 320): 1,
}
LEAST_SHARE = 0.45  # of the largest crop's area
LARGEST_GAIN = 1.4  # a photograph is not enlarged more than this
OUTLINE_BYTES = 150  # of the first map of a view; the others have between the two of `MOST_BYTES`
MOST_BYTES = (40, 400)
OUTLINE_MAPS = 3
GAIN, TINT, OFFSET = (0.8, 1.15), (0.93, 1.07), 10  # of the light of a view, of each of its colours; of 255


@dataclass(frozen=True, slots=True)
class View:
    """Of a photograph: `image` (H, W, 3) as it is tokenised, and `source`, the same part at the photograph's size."""

    image: NDArray[np.uint8]
    source: NDArray[np.uint8]


def random_view(photo: Image.Image, rng: random.Random, *, lit: bool = False) -> View:
    """A crop of the photograph, of one of `SHAPES` of about its aspect, flipped half of the time. `lit`: in another
    light, for later passes over few photographs.
    """
    aspect = np.log(photo.width / photo.height)
    fitting = [shape for shape in SHAPES if abs(np.log(shape[0] / shape[1]) - aspect) < 0.36] or [(256, 256)]
    width, height = rng.choices(fitting, [SHAPES[shape] for shape in fitting])[0]
    largest = min(photo.width / width, photo.height / height)  # source pixels per pixel of the view
    least = min(max(largest * LEAST_SHARE**0.5, 1 / LARGEST_GAIN), largest)
    # Mostly nearly the whole picture: that is what is encoded, and what the words speak of.
    scale = largest - (largest - least) * rng.random() ** 2
    wide, high = min(width * scale, photo.width), min(height * scale, photo.height)  # (floats may be over by a hair)
    left, top = rng.uniform(0, photo.width - wide), rng.uniform(0, photo.height - high)
    box = (left, top, min(left + wide, photo.width), min(top + high, photo.height))
    flipped = rng.random() < 0.5
    gain = [rng.uniform(*GAIN) * rng.uniform(*TINT) for _ in range(3)] if lit else [1.0] * 3
    offset = rng.uniform(-OFFSET, OFFSET) if lit else 0.0

    def at(size: tuple[int, int]) -> NDArray[np.uint8]:
        pixels = np.asarray(photo.convert("RGB").resize(size, Image.Resampling.LANCZOS, box=box))
        if lit:
            pixels = np.clip(pixels * np.array(gain) + offset, 0, 255).astype(np.uint8)
        return np.ascontiguousarray(pixels[:, ::-1] if flipped else pixels)

    return View(at((width, height)), at((max(1, round(wide)), max(1, round(high)))))


def outlines_of(view: View, networks: Networks, rng: random.Random) -> NDArray[np.uint8]:
    """(B, H / 4, W / 4) uint8: its outlines as a receiver draws them, first from `OUTLINE_BYTES`."""
    shown, image = (Size(part.shape[1], part.shape[0]) for part in (view.source, view.image))
    canvas = canvas_of(shown)
    encoder = networks.structure_encoder()
    decoder = networks.structure_decoder(encoder.family.id)
    coder = OutlineCoder(networks.outliner().find(resized(view.source, canvas)), canvas, encoder, decoder)
    low, high = map(math.log, MOST_BYTES)
    budgets = [OUTLINE_BYTES, *(round(math.exp(rng.uniform(low, high))) for _ in range(OUTLINE_MAPS - 1))]
    (grid,) = grids(image, (OUTLINE_CELL_PX,), (1,))
    header = FileHeader(shown)
    maps = []
    for most in budgets:
        said, _ = unpack(coder.section(most), header, Scene(shown), DEFAULT_LIMITS)
        assert said is not None, "the section was just written"
        cells = edge_cells(decoder.draw(said.digits, canvas), grid, image, OUTLINE_CELL_PX)
        maps.append(np.rint(cells[0] * 255).astype(np.uint8))
    return np.stack(maps)
