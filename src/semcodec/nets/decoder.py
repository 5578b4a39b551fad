"""A family's decoder at run time: any subset of the tokens to pixels.

There are two of a kind: the predictor, in the encoder's loop, which is frozen with its family; and the one that paints
what is shown, which may be replaced by a better one. The coarse graph has all the depth, on 1/64 of the positions.

Shapes: H, W = pixels; C = channels; R, K = token rows, columns at a stride; D = digits of a token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from semcodec.nets.facts import FineFacts, read_facts
from semcodec.nets.graphs import Graphs
from semcodec.nets.tiling import Array, first_axis, last_axis, run_tiled
from semcodec.types import MISSING, Size

if TYPE_CHECKING:
    from semcodec.layers.tokens.family import Family
    from semcodec.nets.session import Session
    from semcodec.types import Digits, Pixels, Roi

COARSE, FINE = "decoder-coarse", "decoder-fine"


@dataclass(frozen=True, slots=True)
class About(FineFacts):
    """The facts that stand with the weights. `reach_tokens`: how far a token is felt in the coarse graph, in tokens of
    its size, at most.
    """

    reach_tokens: int


class DecoderNets:
    """Opens each graph when it is first used. Calls are safe from several threads."""

    def __init__(
        self,
        files: Mapping[str, Path],
        family: Family,
        *,
        threads: int | None = None,
        sessions: dict[Path, Session] | None = None,
    ) -> None:
        """`files`: file name -> file. `sessions`: as `Graphs` has them. Raises `WeightsError`."""
        self.about = read_facts(files["about.json"], lambda facts: About(**facts["decoder"]), of="a decoder")
        self.family, self.graphs = family, Graphs(files, threads=threads, sessions=sessions)

    def reach_px(self, stride: int) -> int:
        """How far from a token of this stride, at most, pixels depend on it."""
        return self.about.margin_px + self.about.reach_tokens * stride

    def decode(
        self,
        digits: Sequence[Digits],
        working: Size,
        *,
        region: Roi | None = None,
        tile_px: int | None = None,
        fine_graph: str = FINE,
    ) -> Pixels:
        """Digits per scale (`MISSING` where not sent; fine scales may be left out) -> (H, W, 3) uint8 of the working
        size.

        `region`: left, top, width and height in working pixels; only these are painted, as the whole has them, and only
        the tokens are looked at that reach them (`reach_px`).
        """
        about, strides = self.about, self.family.strides
        left, top, width_px, height_px = region or (0, 0, working.width_px, working.height_px)
        rows = _around(top, top + height_px, self.reach_px(strides[0]), strides[0], working.height_px)
        cols = _around(left, left + width_px, self.reach_px(strides[0]), strides[0], working.width_px)
        inputs: dict[str, Array] = {}
        for scale, (stride, levels) in enumerate(zip(strides, self.family.levels, strict=True)):
            here = tuple(slice(px.start // stride, px.stop // stride) for px in (rows, cols))
            padded = np.full((1, *(s.stop - s.start for s in here), len(levels)), MISSING, dtype=np.uint8)
            if scale < len(digits):
                mine = digits[scale][here]
                padded[0, : mine.shape[0], : mine.shape[1]] = mine
            inputs[f"digits_{stride}"] = padded
        features = last_axis(self.graphs.run(COARSE, **inputs)[0])
        # (within what the coarse graph saw)
        top, left = top - rows.start, left - cols.start
        near = (
            _around(top, top + height_px, about.margin_px, about.fine_stride, rows.stop - rows.start),
            _around(left, left + width_px, about.margin_px, about.fine_stride, cols.stop - cols.start),
        )
        image = run_tiled(
            features[tuple(slice(px.start // about.fine_stride, px.stop // about.fine_stride) for px in near)],
            lambda tile: np.asarray(self.graphs.run(fine_graph, features=first_axis(tile))[0][0]),
            core=(tile_px or about.tile_px) // about.fine_stride,
            margin=about.margin_px // about.fine_stride,
            scale_up=about.fine_stride,
        )
        top, left = top - near[0].start, left - near[1].start
        return np.ascontiguousarray(image[top : top + height_px, left : left + width_px], dtype=np.uint8)


def _around(begin: int, end: int, margin: int, multiple: int, side: int) -> slice:
    """Along one side: begin..end - 1 with a margin, in whole multiples, as far as the side (rounded up) goes."""
    last = -(-side // multiple) * multiple
    return slice(max(0, begin - margin) // multiple * multiple, min(last, -(-(end + margin) // multiple) * multiple))
