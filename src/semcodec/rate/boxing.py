"""What goes into the boxes behind a picture, and how many bytes its transparency may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from semcodec.container.boxes.encode import pack_boxes
from semcodec.limits import Limits
from semcodec.pictures import pack_alpha
from semcodec.types import Metadata, Section

if TYPE_CHECKING:
    from semcodec.types import Pixels

ALPHA_SHARE = 3  # transparency takes at most a third of what picture and transparency have together
LEAST_ALPHA_BYTES = 64  # a WebP file that says anything


def boxes_for(
    metadata: Metadata, alpha_HW: Pixels | None, max_bytes: int, limits: Limits, *, counted: bool
) -> list[Section]:
    """The boxes of a file. `max_bytes` is for picture and transparency, and if `counted` for the other boxes, too.

    Raises:
        LimitError: they unpack to more than a reader with these limits takes.
    """
    boxes = pack_boxes(metadata)
    if alpha_HW is not None:
        left = max_bytes - sum(len(box.payload) for box in boxes if counted)
        metadata = replace(metadata, alpha=pack_alpha(alpha_HW, max(left // ALPHA_SHARE, LEAST_ALPHA_BYTES)))
        boxes = pack_boxes(metadata)
    plain = (metadata.alpha, metadata.icc_profile, metadata.exif, metadata.xmp)
    num_bytes = sum(len(part) for part in plain if part)
    limits.ask("max_metadata_bytes", num_bytes, f"the metadata of the picture has {num_bytes} bytes")
    return boxes


def loss_of(what: Sequence[str]) -> str:
    """The sentence that warns of what a bare file does not hold."""
    listed = " and ".join([", ".join(what[:-1]), what[-1]] if len(what) > 1 else what)
    return f"the file does not keep {listed}; --boxed keeps such things, --strip drops them without this line"
