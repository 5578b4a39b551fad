"""Less flicker: the detail that a restorer made is carried on along the motion of what was sent.

Each frame is restored by itself, so what the restorer adds differs a little from frame to frame. Here what it added to
the frame before is moved to where that has gone, and takes a share of what it adds now, where the sent frames agree:
the more the two differ, the larger a share, for what differs by a level or two is not seen to flicker. The mean of two
textures is flatter than either: half of what is lost is made up for.

Beside a share of 0.35 everywhere, as it was (36 frames of four training clips, 0.005 and 0.01 bits per pixel): warping
error -7.6 and -4.3 %, LPIPS +1.0 and 0.0 %, a second network's distance +0.1 and -0.2 %, PSNR +0.05 and +0.04 dB. (That
share had taken 8 and 14 % off the error, and cost 1.7 and 3.4 % of LPIPS: two clips, 0.01.) If all that is lost were
made up for, LPIPS would be 0.4 % less, and 2.7 % more where motion is fast: there the mean of two inventions is nearer
the truth than either. What was sent steadied, too, takes 2 % off the error and costs 0.5 % of LPIPS; weights by how
well motion there and back agree gain nothing.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.pictures.luma import luma_of, shrunk_to
from semcodec.pictures.motion import enlarged, far_motion, read_at
from semcodec.pictures.windows import means_of_windows

if TYPE_CHECKING:
    from semcodec.pictures.luma import Luma
    from semcodec.types import Pixels

    Floats = np.ndarray[Any, np.dtype[np.float32]]

_SHARE = 0.8
_AGREE = 6.0  # levels of luma: where the sent frames differ by that much, a third of the share is left
_DIFFER = 4.0  # levels: where what is added differs by that much, half of the share is taken
_MOST_LOST = 2.0  # of the power of what is added, in their mean
_MADE_UP = 0.25  # half of it: amplitudes are powers to 1/2
_NEAR_PX = 4  # all that is compared over as much around each pixel
_LARGEST_PX = 150_000  # of the frames in which motion is looked for


@dataclass(frozen=True, slots=True)
class _Before:
    sent_HW: Luma  # as it was decoded, small
    plain_HW: Luma  # enlarged
    added_HWC: Floats


class Steady:
    """Takes the frames of one shot in their order."""

    def __init__(self) -> None:
        self._before: _Before | None = None

    def steadied(self, decoded_HWC: Pixels, plain_HWC: Pixels, restored_HWC: Pixels) -> Pixels:
        """The next frame: as it was decoded, enlarged, and restored at that size."""
        sent_HW, plain_HW = shrunk_to(luma_of(decoded_HWC), _LARGEST_PX), luma_of(plain_HWC)
        added_HWC = restored_HWC.astype(np.float32) - plain_HWC
        shown_HWC = added_HWC
        if self._before is not None:
            moved = self._moved(sent_HW, plain_HW.shape)
            apart_HWC = moved[..., :3] - added_HWC
            agree_HW = np.exp(-np.square(_near(np.abs(plain_HW - moved[..., 3])) / _AGREE))
            differ_HW = _near(_power(apart_HWC))
            share_HW = np.float32(_SHARE) * agree_HW * (differ_HW / (differ_HW + np.float32(_DIFFER**2)))
            mixed_HWC = added_HWC + share_HW[..., None] * apart_HWC
            lost_HW = (_near(_power(added_HWC)) + 1) / (_near(_power(mixed_HWC)) + 1)
            shown_HWC = mixed_HWC * (np.clip(lost_HW, 1, _MOST_LOST) ** _MADE_UP)[..., None]
            added_HWC = mixed_HWC
        self._before = _Before(sent_HW, plain_HW, added_HWC)
        steadied_HWC: Pixels = np.clip(np.rint(plain_HWC + shown_HWC), 0, 255).astype(np.uint8)
        return steadied_HWC

    def _moved(self, sent_HW: Luma, shape: tuple[int, ...]) -> Floats:
        """(H, W, 4): what was added to the frame before, and its luma, where they have gone."""
        assert self._before is not None
        down, right = far_motion(sent_HW, self._before.sent_HW)
        height, width = shape
        scale = (height / sent_HW.shape[0], width / sent_HW.shape[1])
        down_HW, right_HW = enlarged(down * scale[0], height, width), enlarged(right * scale[1], height, width)
        return read_at(np.dstack([self._before.added_HWC, self._before.plain_HW]), down_HW, right_HW)


def _power(image_HWC: Floats) -> Floats:
    """The mean square of each pixel's channels."""
    return np.asarray(np.einsum("hwc,hwc->hw", image_HWC, image_HWC) * np.float32(1 / image_HWC.shape[2]))


def _near(image_HW: Floats) -> Floats:
    """Means of what is around each pixel; the edge goes on outside."""
    return means_of_windows(np.pad(image_HW, _NEAR_PX, mode="edge"), 2 * _NEAR_PX + 1)
