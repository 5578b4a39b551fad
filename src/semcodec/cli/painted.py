"""A painting as the bytes of a picture file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semcodec.painting import Painting


def painted_bytes(painting: Painting, format: str, target: str, notes: list[str], *, strip: bool = False) -> bytes:
    """With what belongs to it, as far as the format has a place; `strip` leaves EXIF, XMP and the profile out.

    `target` names the output in errors. `notes` receives a sentence for each thing that the format cannot hold.
    """
    from semcodec.pictures import Beside, picture_bytes
    from semcodec.types import Metadata

    kept = Metadata() if strip else painting.reading.metadata
    beside = Beside(painting.alpha_HW, kept.icc_profile, kept.exif, kept.xmp, painting.provenance)
    return picture_bytes(painting.image_HWC, format=format, name=target, beside=beside, notes=notes)
