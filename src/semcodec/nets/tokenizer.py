"""The tokenizer's graphs: pixels to digits, digits to pixels, at any size.

Shapes: H, W = pixels of the working picture; C = 3 (RGB); R, K = token rows, columns of a scale; D = digits of a token.

The fine graphs see few pixels around each and run in tiles; the coarse ones, at stride 8 and above, run on the whole
picture (100 times fewer numbers than pixels times channels). Pictures are padded to multiples of the coarsest stride
by repeating the edge; tokens of the padding are dropped after encoding, and are missing when decoding.

A network chooses the digits of the coarsest scales. Each finer scale codes, by a block transform, what a painting of
all coarser ones lacks: encoding paints once for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.nets.session import open_session
from semcodec.nets.tiling import Array, run_tiled
from semcodec.types import MISSING, Size

if TYPE_CHECKING:
    from semcodec.layers.tokens.family import Family
    from semcodec.types import Digits, Pixels, Roi

FINEST_STRIDE = 8
# What paints. The encoder's own paintings are in integers: half the time, and what they lack is coded in any case.
FINAL, DRAFT = "decoder-fine", "encoder-painter"
TILE_PX = 1024  # 1.2 times the work of whole pictures; 300 MB a tile in the decoder
ENCODER_MARGIN_PX = 32  # receptive field: 3 convolutions at stride 4 and 2 at stride 8 reach 28 pixels
DECODER_MARGIN_PX = 64  # 4 at stride 8 and 5 at stride 4 reach 52
# Of their own size; in the coarse graph it is 9 tokens at strides 128 and 64, 10 at 32, 8 at 16.
DECODER_REACH_TOKENS = 10


def reach_px(stride: int) -> int:
    """How far from a token of this stride, at most, the decoder's pixels depend on it."""
    return DECODER_MARGIN_PX + DECODER_REACH_TOKENS * stride


