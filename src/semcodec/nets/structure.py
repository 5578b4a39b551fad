"""Outlines at run time: found in a picture, coded as structure tokens, drawn from any subset of those.

Shapes: H, W = pixels of a canvas (`layers.structure.canvas_of`); R, K = token rows, columns at a stride; D = digits of
a token. A map of outlines lies at stride 2: (H / 2, W / 2) uint8, rounded up, 255 where an outline is sure.

A canvas has at most 512 x 512 pixels, so each graph runs whole. Everything is padded to multiples of the coarsest
stride: pictures by repeating the edge, maps with nothing, tokens with missing ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from semcodec.layers.structure.family import find_structure_family
from semcodec.nets.graphs import Graphs
from semcodec.types import MISSING, Size

if TYPE_CHECKING:
    from semcodec.types import Digits, Pixels

MAP_STRIDE = 2
_OUTLINER_MULTIPLE_PX = 16  # of the graph's coarsest stride


class OutlinerNets:
    """Finds outlines. Calls are safe from several threads."""

    def __init__(self, files: Mapping[str, Path], *, threads: int | None = None) -> None:
        """`files`: file name -> file. Raises `WeightsError`."""
        self._graphs = Graphs(files, threads=threads)

    def find(self, canvas_HWC: Pixels) -> Pixels:
        """(H, W, 3) uint8 to the map of outlines."""
        height, width = canvas_HWC.shape[:2]
        multiple = _OUTLINER_MULTIPLE_PX
        padded = np.pad(canvas_HWC, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="edge")
        (found,) = self._graphs.run("outliner", image=padded[None])
        return np.ascontiguousarray(found[0, : _cells(height), : _cells(width)], dtype=np.uint8)


class StructureEncoderNets:
    """Codes a map of outlines as tokens. Calls are safe from several threads."""

    def __init__(self, files: Mapping[str, Path], family: int, *, threads: int | None = None) -> None:
        """`family`: its number. Raises `WeightsError`, `UnknownFamilyError`."""
        self.family, self._graphs = find_structure_family(family), Graphs(files, threads=threads)

    def encode(self, map_HW: Pixels, canvas: Size, spend: float) -> tuple[Digits, ...]:
        """Digits per scale, coarse to fine. `spend`: 0..1, how many bits they may cost."""
        rows, cols = map_HW.shape
        multiple = self.family.strides[0] // MAP_STRIDE
        padded = np.pad(map_HW, ((0, -rows % multiple), (0, -cols % multiple)))
        found = self._graphs.run("structure-encoder", map=padded[None], spend=np.array([[spend]], dtype=np.float32))
        return tuple(
            np.ascontiguousarray(
                digits[0, : -(-canvas.height_px // stride), : -(-canvas.width_px // stride)], dtype=np.uint8
            )
            for digits, stride in zip(found, self.family.strides, strict=True)
        )


class StructureDecoderNets:
    """Draws the outlines that tokens say. Calls are safe from several threads."""

    def __init__(self, files: Mapping[str, Path], family: int, *, threads: int | None = None) -> None:
        """`family`: its number. Raises `WeightsError`, `UnknownFamilyError`."""
        self.family, self._graphs = find_structure_family(family), Graphs(files, threads=threads)

    def draw(self, digits: Sequence[Digits], canvas: Size) -> Pixels:
        """Digits per scale (`MISSING` where not sent) to the map of outlines."""
        coarsest, inputs = self.family.strides[0], {}
        rows, cols = -(-canvas.height_px // coarsest), -(-canvas.width_px // coarsest)
        for mine, stride in zip(digits, self.family.strides, strict=True):
            factor = coarsest // stride
            padded = np.full((1, rows * factor, cols * factor, mine.shape[2]), MISSING, dtype=np.uint8)
            padded[0, : mine.shape[0], : mine.shape[1]] = mine
            inputs[f"digits_{stride}"] = padded
        (drawn,) = self._graphs.run("structure-decoder", **inputs)
        cells = drawn[0, : _cells(canvas.height_px), : _cells(canvas.width_px)]
        return np.ascontiguousarray(cells, dtype=np.uint8)


def _cells(side_px: int) -> int:
    return -(-side_px // MAP_STRIDE)
