"""The tokenizer's four graphs: pixels to digits, digits to pixels, at any size.

Shapes: H, W = pixels of the working picture; C = 3 (RGB); R, K = token rows, columns of a scale; D = digits of a token.

The fine graphs see few pixels around each and run in tiles; the coarse ones, at stride 8 and above, run on the whole
picture (100 times fewer numbers than pixels times channels). Pictures are padded to multiples of the coarsest stride
by repeating the edge; tokens of the padding are dropped after encoding, and are missing when decoding.
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
    from semcodec.types import Digits, Pixels

FINEST_STRIDE = 8
TILE_PX = 1024  # 1.2 times the work of whole pictures; 300 MB a tile in the decoder
ENCODER_MARGIN_PX = 32  # receptive field: 3 convolutions at stride 4 and 2 at stride 8 reach 28 pixels
DECODER_MARGIN_PX = 64  # 4 at stride 8 and 5 at stride 4 reach 52


class TokenizerNets:
    """Opens each graph when it is first used. Calls are safe from several threads."""

    def __init__(self, graphs: Mapping[str, Path], strides: Sequence[int], *, threads: int | None = None) -> None:
        self._graphs, self._strides, self._threads = graphs, tuple(strides), threads
        self._sessions: dict[str, object] = {}

    def encode(self, image_HWC: Pixels, *, tile_px: int = TILE_PX) -> tuple[Digits, ...]:
        """(H, W, 3) uint8 -> digits per scale, coarse to fine. Each graph runs once over the picture."""
        height, width = image_HWC.shape[:2]
        coarsest = self._strides[0]
        padded = np.pad(image_HWC, ((0, -height % coarsest), (0, -width % coarsest), (0, 0)), mode="edge")
        features = run_tiled(
            padded,
            lambda tile: _last_axis(self._run("encoder-fine", image=tile[None])[0]),
            core=tile_px,
            margin=ENCODER_MARGIN_PX,
            scale_down=FINEST_STRIDE,
        )
        digits = self._run("encoder-coarse", features=_first_axis(features))
        return tuple(
            np.ascontiguousarray(d[0, : -(-height // stride), : -(-width // stride)])
            for d, stride in zip(digits, self._strides, strict=True)
        )

    def decode(self, digits: Sequence[Digits], working: Size, *, tile_px: int = TILE_PX) -> Pixels:
        """Digits per scale (`MISSING` where not sent) -> (H, W, 3) uint8 of the working size."""
        coarsest = self._strides[0]
        rows_px, cols_px = (-(-side // coarsest) * coarsest for side in (working.height_px, working.width_px))
        inputs = {}
        for mine, stride in zip(digits, self._strides, strict=True):
            padded = np.full((1, rows_px // stride, cols_px // stride, mine.shape[2]), MISSING, dtype=np.uint8)
            padded[0, : mine.shape[0], : mine.shape[1]] = mine
            inputs[f"digits_{stride}"] = padded
        features = _last_axis(self._run("decoder-coarse", **inputs)[0])
        image = run_tiled(
            features,
            lambda tile: self._run("decoder-fine", features=_first_axis(tile))[0][0],
            core=tile_px // FINEST_STRIDE,
            margin=DECODER_MARGIN_PX // FINEST_STRIDE,
            scale_up=FINEST_STRIDE,
        )
        return np.ascontiguousarray(image[: working.height_px, : working.width_px], dtype=np.uint8)

    def _run(self, graph: str, **inputs: Array) -> list[Array]:
        session = self._sessions.get(graph)
        if session is None:
            session = self._sessions[graph] = open_session(self._graphs[graph], threads=self._threads)
        return list(session.run(None, inputs))  # type: ignore[attr-defined]


def _last_axis(features_1CRK: Array) -> NDArray[np.generic]:
    """(1, C, R, K) -> (R, K, C), a view."""
    features_CRK: Array = features_1CRK[0]
    return features_CRK.transpose(1, 2, 0)


def _first_axis(features_RKC: Array) -> NDArray[np.generic]:
    """(R, K, C) -> (1, C, R, K), copied only if it was cut out of a larger map."""
    return np.ascontiguousarray(features_RKC.transpose(2, 0, 1)[None])
