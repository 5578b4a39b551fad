"""Runs the wanted measures on a decoded clip: networks on every n-th frame, the rest on all of them.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation.clips.frames import Frames
from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.measures.flicker import Flicker
from semcodec.evaluation.measures.judges import COSTLY, Against, Judges, Values
from semcodec.evaluation.measures.vmaf import vmaf_of_clip

if TYPE_CHECKING:
    from semcodec.types import Pixels

# Means over frames. (The lattice and classes are measures of stills.)
OF_FRAMES = ("psnr_db", "mobilenet_distance", "judge2_distance", "lpips", "dists")
_OF_MOTION = ("warping_error", "flicker_share")
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


class AgainstClip:
    """One original clip, and what is needed of it again and again."""

    def __init__(self, judges: Judges, original: Frames, *, every: int) -> None:
        """`every`: networks see each n-th frame, from the middle of the first n on."""
        self._original, self._judges = original, judges
        last = len(original.pictures) - 1
        self._seen = tuple(range(min(every // 2, last), last + 1, every))
        self._against: dict[int, Against] = {at: judges.against(original.pictures[at]) for at in self._seen}
        self.names = tuple(name for name in OF_FRAMES if name in judges.names) + ("change_error",)
        if len(original.pictures) > 1:
            self.names += _OF_MOTION
        if "vmaf" in judges.names:
            self.names += ("vmaf",)

    @property
    def costly(self) -> set[str]:
        """Those of `names` that are taken of few files."""
        return {name for name in self.names if name == "vmaf" or find_measure(name).costly}

    def measure(self, clips: Sequence[Frames], names: Collection[str]) -> list[Values]:
        """Values of decoded clips, by measure."""
        of_frames = sorted(set(names) & set(OF_FRAMES))
        found = [self._of_frame(at, [shown.pictures[at] for shown in clips], of_frames) for at in self._seen]
        values: list[Values] = []
        for number, shown in enumerate(clips):
            means = {name: float(np.mean([one[number][name] for one in found])) for name in of_frames}
            values.append(means | self._of_clip(shown, names))
        return values

    def _of_clip(self, shown: Frames, names: Collection[str]) -> Values:
        values = {}
        if "change_error" in names:
            values["change_error"] = change_error(self._original.pictures, shown.pictures)
        if set(_OF_MOTION) & set(names):
            flicker = Flicker()
            for original_HWC, shown_HWC in zip(self._original.pictures, shown.pictures, strict=True):
                flicker.add(original_HWC, shown_HWC)
            found = flicker.result()
            values["warping_error"] = found.warping_error
            values["flicker_share"] = found.warping_error / max(found.original_warping_error, 1e-9)
        if "vmaf" in names:
            values["vmaf"] = float(np.mean(vmaf_of_clip(self._original.pictures, shown.pictures)))
        return values

    def _of_frame(self, at: int, images: Sequence[Pixels], names: Collection[str]) -> list[Values]:
        against = self._against[at]
        if COSTLY & set(names):  # (what DISTS keeps of an original of 854x480 is 200 MB)
            against = self._judges.against(self._original.pictures[at])
        return against.measure(images, names)


def change_error(original: Sequence[Pixels], shown: Sequence[Pixels]) -> float:
    """How much changes from frame to frame beside the original, in steps of 8 bits; 0 for one frame.

    Root mean square over all pairs of neighbours. What stands wrong but still does not count.
    """
    lost = (_luma(a) - _luma(b) for a, b in zip(shown, original, strict=True))
    squares = [float(np.square(after - before).mean()) for before, after in pairwise(lost)]
    return float(np.sqrt(np.mean(squares))) if squares else 0.0


def _luma(image_HWC: Pixels) -> NDArray[np.float32]:
    return np.asarray(image_HWC @ _LUMA, dtype=np.float32)
