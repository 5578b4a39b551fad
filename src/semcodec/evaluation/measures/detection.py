"""Things that a detector finds (YOLOX, Ge et al., 2021), and how well two lists of them agree.

The network is an ONNX file with the released models' outputs: for each cell of grids of stride 8, 16 and 32 px a box
(centre and logarithm of the sides, in cells), the likelihood that there is a thing, and one for each class. The
picture's long side becomes 416 px, in the upper left corner of a grey square.

Shapes: H, W = pixels; N = boxes, each (left, top, right, bottom) in pixels; K = classes; G = cells of all grids.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semcodec.nets.session import open_session

if TYPE_CHECKING:
    from semcodec.types import Pixels

Floats = NDArray[np.float32]

SIDE_PX, GREY = 416, 114
STRIDES = (8, 16, 32)
ENOUGH = 0.4  # score from which a thing counts as found
SAME_IOU = 0.45  # boxes of a class that overlap more are one thing, found twice
MATCH_IOU = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, most likely first: boxes (N, 4), scores 0..1 (N,), classes (N,)."""

    boxes_N4: Floats
    score_N: Floats
    class_N: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.score_N)


@dataclass(frozen=True, slots=True)
class Matches:
    """`both`: how many are in either list; `told`: in the decoded picture; `there`: in the original."""

    both: int
    told: int
    there: int

    @property
    def f1(self) -> float:
        """1 where neither has any."""
        return 2 * self.both / (self.told + self.there) if self.told + self.there else 1.0


class Detector:
    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._session = open_session(path, threads=threads)

    def find(self, image_HWC: Pixels, enough: float = ENOUGH) -> Found:
        """In (H, W, 3) uint8 RGB."""
        input_NCHW, factor = letterbox(image_HWC)
        (raw_1GC,) = self._session.run(None, {"images": input_NCHW})
        return decoded(raw_1GC[0], SIDE_PX, factor, enough)


def letterbox(image_HWC: Pixels) -> tuple[Floats, float]:
    """(1, 3, 416, 416) BGR in 0..255, and by what the picture was enlarged."""
    height, width = image_HWC.shape[:2]
    factor = SIDE_PX / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small_HWC = np.asarray(Image.fromarray(image_HWC).resize(size, Image.Resampling.BILINEAR))
    square_HWC = np.full((SIDE_PX, SIDE_PX, 3), GREY, np.float32)
    square_HWC[: size[1], : size[0]] = small_HWC[..., ::-1]
    return np.ascontiguousarray(square_HWC.transpose(2, 0, 1)[None]), factor


def cells(height_px: int, width_px: int, stride: int) -> Floats:
    """(G, 2): column and row of each cell of one grid, row by row."""
    rows, cols = np.mgrid[: height_px // stride, : width_px // stride]
    return np.stack([cols.ravel(), rows.ravel()], axis=1).astype(np.float32)


def boxes_from(raw_G4: Floats, cells_G2: Floats, stride: NDArray[np.float32] | int) -> Floats:
    """(G, 4) boxes of what the network says: centre relative to its cell and logarithm of the sides, in cells."""
    centre_G2 = (raw_G4[:, :2] + cells_G2) * stride
    half_G2 = np.exp(np.minimum(raw_G4[:, 2:4], 20)) * stride / 2
    return np.concatenate([centre_G2 - half_G2, centre_G2 + half_G2], axis=1).astype(np.float32)


def decoded(raw_GC: Floats, side_px: int, factor: float, enough: float) -> Found:
    """What a square's raw outputs (G, 4 + 1 + K) say, in pixels of the picture that was enlarged by `factor`."""
    cells_G2 = np.concatenate([cells(side_px, side_px, stride) for stride in STRIDES])
    stride_G1 = np.concatenate([np.full(((side_px // stride) ** 2, 1), stride, np.float32) for stride in STRIDES])
    boxes_G4 = boxes_from(raw_GC, cells_G2, stride_G1) / np.float32(factor)
    class_G = raw_GC[:, 5:].argmax(axis=1)
    score_G = raw_GC[:, 4] * raw_GC[:, 5:].max(axis=1)
    is_sure = score_G >= enough
    return once_each(Found(boxes_G4[is_sure], score_G[is_sure], class_G[is_sure]), SAME_IOU)


def once_each(found: Found, same_iou: float) -> Found:
    """Without the less likely of two boxes of a class that overlap more than `same_iou` (non-maximum suppression)."""
    order = np.argsort(-found.score_N, kind="stable")
    overlap_NN = iou(found.boxes_N4, found.boxes_N4) > same_iou
    overlap_NN &= found.class_N[:, None] == found.class_N[None]
    kept: list[int] = []
    for at in order:
        if not overlap_NN[at, kept].any():
            kept.append(int(at))
    return Found(found.boxes_N4[kept], found.score_N[kept], found.class_N[kept])


def iou(a_N4: Floats, b_M4: Floats) -> Floats:
    """(N, M): what two boxes share, of what they cover together."""
    top_left = np.maximum(a_N4[:, None, :2], b_M4[None, :, :2])
    bottom_right = np.minimum(a_N4[:, None, 2:], b_M4[None, :, 2:])
    shared = np.prod(np.maximum(bottom_right - top_left, 0), axis=2)
    area_N, area_M = (np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (a_N4, b_M4))
    return np.asarray(shared / np.maximum(area_N[:, None] + area_M[None] - shared, 1e-9))


def matches(told: Found, there: Found, least_iou: float = MATCH_IOU) -> Matches:
    """Each of `told`, most likely first, takes the free one of its class in `there` that it overlaps most."""
    overlap_NM = iou(told.boxes_N4, there.boxes_N4)
    overlap_NM[told.class_N[:, None] != there.class_N[None]] = 0
    both = 0
    for at in np.argsort(-told.score_N, kind="stable"):
        if len(there) and (best := int(overlap_NM[at].argmax())) >= 0 and overlap_NM[at, best] >= least_iou:
            both += 1
            overlap_NM[:, best] = 0
    return Matches(both, len(told), len(there))
