"""A diffusion model as a `Painter`: words and the embedded decoder's picture in, a painting out.

1. The embedded decoder paints what the file says; `strength.py` says how much of it may change.
2. The model paints from there (from words alone where the file has no tokens), on a canvas or in tiles (`tiles.py`).
3. Coarse colours are put back to what the file says (`keep.py`).

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from semcodec.errors import NoPictureError
from semcodec.forks import Lock
from semcodec.hub.fetch import Say
from semcodec.hub.painters.keep import keep_coarse
from semcodec.hub.painters.maps import MAPS
from semcodec.hub.painters.pipeline import PainterOptions, PaintingPipeline, open_pipeline
from semcodec.hub.painters.pixels import picture_from, refuse, warn_in_python, was_refused
from semcodec.hub.painters.strength import settled_stride_px, strength_for
from semcodec.hub.painters.tiles import Tile, canvas_size, native_canvas, padded, paint_tiles, plan_tiles
from semcodec.layers.hint import as_name
from semcodec.pictures import resized
from semcodec.types import Scene, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

    # Paints the tokens of a Scene at its display size: the embedded decoder.
    PaintTokens = Callable[[Scene], Pixels]

REFINE_STRENGTH = 0.3  # of tiles, where a picture from words alone is larger than the model can paint at once


class DiffusionPainter:
    """Satisfies `contracts.Painter`. One call at a time; threads wait for each other.

    `name` and `revision` stand in files as a hint (`layers/hint/`); `revision` is empty for a user's own folder.
    """

    def __init__(
        self, pipeline: PaintingPipeline, paint_tokens: PaintTokens, options: PainterOptions, warn: Say | None = None
    ) -> None:
        self._pipeline, self._paint_tokens, self._options = pipeline, paint_tokens, options
        self._warn = warn or warn_in_python
        self._lock = Lock()
        self.follows_edges = "edges" in options.controls
        self.name = as_name(pipeline.model.name)
        self.revision = pipeline.model.revision or ""

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """Raises `NoPictureError` for a Scene without words and tokens, `ModelError` where the model fails."""
        stride_px = settled_stride_px(scene)
        prompt = scene.words.text if scene.words is not None else ""
        if stride_px is None and not prompt:
            raise NoPictureError("the file holds neither words nor picture data to paint from")
        size = size or scene.size
        with self._lock:
            if stride_px is None or not self._pipeline.can_start_from_a_picture:
                return self._from_words(scene, prompt, size, seed)
            known_HWC = self._paint_tokens(scene)
            painted_HWC = self._from_picture(scene, prompt, known_HWC, size, self._strength(scene), seed)
        settled = stride_px * size.width_px / scene.size.width_px
        return keep_coarse(painted_HWC, resized(known_HWC, size), settled)

    def _strength(self, scene: Scene) -> float:
        return strength_for(scene) if self._options.strength is None else self._options.strength

    def _from_words(self, scene: Scene, prompt: str, size: Size, seed: int) -> Pixels:
        model = self._pipeline
        canvas = native_canvas(size, model.native_px, model.multiple_px)
        maps = self._maps(scene, None, canvas)
        output = model.paint(prompt, canvas, seed=seed, maps=maps)
        if was_refused(output):
            return refuse(self.name, None, warn=self._warn)
        painted_HWC = picture_from(output.images, canvas, known_HWC=None, name=self.name, warn=self._warn)
        needs_detail = size.width_px * size.height_px > canvas.width_px * canvas.height_px
        if not (needs_detail and model.can_start_from_a_picture):
            return resized(painted_HWC, size)
        return self._from_picture(scene, prompt, painted_HWC, size, REFINE_STRENGTH, seed)

    def _from_picture(
        self, scene: Scene, prompt: str, known_HWC: Pixels, size: Size, strength: float, seed: int
    ) -> Pixels:
        model = self._pipeline
        canvas = canvas_size(size, model.native_px)
        tiles = plan_tiles(canvas, model.native_px, model.multiple_px)
        start_HWC = padded(resized(known_HWC, canvas), tiles)
        maps = {kind: padded(map_HWC, tiles) for kind, map_HWC in self._maps(scene, known_HWC, canvas).items()}

        def paint(tile: Tile) -> Pixels:
            part_HWC = start_HWC[tile.slices]
            output = model.paint(
                prompt,
                Size(tile.width, tile.height),
                seed=tile_seed(seed, tile.index),
                known_HWC=part_HWC,
                strength=strength,
                maps={kind: map_HWC[tile.slices] for kind, map_HWC in maps.items()},
            )
            if was_refused(output):
                return refuse(self.name, part_HWC, warn=self._warn)
            return picture_from(
                output.images, Size(tile.width, tile.height), known_HWC=part_HWC, name=self.name, warn=self._warn
            )

        return resized(paint_tiles(tiles, canvas, paint), size)

    def _maps(self, scene: Scene, known_HWC: Pixels | None, canvas: Size) -> dict[str, Pixels]:
        """Maps for the ControlNets that the user gave, where the Scene has what they show."""
        maps = {kind: MAPS[kind](scene, known_HWC, canvas) for kind in self._options.controls}
        return {kind: map_HWC for kind, map_HWC in maps.items() if map_HWC is not None}


def tile_seed(seed: int, index: int) -> int:
    """Each tile has noise of its own (the same noise would show as a pattern); the first has the picture's seed."""
    if not index:
        return seed
    digest = hashlib.sha256(f"{seed} {index}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


def open_painter(
    reference: str, paint_tokens: PaintTokens, options: PainterOptions | None = None, *, say: Say | None = None
) -> DiffusionPainter:
    """A painter by reference (hf:ORG/NAME, hf:ORG/NAME@REVISION, or a folder).

    Args:
        paint_tokens: the embedded decoder, for what the painting starts from.
        say: told sentences for the user: before a download begins, and where the model misbehaves (which without it
            is a `PainterWarning`).

    Raises:
        ModelError, MissingExtraError: it cannot be had, in one sentence.
    """
    options = options or PainterOptions()
    return DiffusionPainter(open_pipeline(reference, options, say=say), paint_tokens, options, say)