class TokenizerNets:
    """Opens each graph when it is first used. Calls are safe from several threads."""

    def __init__(self, graphs: Mapping[str, Path], family: Family, *, threads: int | None = None) -> None:
        self._graphs, self._strides, self._threads = graphs, family.strides, threads
        self._depths = [len(levels) for levels in family.levels]
        self._sessions: dict[str, object] = {}

    def encode(
        self, image_HWC: Pixels, *, tile_px: int = TILE_PX, paintings: dict[int, Pixels] | None = None
    ) -> tuple[Digits, ...]:
        """(H, W, 3) uint8 -> digits per scale, coarse to fine.

        `paintings` takes those that were made on the way: number of scales -> what they paint, (H, W, 3).
        """
        height, width = image_HWC.shape[:2]
        working = Size(width, height)
        coarsest = self._strides[0]
        padded = np.pad(image_HWC, ((0, -height % coarsest), (0, -width % coarsest), (0, 0)), mode="edge")
        features = run_tiled(
            padded,
            lambda tile: _last_axis(self._run("encoder-fine", image=tile[None])[0]),
            core=tile_px,
            margin=ENCODER_MARGIN_PX,
            scale_down=FINEST_STRIDE,
        )
        learned = self._run("encoder-coarse", features=_first_axis(features))
        del features  # 190 MB at 24 megapixels, which the paintings below need
        digits = [_inside(d[0], working, stride) for d, stride in zip(learned, self._strides, strict=False)]
        for stride in self._strides[len(digits) :]:
            painting = padded.copy()  # the padding lacks nothing
            painting[:height, :width] = self._painted(DRAFT, digits, working, None, tile_px)
            if paintings is not None:
                paintings[len(digits)] = painting[:height, :width]
            digits.append(_inside(self._residue_digits(padded, painting, stride, tile_px), working, stride))
        return tuple(digits)

    def _residue_digits(self, image_HWC: Pixels, painting_HWC: Pixels, stride: int, tile_px: int) -> Array:
        """What the painting lacks, as digits of one scale."""

        def transformed(both: Array) -> Array:
            image, painting = both[None, ..., :3], both[None, ..., 3:]
            (digits,) = self._run("encoder-residues", [f"digits_{stride}"], image=image, painting=painting)
            return np.asarray(digits[0])

        both = np.concatenate([image_HWC, painting_HWC], axis=2)
        return run_tiled(both, transformed, core=tile_px, margin=0, scale_down=stride)

    def decode(
        self, digits: Sequence[Digits], working: Size, *, region: Roi | None = None, tile_px: int = TILE_PX
    ) -> Pixels:
        """Digits per scale (`MISSING` where not sent; fine scales may be left out) -> (H, W, 3) uint8 of the working
        size.

        `region`: left, top, width and height in working pixels; only these are painted, as the whole has them, and only
        the tokens are looked at that reach them (`reach_px`).
        """
        return self._painted(FINAL, digits, working, region, tile_px)

    def _painted(
        self, last_graph: str, digits: Sequence[Digits], working: Size, region: Roi | None, tile_px: int
    ) -> Pixels:
        coarsest = self._strides[0]
        left, top, width_px, height_px = region or (0, 0, working.width_px, working.height_px)
        rows = _around(top, top + height_px, reach_px(coarsest), coarsest, working.height_px)
        cols = _around(left, left + width_px, reach_px(coarsest), coarsest, working.width_px)
        inputs: dict[str, Array] = {}
        for scale, (stride, depth) in enumerate(zip(self._strides, self._depths, strict=True)):
            here = tuple(slice(px.start // stride, px.stop // stride) for px in (rows, cols))
            padded = np.full((1, *(s.stop - s.start for s in here), depth), MISSING, dtype=np.uint8)
            if scale < len(digits):
                mine = digits[scale][here]
                padded[0, : mine.shape[0], : mine.shape[1]] = mine
            inputs[f"digits_{stride}"] = padded
        features = _last_axis(self._run("decoder-coarse", **inputs)[0])
        # (within what the coarse graph saw)
        top, left = top - rows.start, left - cols.start
        near = (
            _around(top, top + height_px, DECODER_MARGIN_PX, FINEST_STRIDE, rows.stop - rows.start),
            _around(left, left + width_px, DECODER_MARGIN_PX, FINEST_STRIDE, cols.stop - cols.start),
        )
        image = run_tiled(
            features[tuple(slice(px.start // FINEST_STRIDE, px.stop // FINEST_STRIDE) for px in near)],
            lambda tile: self._run(last_graph, features=_first_axis(tile))[0][0],
            core=tile_px // FINEST_STRIDE,
            margin=DECODER_MARGIN_PX // FINEST_STRIDE,
            scale_up=FINEST_STRIDE,
        )
        top, left = top - near[0].start, left - near[1].start
        return np.ascontiguousarray(image[top : top + height_px, left : left + width_px], dtype=np.uint8)

    def _run(self, graph: str, outputs: list[str] | None = None, /, **inputs: Array) -> list[Array]:
        session = self._sessions.get(graph)
        if session is None:
            session = self._sessions[graph] = open_session(self._graphs[graph], threads=self._threads)
        return list(session.run(outputs, inputs))  # type: ignore[attr-defined]


def _around(begin: int, end: int, margin: int, multiple: int, side: int) -> slice:
    """Along one side: begin..end - 1 with a margin, in whole multiples, as far as the side (rounded up) goes."""
    last = -(-side // multiple) * multiple
    return slice(max(0, begin - margin) // multiple * multiple, min(last, -(-(end + margin) // multiple) * multiple))


def _inside(digits_RKD: Array, working: Size, stride: int) -> Digits:
    """Without the tokens that lie wholly in the padding."""
    rows, cols = -(-working.height_px // stride), -(-working.width_px // stride)
    return np.ascontiguousarray(digits_RKD[:rows, :cols], dtype=np.uint8)


def _last_axis(features_1CRK: Array) -> NDArray[np.generic]:
    """(1, C, R, K) -> (R, K, C), a view."""
    features_CRK: Array = features_1CRK[0]
    return features_CRK.transpose(1, 2, 0)


def _first_axis(features_RKC: Array) -> NDArray[np.generic]:
    """(R, K, C) -> (1, C, R, K), copied only if it was cut out of a larger map."""
    return np.ascontiguousarray(features_RKC.transpose(2, 0, 1)[None])
