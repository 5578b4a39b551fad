"""Colours to sRGB through ICC profiles and PNG's gamma, and from sRGB back to a profile's."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from semcodec.errors import PictureError
from semcodec.layers.text.show import escape_for_display
from semcodec.pictures.quiet import reason

if TYPE_CHECKING:
    from PIL import Image as PilImage

# Profiles whose result differs from the pixels by no more than this are sRGB by another name (rounding of tables).
_SRGB_TOLERANCE = 3


@dataclass(frozen=True, slots=True)
class InSrgb:
    """Pixels of mode RGB in sRGB. `profile`: the one they came in, if sRGB can be converted to it; `changed`: its name,
    if it is not sRGB by another name.
    """

    rgb: PilImage.Image
    profile: bytes | None = None
    changed: str | None = None


def to_srgb(colour: PilImage.Image, profile: object, notes: list[str]) -> InSrgb:
    """Through the ICC profile where there is a good one. `colour` has no alpha."""
    if isinstance(profile, bytes) and profile:
        converted = _through_profile(colour, profile, notes)
        if converted is not None:
            return converted
    mode = colour.mode
    if mode == "LAB":
        notes.append("LAB colours were converted to sRGB")
        return InSrgb(_lab_to_srgb(colour))
    if mode == "CMYK":
        notes.append("CMYK without a usable profile was converted by the plain formula: colours may be off")
    elif mode in {"YCbCr", "HSV"}:
        notes.append(f"{mode} colours were converted to sRGB")
    elif mode not in {"L", "RGB", "1"}:
        raise PictureError(f"{mode} pixels are not known here; convert the picture to RGB first")
    return InSrgb(colour.convert("RGB"))


def from_srgb(rgb: PilImage.Image, profile_bytes: bytes) -> PilImage.Image | None:
    """sRGB pixels in the colours of a profile for RGB; None where it does not say how."""
    from PIL import ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes))
        if profile.profile.xcolor_space.strip() != "RGB":
            return None
        back = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"),
            profile,
            "RGB",
            "RGB",
            ImageCms.Intent.PERCEPTUAL,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        return ImageCms.applyTransform(rgb, back)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _through_profile(colour: PilImage.Image, profile_bytes: bytes, notes: list[str]) -> InSrgb | None:
    """None where the profile cannot be used; a sentence says why."""
    from PIL import Image, ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes))
        space = profile.profile.xcolor_space.strip()
        said = " ".join((profile.profile.profile_description or "").split())
        description = escape_for_display(said) or "unnamed"
        wanted = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab"}.get(colour.mode)
        if space == "RGB" and colour.mode == "L":
            # Grey pixels with a profile for RGB: the same value three times is what the profile speaks about.
            colour, wanted = colour.convert("RGB"), "RGB"
        if space != wanted:
            notes.append(f"its colour profile '{description}' is for {space}, not for {colour.mode} pixels: ignored")
            return None
        forth = ImageCms.buildTransform(
            profile,
            ImageCms.createProfile("sRGB"),
            colour.mode,
            "RGB",
            ImageCms.Intent.PERCEPTUAL,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        kept = profile_bytes if space == "RGB" and from_srgb(Image.new("RGB", (1, 1)), profile_bytes) else None
        if colour.mode in {"RGB", "L"} and _changes_nothing(forth, colour.mode):
            return InSrgb(colour.convert("RGB"), kept)
        converted = ImageCms.applyTransform(colour, forth)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as exc:
        notes.append(f"its colour profile is damaged ({reason(exc)}): colours were taken as sRGB")
        return None
    assert isinstance(converted, Image.Image)
    notes.append(f"colours were converted to sRGB from the profile '{description[:80]}'")
    return InSrgb(converted, kept, description[:80])


def through_gamma(rgb: PilImage.Image, gamma: object, notes: list[str]) -> PilImage.Image:
    """PNG's gAMA: samples are light to the power of `gamma`. The usual 1/2.2 is sRGB for all that people mean by it."""
    if not isinstance(gamma, float) or not 0.1 <= gamma <= 2 or abs(gamma - 1 / 2.2) < 0.03:
        return rgb
    light = np.linspace(0, 1, 256) ** (1 / gamma)
    srgb = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    notes.append(f"its gamma of {gamma:.3g} was changed to that of sRGB")
    return rgb.point(np.rint(srgb * 255).astype(int).tolist() * 3)


def _changes_nothing(forth: object, mode: str) -> bool:
    """Whether a transform is sRGB to sRGB in all but name, tried on a lattice of colours."""
    from PIL import Image, ImageCms

    levels = np.linspace(0, 255, 18).astype(np.uint8)
    if mode == "L":
        lattice = levels[None, :]
    else:
        lattice = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(18, 324, 3)
    picture = Image.fromarray(lattice)
    after = ImageCms.applyTransform(picture, forth)  # type: ignore[arg-type]
    assert after is not None
    change = np.asarray(after).astype(np.int16) - np.asarray(picture.convert("RGB"))
    return int(np.abs(change).max()) <= _SRGB_TOLERANCE


def _lab_to_srgb(colour: PilImage.Image) -> PilImage.Image:
    from PIL import ImageCms

    to_srgb = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    converted = ImageCms.applyTransform(colour, to_srgb)
    assert converted is not None
    return converted
