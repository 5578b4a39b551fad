"""The pictures that ControlNets follow.

| kind | what the ControlNet sees | where it comes from |
|---|---|---|
| tile | the picture itself, soft | the embedded decoder |
| edges | white outlines on black | `Scene.edges`, else traced in the embedded decoder's picture |

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.pictures import resized
from semcodec.types import Scene, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

    Map = Callable[[Scene, Pixels | None, Size], Pixels | None]

EDGE_SHARE = 0.08  # of the pixels: those with the steepest slope


def tile_map(scene: Scene, known_HWC: Pixels | None, canvas: Size) -> Pixels | None:
    return None if known_HWC is None else resized(known_HWC, canvas)


def edge_map(scene: Scene, known_HWC: Pixels | None, canvas: Size) -> Pixels | None:
    if scene.edges is not None:
        grey_HW = np.asarray(scene.edges, dtype=np.uint8)
        return resized(np.repeat(grey_HW[:, :, None], 3, axis=2), canvas)
    if known_HWC is None:
        return None
    edges_HW = trace_edges(resized(known_HWC, canvas))
    return np.repeat(edges_HW[:, :, None], 3, axis=2)


MAPS: dict[str, Map] = {"tile": tile_map, "edges": edge_map}


def trace_edges(image_HWC: Pixels) -> NDArray[np.uint8]:
    """(H, W) uint8, 255 on an outline one or two pixels wide: crests of the slope, the steepest of them."""
    grey_HW = np.pad(image_HWC.astype(np.float32).mean(axis=2), 2, mode="edge")
    soft_HW = sum(np.roll(grey_HW, shift, axis) for axis in (0, 1) for shift in (-1, 0, 1)) / 6
    down_HW, right_HW = np.gradient(soft_HW)
    slope_HW = np.hypot(down_HW, right_HW)
    upright_HW = np.abs(down_HW) < np.abs(right_HW)  # the outline runs down, the slope across
    crest_HW = np.where(
        upright_HW,
        slope_HW >= np.maximum(np.roll(slope_HW, 1, 1), np.roll(slope_HW, -1, 1)),
        slope_HW >= np.maximum(np.roll(slope_HW, 1, 0), np.roll(slope_HW, -1, 0)),
    )
    inside = (slice(2, -2), slice(2, -2))
    steep = max(1.0, float(np.quantile(slope_HW[inside], 1 - EDGE_SHARE)))
    return np.where(crest_HW & (slope_HW >= steep), 255, 0).astype(np.uint8)[inside]
