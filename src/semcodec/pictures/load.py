"""Pictures of every ordinary kind to 8-bit sRGB, with what belongs to them.

Promises
1. What comes out is uint8 (H, W, 3) sRGB, upright, with nothing garbled silently: every conversion that loses or
   guesses something leaves one sentence in `notes`.
2. The size is asked of the header before pixels are decoded, and `Limits` decides.
3. EXIF, XMP and transparency are those of the upright picture that comes out.
4. Whatever is wrong with the input is one `PictureError` or `LimitError`; no error of Pillow comes through. Nothing
   that is global to the process is touched (`quiet.py`).

```text
open -> limits -> decode -> depth to 8 bits -> colours to sRGB -> alpha onto white -> upright (EXIF)
```

Colours are what an ICC profile says, or what the file declares otherwise (`declared.py`). High dynamic range is shown
through a fixed tone curve (`hdr.py`). It does not know: gain maps, layers, spot colours.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np

from semcodec.errors import PictureError, SemcodecError
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.metadata.exif import orientation_of
from semcodec.pictures.animated import FORMATS
from semcodec.pictures.colours import through_gamma, to_srgb
from semcodec.pictures.declared import Declared, colour_by_exif, declared_colour
from semcodec.pictures.embedded import exif_orientation, kept_upright, metadata_of, png_gamma
from semcodec.pictures.icons import sizes_inside
from semcodec.pictures.key import alpha_by_key, depth_of
from semcodec.pictures.modes import (
    COLOUR_MODES,
    channels_are_deep,
    from_deep,
    note_16_bits,
    note_deep_colours,
    onto_white,
    split_alpha,
    to_8_bits,
    white_of,
)
from semcodec.pictures.opening import ask_limits, damage_named, decode_pixels, open_picture, read_bytes
from semcodec.pictures.quiet import reason
from semcodec.types import Metadata, Size

if TYPE_CHECKING:
    from PIL import Image as PilImage

    from semcodec.sources import FileSource
    from semcodec.types import Pixels

    PictureSource: TypeAlias = "str | FileSource"
    PictureLike: TypeAlias = "PilImage.Image | np.ndarray[Any, Any] | LoadedPicture | FileSource"

# EXIF's orientations, and what makes such a picture upright.
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_NOTHING = Metadata()


@dataclass(frozen=True, slots=True)
class LoadedPicture:
    """Pixels ready to encode, and what had to be done to get them: one sentence each.

    `alpha_HW`: how opaque each pixel is; the pixels stand on white. None: all are opaque. `metadata` has what a boxed
    file may keep. `lost` names what a bare file loses, in words: "EXIF", "XMP". `damage`: a sentence for each thing
    that is wrong with a file whose pixels are all there nevertheless.
    """

    image_HWC: Pixels
    size: Size
    notes: tuple[str, ...] = ()
    alpha_HW: Pixels | None = None
    metadata: Metadata = field(default_factory=Metadata)
    lost: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()


def load_picture(
    source: PictureSource, *, limits: Limits = DEFAULT_LIMITS, given: Metadata = _NOTHING, name: str = ""
) -> LoadedPicture:
    """Reads a picture from a path, from the bytes of a file, or from a binary stream. `given` as in `as_pixels`; `name`
    stands in errors where it is no path.
    """
    name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else name or "the picture"
    data = read_bytes(source, name)
    for inner in sizes_inside(data):
        ask_limits(inner.width_px, inner.height_px, name, limits, what="a picture inside it")
    with open_picture(data, name, limits) as image:
        ask_limits(image.width, image.height, name, limits)
        return _of_image(image, name, given, limits, io.BytesIO(data))


def as_pixels(
    image: PictureLike,
    *,
    limits: Limits = DEFAULT_LIMITS,
    given: Metadata = _NOTHING,
) -> LoadedPicture:
    """Takes a PIL picture of any mode, an array: (H, W), (H, W, 1), (H, W, 2) with alpha, (H, W, 3), (H, W, 4), or, as
    `load_picture` does, a file (but no path that is a string).

    `given`: EXIF, XMP and a colour profile that speak of these pixels in place of the picture's own; empty bytes: none.
    What was loaded here before passes unchanged, but for what is given.
    """
    if isinstance(image, LoadedPicture):
        ask_limits(image.size.width_px, image.size.height_px, "the picture", limits)
        return image if given == _NOTHING else _of_array(image.image_HWC, limits, given)
    if isinstance(image, np.ndarray):
        return _of_array(image, limits, given)
    from PIL import Image

    if isinstance(image, bytes | bytearray | memoryview | os.PathLike) or (
        not isinstance(image, Image.Image) and callable(getattr(image, "read", None))
    ):
        return load_picture(image, limits=limits, given=given)
    if not isinstance(image, Image.Image):
        raise PictureError(
            f"a {type(image).__module__}.{type(image).__qualname__} is no picture; "
            "pass a PIL.Image.Image or a numpy array (a path is opened with PIL.Image.open)"
        )
    ask_limits(image.width, image.height, "the picture", limits)
    return _of_image(image, "the picture", given, limits, getattr(image, "fp", None))


def _of_image(
    image: PilImage.Image, name: str, given: Metadata, limits: Limits, file: BinaryIO | None
) -> LoadedPicture:
    """`file`: the one that the picture was opened from, where that is known."""
    notes: list[str] = []
    damage: list[str] = []
    is_deep, white = channels_are_deep(image), white_of(image)
    declared = declared_colour(image, file)
    with damage_named(name):
        depth = depth_of(image, file)
    image = decode_pixels(image, name, limits, file, damage)
    _note_frames(image, notes)
    orientation = orientation_of(given.exif) if given.exif else exif_orientation(image, notes)
    metadata = metadata_of(image, given)
    try:
        by_key = alpha_by_key(image, depth, notes)
        colour, alpha = split_alpha(to_8_bits(image, white, notes), by_key, notes)
        if is_deep and image.mode in COLOUR_MODES:
            note_deep_colours(colour, notes)
        if given.icc_profile is not None:  # what was given speaks for the pixels alone
            declared = Declared()
        loaded = _as_loaded(colour, alpha, metadata, orientation, notes, declared=declared, gamma=png_gamma(image))
        return replace(loaded, damage=tuple(damage))
    except (SemcodecError, MemoryError):
        raise
    except Exception as exc:
        raise PictureError(
            f"{name}: {image.mode} pixels cannot be converted to sRGB: {reason(exc)}; convert it to an RGB PNG first"
        ) from exc


def _of_array(image: np.ndarray[Any, Any], limits: Limits, given: Metadata) -> LoadedPicture:
    shape = "x".join(str(side) for side in image.shape)
    if image.ndim == 3 and image.shape[0] in {1, 3, 4} and min(image.shape[1:]) > 4:
        raise PictureError(f"an array of shape {shape} has its channels first; pass image.transpose(1, 2, 0)")
    if image.ndim not in {2, 3} or (image.ndim == 3 and image.shape[2] not in {1, 2, 3, 4}):
        raise PictureError(f"an array of shape {shape} is no picture; (H, W) or (H, W, 1..4) is needed")
    ask_limits(image.shape[1], image.shape[0], "the picture", limits)
    notes: list[str] = []
    image_HWC = image[:, :, None] if image.ndim == 2 else image
    if image.dtype == np.bool_:
        image_HWC = image_HWC.astype(np.uint8) * np.uint8(255)
        notes.append("booleans were taken as black and white")
    elif image.dtype.kind == "u" and image.dtype.itemsize == 2:
        note_16_bits(int(image_HWC[:, :, : 3 if image_HWC.shape[2] > 2 else 1].max()), notes)
        image_HWC = from_deep(image_HWC)
    elif image.dtype != np.uint8:
        raise PictureError(
            f"an array of {image.dtype} does not say what white is; pass uint8 0..255 or uint16 0..65535 "
            "(values 0..1: (image * 255).round().astype('uint8'))"
        )
    num_channels = image_HWC.shape[2]
    if num_channels in {1, 2}:
        notes.append("grey was widened to RGB")
    rgb_HWC = np.repeat(image_HWC[:, :, :1], 3, axis=2) if num_channels < 3 else image_HWC[:, :, :3]
    rgb_HWC = np.ascontiguousarray(rgb_HWC)
    if num_channels in {1, 3} and given == _NOTHING:
        return LoadedPicture(rgb_HWC, Size(image.shape[1], image.shape[0]), tuple(notes))
    from PIL import Image

    alpha = Image.fromarray(np.ascontiguousarray(image_HWC[:, :, -1])) if num_channels in {2, 4} else None
    return _as_loaded(Image.fromarray(rgb_HWC), alpha, given, orientation_of(given.exif), notes)


def _as_loaded(
    colour: PilImage.Image,
    alpha: PilImage.Image | None,
    metadata: Metadata,
    orientation: int,
    notes: list[str],
    *,
    declared: Declared | None = None,
    gamma: object = None,
) -> LoadedPicture:
    """Colours to sRGB, onto white, upright, with the metadata of what came of it."""
    if declared is None and gamma is None and not metadata.icc_profile:
        declared = colour_by_exif(metadata.exif)
    in_srgb = to_srgb(colour, metadata.icc_profile, notes, declared=declared)
    rgb = in_srgb.rgb
    if not metadata.icc_profile and declared is None:
        rgb = through_gamma(rgb, gamma, notes)
    if alpha is not None and alpha.getextrema()[0] == 255:
        notes.append("its alpha channel, opaque everywhere, was dropped")
        alpha = None
    if alpha is not None:
        rgb = onto_white(rgb, alpha)
    if orientation in _TURNS:
        from PIL import Image

        turn = Image.Transpose[_TURNS[orientation]]
        rgb = rgb.transpose(turn)
        alpha = alpha.transpose(turn) if alpha is not None else None
        notes.append(f"it was turned upright as its EXIF orientation {orientation} says")
    image_HWC = np.array(rgb, dtype=np.uint8)
    alpha_HW = np.array(alpha, dtype=np.uint8) if alpha is not None else None
    kept = kept_upright(metadata, in_srgb.profile, notes)
    there = {
        "EXIF": kept.exif,
        "XMP": kept.xmp,
        f"the colour profile '{in_srgb.changed}'": in_srgb.changed and kept.icc_profile,
        "transparency (it was laid onto white)": alpha_HW is not None,
    }
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    return LoadedPicture(image_HWC, size, tuple(notes), alpha_HW, kept, tuple(word for word, it in there.items() if it))


def _note_frames(image: PilImage.Image, notes: list[str]) -> None:
    try:
        if not getattr(image, "is_animated", False) or image.format in {"ICO", "ICNS", "PSD"}:
            return
        # Pillow counts the pages of a TIFF file in a time that grows with the square of their number.
        several = "" if image.format == "TIFF" else f"{int(getattr(image, 'n_frames', 2))} "
    except Exception:  # counting walks the whole file, which may be damaged behind its first frame
        several = ""
    clip = "" if image.format not in FORMATS else "; `semcodec clip encode` takes them all"
    notes.append(f"only the first of its {several}frames or pages was taken{clip}")
