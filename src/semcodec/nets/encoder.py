"""A family's encoder at run time: pixels to token digits, with the predictor in its loop.

Shapes: H, W = pixels; C = 3 (RGB); R, K = token rows, columns at a stride; D = digits of a token.

A network chooses the digits of the coarsest scales: its fine part, near the pixels, runs in tiles, its coarse part
whole, on 1/64 of the positions. Each finer scale codes, by a block transform, what the predictor's reconstruction from
all coarser ones lacks: encoding reconstructs once for each of them.

Pictures are padded to multiples of the coarsest stride by repeating the edge; tokens that lie wholly in the padding are
dropped after encoding, and are missing when decoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from semcodec.nets.decoder import DecoderNets
from semcodec.nets.facts import FineFacts, read_facts
from semcodec.nets.graphs import Graphs
from semcodec.nets.tiling import Array, first_axis, last_axis, run_tiled
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.layers.tokens.family import Family
    from semcodec.nets.session import Session
    from semcodec.types import Digits, Pixels

# The predictor's fine graph in integers: half the time, and what it lacks is coded in any case.
LOOP_GRAPH = "encoder-painter"


class EncoderNets:
    """Opens each graph when it is first used. Calls are safe from several threads.

    `predictor` is for whoever compares reconstructions, too: what is written hangs on nothing else that paints.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        predictor: Mapping[str, Path],
        family: Family,
        *,
        threads: int | None = None,
        sessions: dict[Path, Session] | None = None,
    ) -> None:
        """File name -> file, of both. `sessions`: as `Graphs` has them. Raises `WeightsError`."""
        self.about = read_facts(files["about.json"], lambda facts: FineFacts(**facts["encoder"]), of="an encoder")
        self.predictor = DecoderNets(predictor, family, threads=threads, sessions=sessions)
        self._graphs, self._strides = Graphs(files, threads=threads, sessions=sessions), family.strides

    def encode(
        self, image_HWC: Pixels, *, tile_px: int | None = None, reconstructions: dict[int, Pixels] | None = None
    ) -> tuple[Digits, ...]:
        """(H, W, 3) uint8 -> digits per scale, coarse to fine.

        `reconstructions` takes those that were made on the way: number of scales -> what is made of them, (H, W, 3).
        """
        height, width = image_HWC.shape[:2]
        working = Size(width, height)
        coarsest, tile_px = self._strides[0], tile_px or self.about.tile_px
        padded = np.pad(image_HWC, ((0, -height % coarsest), (0, -width % coarsest), (0, 0)), mode="edge")
        features = run_tiled(
            padded,
            lambda tile: last_axis(self._graphs.run("encoder-fine", image=tile[None])[0]),
            core=tile_px,
            margin=self.about.margin_px,
            scale_down=self.about.fine_stride,
        )
        learned = self._graphs.run("encoder-coarse", features=first_axis(features))
        del features  # 190 MB at 24 megapixels, which the reconstructions below need
        digits = [_inside(d[0], working, stride) for d, stride in zip(learned, self._strides, strict=False)]
        for stride in self._strides[len(digits) :]:
            made = padded.copy()  # the padding lacks nothing
            made[:height, :width] = self.predictor.decode(digits, working, tile_px=tile_px, fine_graph=LOOP_GRAPH)
            if reconstructions is not None:
                reconstructions[len(digits)] = made[:height, :width]
            digits.append(_inside(self._residue_digits(padded, made, stride, tile_px), working, stride))
        return tuple(digits)

    def _residue_digits(self, image_HWC: Pixels, made_HWC: Pixels, stride: int, tile_px: int) -> Array:
        """What the reconstruction lacks, as digits of one scale."""

        def transformed(both: Array) -> Array:
            image, painting = both[None, ..., :3], both[None, ..., 3:]
            (digits,) = self._graphs.run("encoder-residues", [f"digits_{stride}"], image=image, painting=painting)
            return np.asarray(digits[0])

        both = np.concatenate([image_HWC, made_HWC], axis=2)
        return run_tiled(both, transformed, core=tile_px, margin=0, scale_down=stride)


def _inside(digits_RKD: Array, working: Size, stride: int) -> Digits:
    """Without the tokens that lie wholly in the padding."""
    rows, cols = -(-working.height_px // stride), -(-working.width_px // stride)
    return np.ascontiguousarray(digits_RKD[:rows, :cols], dtype=np.uint8)
