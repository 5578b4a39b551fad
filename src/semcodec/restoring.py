"""From a picture of another codec that lost too much to one that a network has finished.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from semcodec.arguments import door
from semcodec.errors import NothingToRestoreError
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.metadata.provenance import PART_PX, Part, Provenance
from semcodec.models import Models, default_models
from semcodec.painters.told import coded_told, fineness
from semcodec.pictures import Codec, Coding, coding_of, load_picture
from semcodec.pictures.opening import read_bytes
from semcodec.types import Metadata, Size

if TYPE_CHECKING:
    from semcodec.sources import FileSource
    from semcodec.types import Pixels

RESTORING = ("semcodec.nets.restorer", "semcodec.zoo.catalog", "PIL.Image")  # for `door`
# From this fineness on there is little to restore: JPEG of quality 90, the others of about as little error.
FINE = {Codec.JPEG: 1.4, Codec.WEBP: 2.0, Codec.AVIF: 1.8, Codec.HEIC: 1.8, Codec.JPEG_XL: 1.8}


@dataclass(frozen=True, slots=True)
class Restored:
    """A picture that was restored, and what is to be said of it.

    Attributes:
        image_HWC: (H, W, 3) uint8 sRGB, upright, on white where it is transparent.
        alpha_HW: how opaque each pixel is, (H, W) uint8; None: all are.
        provenance: that a network went over it, and which.
        coding: how the file was coded; None: it was not recognised.
        metadata: EXIF, XMP and colour profile of the upright picture.
        notes: what had to be done to read it, one sentence each; `damage`: what was wrong with the file, whose pixels
            are all there nevertheless.
    """

    image_HWC: Pixels
    alpha_HW: Pixels | None
    provenance: Provenance
    coding: Coding | None
    metadata: Metadata
    notes: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()


@door(*RESTORING)
def restore(
    picture: FileSource,
    *,
    strength: float = 1.0,
    force: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    models: Models | None = None,
) -> Restored:
    """A JPEG, WebP, AVIF, HEIC or JPEG XL file of low quality to a picture that the embedded restorer has finished.

    Its codec and quality are read from the file, and told to the network.

    Args:
        strength: how far from the file's own picture (0) to the restored one (1).
        force: whether to restore what looks fine, or is of no lossy codec that is recognised.
        models: the networks that are used; None: those that this build ships.

    Raises:
        NothingToRestoreError: it looks fine already, or is of no such codec, and `force` is not given.
        PictureError, LimitError: it cannot be read. WeightsError: this build ships no restorer. ValueError: a strength
        that is none.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength {strength} is not within 0..1")
    name = os.fspath(picture) if isinstance(picture, os.PathLike) else "the picture"
    data = read_bytes(picture, name)
    loaded = load_picture(data, limits=limits, name=name)
    coding = coding_of(data)
    coding = coding and coding.looked_at(loaded.image_HWC)
    if not force:
        _refuse_fine(coding, loaded.size, name)
    restorer, nets = (models or default_models()).needed_restorer()
    restored_HWC = nets.restore(loaded.image_HWC, coded_told(coding, loaded.size))
    image_HWC = _as_asked(loaded.image_HWC, restored_HWC, strength)
    said = "a picture file" if coding is None else coding.sentence(loaded.size)
    return Restored(
        image_HWC,
        loaded.alpha_HW,
        _provenance(restorer, said, loaded.size, len(data)),
        coding,
        loaded.metadata,
        tuple(note for note in loaded.notes if note not in loaded.damage),
        loaded.damage,
    )


def _refuse_fine(coding: Coding | None, size: Size, name: str) -> None:
    all_the_same = "force it (--force, force=True) to have it restored all the same"
    if coding is None:
        *others, last = (codec.value for codec in Codec)
        raise NothingToRestoreError(
            f"{name}: is no lossy picture of a codec that is known here ({', '.join(others)} or {last}): there is "
            f"nothing to restore; {all_the_same}"
        )
    if fineness(coding, size) >= FINE[coding.codec]:
        raise NothingToRestoreError(
            f"{name}: looks fine already ({coding.sentence(size)}): there is nothing to restore; {all_the_same}"
        )


def _as_asked(plain_HWC: Pixels, restored_HWC: Pixels, strength: float) -> Pixels:
    """Grey where the file's picture is, and as strong as it is wanted."""
    from PIL import Image

    restored = Image.fromarray(restored_HWC)
    if all(np.array_equal(plain_HWC[..., 0], plain_HWC[..., channel]) for channel in (1, 2)):
        restored = restored.convert("L").convert("RGB")
    if strength < 1:
        restored = Image.blend(Image.fromarray(plain_HWC), restored, strength)
    return np.asarray(restored)


def _provenance(restorer: str, from_file: str, size: Size, num_bytes: int) -> Provenance:
    rows, cols = -(-size.height_px // PART_PX), -(-size.width_px // PART_PX)
    parts_RK = np.full((rows, cols), Part.RESTORED, dtype=np.uint8)
    return Provenance(1, 0, "", from_file=from_file, restorer=restorer, num_bytes=num_bytes, parts_RK=parts_RK)
