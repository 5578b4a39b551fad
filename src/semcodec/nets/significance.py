"""The significance head: one number a cell of 8x8 pixels, how much detail there is worth to what the picture means.

Shapes: H, W = pixels; C = 3 (RGB); R, K = rows, columns of cells.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.nets.session import open_session
from semcodec.nets.tiling import Array, run_tiled

if TYPE_CHECKING:
    from semcodec.types import Pixels

CELL_PX = 8
TILE_PX = 2048  # a tile takes 250 MB
MARGIN_PX = 256  # a cell sees less than that around it


class SignificanceNet:
    """Opens its graph when it is first used. Calls are safe from several threads."""

    def __init__(self, graph: Path, *, threads: int | None = None) -> None:
        self._graph, self._threads = graph, threads
        self._session: object = None

    def __call__(self, image_HWC: Pixels) -> NDArray[np.float32]:
        """(H, W, 3) uint8 -> (R, K) above 0, with R = ceil(H / 8) and K = ceil(W / 8). Only ratios mean anything."""
        height, width = image_HWC.shape[:2]
        whole = np.pad(image_HWC, ((0, -height % CELL_PX), (0, -width % CELL_PX), (0, 0)), mode="edge")
        cells = run_tiled(whole, self._run, core=TILE_PX, margin=MARGIN_PX, scale_down=CELL_PX)
        return np.asarray(cells, dtype=np.float32)

    def _run(self, tile_HWC: Array) -> Array:
        if self._session is None:
            self._session = open_session(self._graph, threads=self._threads)
        inputs = {"image": np.ascontiguousarray(tile_HWC[None])}
        return np.asarray(self._session.run(None, inputs)[0][0])  # type: ignore[attr-defined]
