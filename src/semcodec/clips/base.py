"""Base clips to the frames that they show: decoded, enlarged, restored, steadied, one after the other.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from semcodec.clips.steady import Steady
from semcodec.clips.walk import Made, Shown
from semcodec.errors import UnknownBaseError
from semcodec.ids import BaseClipCoding
from semcodec.layers.base.av1_clip import key_quantizer, tools_of
from semcodec.layers.base.obus import NoBaseError
from semcodec.painters.frames import FramePainter
from semcodec.types import Scene

if TYPE_CHECKING:
    from semcodec.file.clips import BaseClip
    from semcodec.models import Models
    from semcodec.types import Size


def pictures_of_base(base: BaseClip, size: Size, models: Models, *, restore: bool = True) -> Iterator[Shown]:
    """As far as its units go. Raises `UnknownBaseError`, `DamagedError`, `MissingExtraError` where there is no PyAV."""
    from semcodec.video.av1 import decoded_av1

    if base.coding != BaseClipCoding.AV1:
        raise UnknownBaseError(
            f"the base clip at offset {base.offset} has the coding {base.coding}, which is unknown to this build",
            offset=base.offset,
        )
    frames = FramePainter(base.coded, _quantizer(base))
    painter = models.restored(frames) if restore else frames
    made, scene, steady = Made.SENT if painter is frames else Made.RESTORED, Scene(size), Steady()
    for number, decoded_HWC in enumerate(decoded_av1(base)):
        frames.decoded_HWC = decoded_HWC
        image_HWC = frames.render(scene)
        if painter is not frames:
            image_HWC = steady.steadied(decoded_HWC, image_HWC, painter.render(scene))
        yield Shown(base.first + number * base.every, image_HWC, made)


def _quantizer(base: BaseClip) -> int | None:
    try:
        return key_quantizer(base.units[0], base.coded, tools_of(base.tools)) if base.units else None
    except NoBaseError:  # (decoding will say so)
        return None
