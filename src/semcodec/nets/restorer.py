"""The restorer's graphs: a decoded, enlarged picture to a restored one, at any size.

Shapes: H, W = pixels; C = channels; R, K = rows, columns at a stride.

Three graphs, each in tiles with a margin as wide as it sees: what tiles give is what the whole gives. The head leads
from pixels to features at strides 4 and 8, the body has the depth at strides 8 and 16, the tail leads back. Features at
stride 8 are kept of a whole large picture (16 bytes a pixel), those at stride 4 up to 13 megapixels (20 more); beyond
they are made again for each tile of the tail. Pictures are padded to multiples of the coarsest stride by repeating the
edge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.nets.facts import read_facts
from semcodec.nets.graphs import Graphs
from semcodec.nets.tiling import Array, first_axis, last_axis, parts

if TYPE_CHECKING:
    from semcodec.types import Pixels

Condition = tuple[float, ...]  # `painters.told`
_MOST_FINE_BYTES = 1 << 28  # 13 megapixels; to make those features twice takes an eighth more time
FROM_TOKENS = -1.0  # what is told of tokens in place of octaves of enlargement, which are never below 0


@dataclass(frozen=True, slots=True)
class About:
    """The facts that stand with the weights.

    Attributes:
        multiple: what sides are padded to: the coarsest stride.
        coarse_stride: of the features between the graphs.
        margins_px: how far each graph sees, by its name; multiples of `multiple`.
        max_pixels: of a restored picture, unless it is decoded larger.
        tile_px, body_tile_px: multiples of `multiple`; they decide about memory and time, not about pixels. With 1024
            and (its margins are wide) 2048, 12 megapixels take 740 MB, and 14 s on one core.
        bits_per_pixel: least and most that it was trained for.
        num_conditions: how many numbers it is told.
        caution: (octaves, fineness): for each octave that a picture is enlarged by beyond these, it is told to be that
            much finer than it is. What is told to be finer is left softer, and less is made up.
        caution_tokens: (fineness, share): a picture of tokens that is less fine than this is told to be finer by this
            share of what it lacks.
    """

    multiple: int
    coarse_stride: int
    margins_px: Mapping[str, int]
    max_pixels: int
    tile_px: int
    body_tile_px: int
    bits_per_pixel: tuple[float, float]
    num_conditions: int = 2
    caution: tuple[float, float] = (0.0, 0.0)
    caution_tokens: tuple[float, float] = (0.0, 0.0)

    def told(self, condition: Condition) -> list[float]:
        """The numbers that the network is given."""
        octaves, fineness, *others = condition
        if octaves == FROM_TOKENS:
            enough, share = self.caution_tokens
            fineness += share * max(enough - fineness, 0.0)
        else:
            beyond, finer = self.caution
            fineness += finer * max(octaves - beyond, 0.0)
        careful = [octaves, fineness, *others]
        return [*careful, *[0.0] * self.num_conditions][: self.num_conditions]

    @property
    def reach_px(self) -> int:
        """How far a restored pixel depends on others, at most."""
        return sum(self.margins_px.values())


def _about(facts: dict[str, Any]) -> About:
    low, high = facts["bits_per_pixel"]
    beyond, finer = facts.get("caution", (0.0, 0.0))
    enough, share = facts.get("caution_tokens", (0.0, 0.0))
    return About(
        int(facts["multiple"]),
        int(facts["coarse_stride"]),
        {graph: int(facts["margins_px"][graph]) for graph in ("head", "body", "tail")},
        int(facts["max_pixels"]),
        int(facts["tile_px"]),
        int(facts["body_tile_px"]),
        (float(low), float(high)),
        int(facts.get("num_conditions", 2)),  # (the first restorers do not say it)
        (float(beyond), float(finer)),
        (float(enough), float(share)),
    )


class RestorerNets:
    """Opens each graph when it is first used. Calls are safe from several threads."""

    def __init__(self, files: Mapping[str, Path], *, threads: int | None = None) -> None:
        """`files`: file name -> file. Raises `WeightsError`."""
        self._graphs = Graphs(files, threads=threads)
        self.about = read_facts(files["about.json"], _about, of="a restorer")

    def restore(
        self, image_HWC: Pixels, condition: Condition, *, tile_px: int | None = None, body_tile_px: int | None = None
    ) -> Pixels:
        """(H, W, 3) uint8 -> the same shape. `condition` is what the network is told of the picture: as many numbers as
        it knows are taken, and 0 for those that are not given. Tiles are as `about` has them unless told.
        """
        tile_px, body_tile_px = tile_px or self.about.tile_px, body_tile_px or self.about.body_tile_px
        height, width = image_HWC.shape[:2]
        multiple, stride, margins = self.about.multiple, self.about.coarse_stride, self.about.margins_px
        padded = np.pad(image_HWC, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="edge")
        told = np.array([self.about.told(condition)], dtype=np.float32)

        def head(tile_HWC: Array) -> list[Array]:
            return self._graphs.run("head", image=np.ascontiguousarray(tile_HWC)[None], condition=told)

        if max(padded.shape[:2]) <= min(tile_px, body_tile_px):
            fine, coarse = head(padded)
            (deep,) = self._graphs.run("body", coarse=coarse)
            return self._tail(padded, fine, deep)[:height, :width]
        most = (tile_px + 2 * (margins["head"] + margins["tail"])) ** 2
        fine_RKC, coarse_RKC = self._heads(padded, head, most)
        deep_RKC = np.empty_like(coarse_RKC)
        for part in parts(
            *coarse_RKC.shape[:2],
            margin=margins["body"] // stride,
            most=((body_tile_px + 2 * margins["body"]) // stride) ** 2,
            unit=multiple // stride,
        ):
            (deep,) = self._graphs.run("body", coarse=first_axis(part.of(coarse_RKC)))
            part.keep(last_axis(deep), deep_RKC)
        del coarse_RKC  # 200 MB at 24 megapixels
        restored = np.empty_like(padded)
        margin = margins["tail"] if fine_RKC is not None else margins["head"] + margins["tail"]
        for part in parts(*padded.shape[:2], margin=margin, most=most, unit=multiple):
            tile = part.of(padded)
            if fine_RKC is not None:
                fine = first_axis(part.of(fine_RKC, padded.shape[0] // fine_RKC.shape[0]))
            else:
                fine = head(tile)[0]
            part.keep(self._tail(tile, fine, first_axis(part.of(deep_RKC, stride))), restored)
        return restored[:height, :width]

    def _heads(self, image_HWC: Array, head: Callable[[Array], list[Array]], most: int) -> tuple[Array | None, Array]:
        """Features at strides 4 and 8 of the whole picture; of a large one those at stride 4 are not kept."""
        fine_RKC: Array | None = None
        coarse_RKC: Array | None = None
        height, width = image_HWC.shape[:2]
        for part in parts(height, width, margin=self.about.margins_px["head"], most=most, unit=self.about.multiple):
            tile = part.of(image_HWC)
            fine, coarse = (last_axis(features) for features in head(tile))
            strides = [tile.shape[0] // features.shape[0] for features in (fine, coarse)]
            if coarse_RKC is None:
                shapes = [(height // at, width // at) for at in strides]
                coarse_RKC = np.empty((*shapes[1], coarse.shape[2]), coarse.dtype)
                if shapes[0][0] * shapes[0][1] * fine.shape[2] * fine.itemsize <= _MOST_FINE_BYTES:
                    fine_RKC = np.empty((*shapes[0], fine.shape[2]), fine.dtype)
            part.keep(coarse, coarse_RKC, strides[1])
            if fine_RKC is not None:
                part.keep(fine, fine_RKC, strides[0])
        assert coarse_RKC is not None, "a picture has a part"
        return fine_RKC, coarse_RKC

    def _tail(self, image_HWC: Array, fine: Array, deep: Array) -> Pixels:
        (restored,) = self._graphs.run("tail", image=np.ascontiguousarray(image_HWC)[None], fine=fine, deep=deep)
        return np.asarray(restored[0], dtype=np.uint8)
