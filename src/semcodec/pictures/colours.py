"""Colours to sRGB through ICC profiles, declared spaces and PNG's gamma, and from sRGB back to a profile's."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.errors import PictureError
from semcodec.layers.text.show import escape_for_display
from semcodec.pictures.hdr import WHITE_CD_M2, to_sdr
from semcodec.pictures.primaries import Curve, srgb_samples, unusual_gamma
from semcodec.pictures.quiet import reason

if TYPE_CHECKING:
    from PIL import Image as PilImage
    from PIL import ImageCms

    from semcodec.pictures.declared import Declared

_WIDENED = [min(max(round((level - 16) * 255 / 219), 0), 255) for level in range(256)]
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


def to_srgb(colour: PilImage.Image, profile: object, notes: list[str], *, declared: Declared | None = None) -> InSrgb:
    """Through the ICC profile where there is a good one, or what is declared otherwise. `colour` has no alpha."""
    if declared is not None and colour.mode in {"RGB", "L"}:
        if declared.is_narrow:
            notes.append("its samples of the narrow range 16..235 were widened to 0..255")
            colour = colour.point(_WIDENED * len(colour.getbands()))
        if declared.rules or not profile:
            shown = _through_declared(colour, declared, notes)
            if shown is not None:
                return shown
            profile = declared.profile
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


def _through_declared(colour: PilImage.Image, declared: Declared, notes: list[str]) -> InSrgb | None:
    """None where it is sRGB, or a profile says more."""
    if declared.note is not None:
        notes.append(declared.note)
    space = declared.space
    if space is None:
        return None
    if space.curve in {Curve.PQ, Curve.HLG}:
        from PIL import Image

        notes.append(
            f"colours were converted to sRGB from {space.name} by a fixed tone curve: {WHITE_CD_M2:.0f} cd/m2 are "
            "nearly white, what is brighter is compressed"
        )
        return InSrgb(Image.fromarray(to_sdr(np.asarray(colour.convert("RGB")), space)))
    return _through_profile(colour, space.profile(), notes)


def from_srgb(picture: PilImage.Image, profile_bytes: bytes) -> PilImage.Image | None:
    """sRGB pixels, of mode RGB or RGBA, in the colours of a profile for RGB; None where it does not say how."""
    from PIL import ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes))
        if profile.profile.xcolor_space.strip() != "RGB":
            return None
        back = _transform(ImageCms.createProfile("sRGB"), profile, "RGB")
        converted = ImageCms.applyTransform(picture.convert("RGB"), back)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if converted is not None and picture.mode == "RGBA":
        converted.putalpha(picture.getchannel("A"))
    return converted


def _transform(source: Any, target: Any, mode: str) -> ImageCms.ImageCmsTransform:
    """From pixels of `mode` in one profile to RGB in another, as photographs are printed."""
    from PIL import ImageCms

    how = ImageCms.Intent.PERCEPTUAL, ImageCms.Flags.BLACKPOINTCOMPENSATION
    return ImageCms.buildTransform(source, target, mode, "RGB", how[0], flags=how[1])


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
        forth = _transform(profile, ImageCms.createProfile("sRGB"), colour.mode)
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


def through_gamma(rgb: PilImage.Image, told: object, notes: list[str]) -> PilImage.Image:
    """By PNG's gAMA, where it is `told`."""
    gamma = unusual_gamma(told)
    if gamma is None:
        return rgb
    srgb = srgb_samples(np.linspace(0, 1, 256) ** (1 / gamma))
    notes.append(f"its gamma of {gamma:.3g} was changed to that of sRGB")
    return rgb.point(np.rint(srgb * 255).astype(int).tolist() * 3)


def _changes_nothing(forth: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a transform is sRGB to sRGB in all but name, tried on a lattice of colours."""
    from PIL import Image, ImageCms

    levels = np.linspace(0, 255, 18).astype(np.uint8)
    if mode == "L":
        lattice = levels[None, :]
    else:
        lattice = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(18, 324, 3)
    picture = Image.fromarray(lattice)
    after = ImageCms.applyTransform(picture, forth)
    assert after is not None
    change = np.asarray(after).astype(np.int16) - np.asarray(picture.convert("RGB"))
    return int(np.abs(change).max()) <= _SRGB_TOLERANCE


def _lab_to_srgb(colour: PilImage.Image) -> PilImage.Image:
    from PIL import ImageCms

    to_srgb = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    converted = ImageCms.applyTransform(colour, to_srgb)
    assert converted is not None
    return converted
