"""The restorer's graphs: a decoded, enlarged picture to a restored one, at any size.

Shapes: H, W = pixels; C = channels; R, K = rows, columns at a stride.

Three graphs, each in tiles with a margin as wide as it sees: what tiles give is what the whole gives. The head leads
from pixels to features at strides 4 and 8, the body has the depth at strides 8 and 16, the tail leads back. Only the
features at stride 8 are kept of a whole large picture (16 bytes a pixel); those at stride 4 are made again for each
tile of the tail. Pictures are padded to multiples of the coarsest stride by repeating the edge.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import WeightsError
from semcodec.nets.session import open_session
from semcodec.nets.tiling import run_tiled, spans

if TYPE_CHECKING:
    from semcodec.types import Pixels

# 12 megapixels take 740 MB with these (14 s on one core); few files are decoded that large, others are a tile or two.
TILE_PX = 1024
BODY_TILE_PX = 2048  # its margins are wide

Condition = tuple[float, float]
_Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class About:
    """The facts that stand with the weights.

    Attributes:
        multiple: what sides are padded to: the coarsest stride.
        coarse_stride: of the features between the graphs.
        margins_px: how far each graph sees, by its name; multiples of `multiple`.
        max_pixels: of a restored picture, unless it is decoded larger.
        bits_per_pixel: least and most that it was trained for.
    """

    multiple: int
    coarse_stride: int
    margins_px: Mapping[str, int]
    max_pixels: int
    bits_per_pixel: tuple[float, float]

    @property
    def reach_px(self) -> int:
        """How far a restored pixel depends on others, at most."""
        return sum(self.margins_px.values())


def read_about(path: Path) -> About:
    """Raises `WeightsError` where the file is none of a restorer's."""
    try:
        facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
        low, high = facts["bits_per_pixel"]
        return About(
            int(facts["multiple"]),
            int(facts["coarse_stride"]),
            {graph: int(facts["margins_px"][graph]) for graph in ("head", "body", "tail")},
            int(facts["max_pixels"]),
            (float(low), float(high)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{path}: holds no facts of a restorer ({error!r}): install semcodec again") from error


class RestorerNets:
    """Opens each graph when it is first used. Calls are safe from several threads."""

    def __init__(self, graphs: Mapping[str, Path], *, threads: int | None = None) -> None:
        self._graphs, self._threads = graphs, threads
        self._sessions: dict[str, Any] = {}
        self.about = read_about(graphs["about"])

    def restore(
        self, image_HWC: Pixels, condition: Condition, *, tile_px: int = TILE_PX, body_tile_px: int = BODY_TILE_PX
    ) -> Pixels:
        """(H, W, 3) uint8 -> the same shape. `condition` is what the network is told of the picture.

        `tile_px` and `body_tile_px` are multiples of `about.multiple`; they decide about memory, not about pixels.
        """
        height, width = image_HWC.shape[:2]
        multiple, stride, margins = self.about.multiple, self.about.coarse_stride, self.about.margins_px
        padded = np.pad(image_HWC, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="edge")
        told = np.array([condition], dtype=np.float32)

        def head(tile_HWC: _Array) -> list[_Array]:
            return self._run("head", image=np.ascontiguousarray(tile_HWC)[None], condition=told)

        if max(padded.shape[:2]) <= min(tile_px, body_tile_px):
            fine, coarse = head(padded)
            (deep,) = self._run("body", coarse=coarse)
            return self._tail(padded, fine, deep)[:height, :width]
        coarse_RKC = run_tiled(
            padded,
            lambda tile: _last_axis(head(tile)[1]),
            core=tile_px,
            margin=margins["head"],
            scale_down=stride,
        )
        deep_RKC = run_tiled(
            coarse_RKC,
            lambda tile: _last_axis(self._run("body", coarse=_first_axis(tile))[0]),
            core=body_tile_px // stride,
            margin=margins["body"] // stride,
        )
        del coarse_RKC  # 200 MB at 24 megapixels
        restored = np.empty_like(padded)
        margin = margins["head"] + margins["tail"]  # the head runs once more here
        for rows in spans(padded.shape[0], core=tile_px, margin=margin):
            for cols in spans(padded.shape[1], core=tile_px, margin=margin):
                tile = padded[rows.start : rows.end, cols.start : cols.end]
                there = deep_RKC[rows.start // stride : rows.end // stride, cols.start // stride : cols.end // stride]
                kept = self._tail(tile, head(tile)[0], _first_axis(there))[
                    rows.keep_start - rows.start : rows.keep_end - rows.start,
                    cols.keep_start - cols.start : cols.keep_end - cols.start,
                ]
                restored[rows.keep_start : rows.keep_end, cols.keep_start : cols.keep_end] = kept
        return restored[:height, :width]

    def _tail(self, image_HWC: _Array, fine: _Array, deep: _Array) -> Pixels:
        (restored,) = self._run("tail", image=np.ascontiguousarray(image_HWC)[None], fine=fine, deep=deep)
        return np.asarray(restored[0], dtype=np.uint8)

    def _run(self, graph: str, /, **inputs: _Array) -> list[_Array]:
        session = self._sessions.get(graph)
        if session is None:
            session = self._sessions[graph] = open_session(self._graphs[graph], threads=self._threads)
        return list(session.run(None, inputs))


def _last_axis(features_1CRK: _Array) -> _Array:
    """(1, C, R, K) -> (R, K, C), a view."""
    features_CRK: _Array = features_1CRK[0]
    return features_CRK.transpose(1, 2, 0)


def _first_axis(features_RKC: _Array) -> _Array:
    """(R, K, C) -> (1, C, R, K)."""
    return np.ascontiguousarray(features_RKC.transpose(2, 0, 1)[None])
