"""Faces that a detector finds (YuNet, Wu et al., 2023; OpenCV's model zoo).

A place's score is the geometric mean of its class and its objectness; the picture is seen at its own size.

Shapes: H, W = pixels; G = cells of a grid.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from semcodec.evaluation.measures.detection import STRIDES, Found, boxes_from, cells, once_each
from semcodec.nets.session import open_session

if TYPE_CHECKING:
    from semcodec.types import Pixels

ENOUGH = 0.5  # score from which a face counts as found
SAME_IOU = 0.3  # faces that overlap more are one
MULTIPLE_PX = 32


class FaceDetector:
    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._session = open_session(path, threads=threads)

    def find(self, image_HWC: Pixels, enough: float = ENOUGH) -> Found:
        """The faces in (H, W, 3) uint8 RGB, all of class 0."""
        height, width = image_HWC.shape[:2]
        padded_HWC = np.pad(image_HWC[..., ::-1], ((0, -height % MULTIPLE_PX), (0, -width % MULTIPLE_PX), (0, 0)))
        names = [f"{kind}_{stride}" for stride in STRIDES for kind in ("cls", "obj", "bbox")]
        outputs = self._session.run(names, {"input": padded_HWC.transpose(2, 0, 1)[None].astype(np.float32)})
        scores, boxes = [], []
        for at, stride in enumerate(STRIDES):
            classes_1G1, objects_1G1, raw_1G4 = outputs[3 * at : 3 * at + 3]
            scores.append(np.sqrt(classes_1G1[0, :, 0] * objects_1G1[0, :, 0]))
            cells_G2 = cells(padded_HWC.shape[0], padded_HWC.shape[1], stride)
            boxes.append(boxes_from(raw_1G4[0], cells_G2, stride))
        score_G, boxes_G4 = np.concatenate(scores), np.concatenate(boxes)
        is_sure = score_G >= enough
        classes = np.zeros(int(is_sure.sum()), np.intp)
        return once_each(Found(boxes_G4[is_sure], score_G[is_sure], classes), SAME_IOU)

    def finds_one(self, image_HWC: Pixels) -> bool:
        """Whether there is a face."""
        return len(self.find(image_HWC)) > 0
