"""Pictures of every ordinary kind to 8-bit sRGB, and back to files. The only importer of PIL below the doors.

Promises
1. What comes out is uint8 (H, W, 3) sRGB, upright, with nothing garbled silently: every conversion that loses or
   guesses something leaves one sentence in `notes`.
2. The size is asked of the header before pixels are decoded, and `Limits` decides.
3. Whatever is wrong with the input is one `PictureError` or `LimitError`; no error or warning of Pillow comes through.

```text
open -> limits -> decode -> depth to 8 bits -> colours to sRGB (ICC) -> alpha onto white -> upright (EXIF)
```

It does not know: gain maps, high dynamic range (PQ, HLG), layers, spot colours.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np

from semcodec.errors import LimitError, PictureError, SemcodecError
from semcodec.files import write_atomic
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import Size

if TYPE_CHECKING:
    from PIL import Image as PilImage

    from semcodec.types import Pixels

    PictureSource: TypeAlias = "str | os.PathLike[str] | bytes | BinaryIO"

# Suffixes that decoded pictures are written to, and how. PNG, TIFF, BMP, PPM and WebP lose nothing.
OUTPUT_FORMATS = {
    "png": "PNG",
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "webp": "WEBP",
    "avif": "AVIF",
    "tif": "TIFF",
    "tiff": "TIFF",
    "bmp": "BMP",
    "ppm": "PPM",
}
# Stands in every picture that `save_picture` writes where the format has a place for it.
SOFTWARE = "semcodec"

_EXIF_SOFTWARE, _EXIF_ORIENTATION = 0x0131, 0x0112
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
# Formats that Pillow hands to another program or to the operating system: never for a stranger's file.
_PROGRAM_FORMATS = frozenset({"EPS", "WMF", "EMF"})
_PILLOW = threading.RLock()
_COLOUR_MODES = frozenset({"RGB", "RGBA", "RGBX", "RGBa", "CMYK", "LA", "La"})
# Profiles whose result differs from the pixels by no more than this are sRGB by another name (rounding of tables).
_SRGB_TOLERANCE = 3


@dataclass(frozen=True, slots=True)
class LoadedPicture:
    """Pixels ready to encode, and what had to be done to get them: one sentence each."""

    image_HWC: Pixels
    size: Size
    notes: tuple[str, ...] = ()


def load_picture(source: PictureSource, *, limits: Limits = DEFAULT_LIMITS) -> LoadedPicture:
    """Reads a picture from a path, from the bytes of a file, or from a binary stream."""
    name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else "the picture"
    data = _read_bytes(source, name)
    if not data:
        raise PictureError(f"{name}: is empty; a picture file is needed")
    from PIL import Image

    with _quiet_pillow():
        # Its guard against huge pictures is set aside: `Limits` is asked as soon as the header has been read.
        pillows_guard, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            with _open(data, name) as image:
                _ask_limits(image.width, image.height, name, limits)
                return _to_srgb(image, name)
        finally:
            Image.MAX_IMAGE_PIXELS = pillows_guard


def as_pixels(image: PilImage.Image | np.ndarray[Any, Any], *, limits: Limits = DEFAULT_LIMITS) -> LoadedPicture:
    """Takes a PIL picture of any mode, or an array: (H, W), (H, W, 1), (H, W, 2) with alpha, (H, W, 3), (H, W, 4)."""
    if isinstance(image, np.ndarray):
        return _array_to_srgb(image, limits)
    from PIL import Image

    if not isinstance(image, Image.Image):
        raise PictureError(
            f"a {type(image).__module__}.{type(image).__qualname__} is no picture; "
            "pass a PIL.Image.Image or a numpy array (a path is opened with PIL.Image.open)"
        )
    _ask_limits(image.width, image.height, "the picture", limits)
    with _quiet_pillow():
        return _to_srgb(image, "the picture")


def save_picture(image_HWC: Pixels, target: str | os.PathLike[str] | BinaryIO, *, format: str | None = None) -> None:
    """Writes uint8 sRGB pixels, to a path atomically. The format is named, or follows from the suffix, or is PNG."""
    if isinstance(target, (str, os.PathLike)):
        name = os.fspath(target)
        write_atomic(target, picture_bytes(image_HWC, format=format or Path(name).suffix[1:], name=name))
    else:
        target.write(picture_bytes(image_HWC, format=format or "png"))


def picture_bytes(image_HWC: Pixels, *, format: str, name: str = "the picture") -> bytes:
    """The bytes of a picture file. Lossy formats are written at high quality: the pixels have lost enough already."""
    from PIL import Image, PngImagePlugin

    pil_format = OUTPUT_FORMATS.get(format.lower())
    if pil_format is None:
        known = ", ".join(OUTPUT_FORMATS)
        raise PictureError(f"{name}: cannot write the format {format!r}; the known ones are {known}")
    picture = Image.fromarray(np.ascontiguousarray(image_HWC))
    options: dict[str, Any] = {}
    if pil_format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Software", SOFTWARE)
        options = {"pnginfo": text}
    elif pil_format in {"JPEG", "WEBP", "AVIF", "TIFF"}:
        exif = Image.Exif()
        exif[_EXIF_SOFTWARE] = SOFTWARE
        by_format: dict[str, dict[str, Any]] = {
            "JPEG": {"quality": 95, "subsampling": 0, "exif": exif},
            "WEBP": {"lossless": True, "exif": exif},
            "AVIF": {"quality": 90, "subsampling": "4:4:4", "exif": exif},
            "TIFF": {"compression": "tiff_adobe_deflate", "exif": exif},
        }
        options = by_format[pil_format]
    out = io.BytesIO()
    try:
        picture.save(out, pil_format, **options)
    except (OSError, ValueError, KeyError) as exc:
        raise PictureError(f"{name}: could not be written as {pil_format}: {exc}") from exc
    return out.getvalue()


# ---- opening


def _read_bytes(source: PictureSource, name: str) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    try:
        if isinstance(source, (str, os.PathLike)):
            return Path(source).read_bytes()
        return source.read()
    except FileNotFoundError as exc:
        raise PictureError(f"{name}: there is no such file") from exc
    except IsADirectoryError as exc:
        raise PictureError(f"{name}: is a folder, not a picture") from exc
    except OSError as exc:
        raise PictureError(f"{name}: cannot be read: {exc.strerror or exc}") from exc


def _ask_limits(width_px: int, height_px: int, name: str, limits: Limits) -> None:
    if width_px < 1 or height_px < 1:
        raise PictureError(f"{name}: has no pixels ({width_px}x{height_px})")
    if width_px * height_px > limits.max_pixels:
        raise LimitError(
            f"{name}: {width_px}x{height_px} is above max_pixels={limits.max_pixels}; "
            "pass Limits(max_pixels=...) if you trust this picture"
        )
    if max(width_px, height_px) > limits.max_side_px:
        raise LimitError(
            f"{name}: {width_px}x{height_px} is above max_side_px={limits.max_side_px}; "
            "pass Limits(max_side_px=...) if you trust this picture"
        )


@contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Pillow's warnings and its size guard are global to the process: one picture at a time, and all put back."""
    with _PILLOW, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(data: bytes, name: str) -> PilImage.Image:
    """The header is read, the pixels are not."""
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(io.BytesIO(data))
    except UnidentifiedImageError as exc:
        begins = data[:4].hex(" ")
        raise PictureError(f"{name}: is no picture that can be read here (it begins with {begins})") from exc
    except MemoryError:
        raise
    except Exception as exc:  # a stranger's file may break any plugin in any way
        raise PictureError(f"{name}: is a damaged picture: {_reason(exc)}") from exc
    if image.format in _PROGRAM_FORMATS:
        image.close()
        raise PictureError(f"{name}: {image.format} is a drawing program, not pixels; render it to PNG first")
    return image


def _decode(image: PilImage.Image, name: str) -> None:
    try:
        image.load()
    except MemoryError:
        raise
    except Exception as exc:
        raise PictureError(f"{name}: the picture is cut short or damaged: {_reason(exc)}") from exc


def _reason(exc: Exception) -> str:
    return str(exc).strip().rstrip(".") or type(exc).__name__


# ---- conversion of PIL pictures


def _to_srgb(image: PilImage.Image, name: str) -> LoadedPicture:
    notes: list[str] = []
    deep_channels = _channels_are_deep(image)
    _decode(image, name)
    _note_frames(image, notes)
    orientation = _orientation(image, notes)
    profile = image.info.get("icc_profile")
    try:
        colour, alpha = _split_alpha(_to_8_bits(image, notes), notes)
        if deep_channels and image.mode in _COLOUR_MODES:
            notes.append("16 bits a channel were reduced to 8")
        rgb = _colours_to_srgb(colour, profile, notes)
        if image.format == "PNG" and not profile and "srgb" not in image.info:
            rgb = _through_gamma(rgb, image.info.get("gamma"), notes)
        if alpha is not None:
            rgb = _onto_white(rgb, alpha, notes)
        if orientation in _TURNS:
            from PIL import Image

            rgb = rgb.transpose(Image.Transpose[_TURNS[orientation]])
            notes.append(f"it was turned upright as its EXIF orientation {orientation} says")
    except (SemcodecError, MemoryError):
        raise
    except Exception as exc:
        raise PictureError(f"{name}: {image.mode} pixels cannot be converted to sRGB: {_reason(exc)}") from exc
    image_HWC = np.array(rgb, dtype=np.uint8)
    return LoadedPicture(image_HWC, Size(image_HWC.shape[1], image_HWC.shape[0]), tuple(notes))


def _note_frames(image: PilImage.Image, notes: list[str]) -> None:
    try:
        num_frames = int(getattr(image, "n_frames", 1)) if getattr(image, "is_animated", False) else 1
    except Exception:  # counting walks the whole file, which may be damaged behind its first frame
        num_frames = 2
    if num_frames > 1 and image.format not in {"ICO", "ICNS", "PSD"}:
        notes.append(f"only the first of its {num_frames} frames or pages was taken")


def _orientation(image: PilImage.Image, notes: list[str]) -> int:
    try:
        orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:
        notes.append("its EXIF data is damaged: an orientation in it would be lost")
        return 1
    return orientation if isinstance(orientation, int) else 1


def _channels_are_deep(image: PilImage.Image) -> bool:
    """Whether Pillow will drop the low bits of colour channels, which it does without a word. Asked before decoding."""
    for tile in getattr(image, "tile", ()):
        arguments = tile[3] if isinstance(tile[3], tuple) else (tile[3],)
        if any(isinstance(value, str) and ";16" in value for value in arguments):
            return True
        if image.format == "PPM" and any(isinstance(value, int) and value > 255 for value in arguments):
            return True
    return False


def _to_8_bits(image: PilImage.Image, notes: list[str]) -> PilImage.Image:
    """Deep greys to L. Pictures of 8 bits a channel pass unchanged."""
    from PIL import Image

    if image.mode.startswith("I;16"):
        deep_HW = np.asarray(image).astype(np.uint32)
        notes.append("16-bit grey was reduced to 8 bits")
        return Image.fromarray(_from_16_bits(deep_HW))
    if image.mode == "I":
        wide_HW = np.asarray(image).astype(np.int64)
        if wide_HW.min() >= 0 and wide_HW.max() <= 65535:
            notes.append("32-bit grey with 16-bit values was reduced to 8 bits")
            return Image.fromarray(_from_16_bits(wide_HW))
        notes.append(f"32-bit grey was stretched to 8 bits from its range {wide_HW.min()}..{wide_HW.max()}")
        return Image.fromarray(_stretch(wide_HW.astype(np.float64)))
    if image.mode == "F":
        float_HW = np.asarray(image).astype(np.float64)
        if not np.isfinite(float_HW).all():
            notes.append("values that are not numbers were taken as 0")
            float_HW = np.nan_to_num(float_HW, nan=0.0, posinf=0.0, neginf=0.0)
        least, most = float(float_HW.min()), float(float_HW.max())
        if least >= 0 and most <= 1:
            notes.append("floating-point grey was reduced to 8 bits, 0..1 taken as black..white")
            return Image.fromarray(np.rint(float_HW * 255).astype(np.uint8))
        if least >= 0 and most <= 255:
            notes.append("floating-point grey was rounded to 8 bits, 0..255 taken as black..white")
            return Image.fromarray(np.rint(float_HW).astype(np.uint8))
        notes.append(f"floating-point grey was stretched to 8 bits from its range {least:g}..{most:g}")
        return Image.fromarray(_stretch(float_HW))
    return image


def _from_16_bits(deep: np.ndarray[Any, Any]) -> Pixels:
    """Rounded to nearest: 0 stays 0, 65535 becomes 255."""
    return ((deep.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)


def _stretch(values: np.ndarray[Any, Any]) -> Pixels:
    least, most = float(values.min()), float(values.max())
    return np.rint((values - least) * (255 / max(most - least, 1e-30))).astype(np.uint8)


def _split_alpha(image: PilImage.Image, notes: list[str]) -> tuple[PilImage.Image, PilImage.Image | None]:
    """The colours in L, RGB, CMYK, LAB, YCbCr or HSV, and how opaque each pixel is (None: all are)."""
    mode = image.mode
    has_key = "transparency" in image.info  # one colour, or palette entries, that are transparent
    if mode in {"P", "PA"}:
        notes.append("palette colours were expanded")
        image = image.convert("RGBA" if has_key or mode == "PA" else "RGB")
    elif mode == "1":
        notes.append("black and white of 1 bit was widened to RGB")
        image = image.convert("RGBA" if has_key else "L")
    elif mode in {"L", "LA", "La"}:
        # (deep greys, which said their own sentence, arrive here with no info: `has_key` is False)
        notes.append("grey was widened to RGB")
        if mode == "La" or has_key:
            image = image.convert("LA")
    elif mode == "RGBa":
        image = image.convert("RGBA")
    elif mode == "RGBX":
        image = image.convert("RGB")
    elif mode == "RGB" and has_key:
        image = image.convert("RGBA")
    if image.mode == "RGBA":
        return image.convert("RGB"), image.getchannel("A")
    if image.mode == "LA":
        return image.getchannel("L"), image.getchannel("A")
    return image, None


def _onto_white(rgb: PilImage.Image, alpha: PilImage.Image, notes: list[str]) -> PilImage.Image:
    from PIL import Image

    least_opaque = alpha.getextrema()[0]
    if least_opaque == 255:
        notes.append("its alpha channel, opaque everywhere, was dropped")
        return rgb
    white = Image.new("RGB", rgb.size, (255, 255, 255))
    white.paste(rgb, mask=alpha)
    notes.append("transparency was dropped: the picture was laid onto white")
    return white


# ---- colours


def _colours_to_srgb(colour: PilImage.Image, profile: object, notes: list[str]) -> PilImage.Image:
    """RGB pixels in sRGB, through the ICC profile where there is a good one."""
    if isinstance(profile, bytes) and profile:
        converted = _through_profile(colour, profile, notes)
        if converted is not None:
            return converted
    mode = colour.mode
    if mode == "LAB":
        notes.append("LAB colours were converted to sRGB")
        return _lab_to_srgb(colour)
    if mode == "CMYK":
        notes.append("CMYK without a usable profile was converted by the plain formula: colours may be off")
    elif mode in {"YCbCr", "HSV"}:
        notes.append(f"{mode} colours were converted to sRGB")
    elif mode not in {"L", "RGB", "1"}:
        raise PictureError(f"{mode} pixels are not known here; convert the picture to RGB first")
    return colour.convert("RGB")


def _through_profile(colour: PilImage.Image, profile_bytes: bytes, notes: list[str]) -> PilImage.Image | None:
    """None where the profile cannot be used; a sentence says why."""
    from PIL import Image, ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes))
        space = profile.profile.xcolor_space.strip()
        description = " ".join((profile.profile.profile_description or "").split()) or "unnamed"
        wanted = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab"}.get(colour.mode)
        if space == "RGB" and colour.mode == "L":
            # Grey pixels with a profile for RGB: the same value three times is what the profile speaks about.
            colour, wanted = colour.convert("RGB"), "RGB"
        if space != wanted:
            notes.append(f"its colour profile '{description}' is for {space}, not for {colour.mode} pixels: ignored")
            return None
        to_srgb = ImageCms.buildTransform(
            profile,
            ImageCms.createProfile("sRGB"),
            colour.mode,
            "RGB",
            ImageCms.Intent.PERCEPTUAL,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        if colour.mode in {"RGB", "L"} and _changes_nothing(to_srgb, colour.mode):
            return colour.convert("RGB")
        converted = ImageCms.applyTransform(colour, to_srgb)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as exc:
        notes.append(f"its colour profile is damaged ({_reason(exc)}): colours were taken as sRGB")
        return None
    assert isinstance(converted, Image.Image)
    notes.append(f"colours were converted to sRGB from the profile '{description[:80]}'")
    return converted


def _through_gamma(rgb: PilImage.Image, gamma: object, notes: list[str]) -> PilImage.Image:
    """PNG's gAMA: samples are light to the power of `gamma`. The usual 1/2.2 is sRGB for all that people mean by it."""
    if not isinstance(gamma, float) or not 0.1 <= gamma <= 2 or abs(gamma - 1 / 2.2) < 0.03:
        return rgb
    light = np.linspace(0, 1, 256) ** (1 / gamma)
    srgb = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    notes.append(f"its gamma of {gamma:.3g} was changed to that of sRGB")
    return rgb.point(np.rint(srgb * 255).astype(int).tolist() * 3)


def _changes_nothing(to_srgb: object, mode: str) -> bool:
    """Whether a transform is sRGB to sRGB in all but name, tried on a lattice of colours."""
    from PIL import Image, ImageCms

    levels = np.linspace(0, 255, 18).astype(np.uint8)
    if mode == "L":
        lattice = levels[None, :]
    else:
        lattice = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(18, 324, 3)
    picture = Image.fromarray(lattice)
    after = ImageCms.applyTransform(picture, to_srgb)  # type: ignore[arg-type]
    assert after is not None
    change = np.asarray(after).astype(np.int16) - np.asarray(picture.convert("RGB"))
    return int(np.abs(change).max()) <= _SRGB_TOLERANCE


def _lab_to_srgb(colour: PilImage.Image) -> PilImage.Image:
    from PIL import ImageCms

    to_srgb = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    converted = ImageCms.applyTransform(colour, to_srgb)
    assert converted is not None
    return converted


# ---- arrays


def _array_to_srgb(image: np.ndarray[Any, Any], limits: Limits) -> LoadedPicture:
    shape = "x".join(str(side) for side in image.shape)
    if image.ndim == 3 and image.shape[0] in {1, 3, 4} and min(image.shape[1:]) > 4:
        raise PictureError(f"an array of shape {shape} has its channels first; pass image.transpose(1, 2, 0)")
    if image.ndim not in {2, 3} or (image.ndim == 3 and image.shape[2] not in {1, 2, 3, 4}):
        raise PictureError(f"an array of shape {shape} is no picture; (H, W) or (H, W, 1..4) is needed")
    _ask_limits(image.shape[1], image.shape[0], "the picture", limits)
    notes: list[str] = []
    image_HWC = image[:, :, None] if image.ndim == 2 else image
    if image.dtype == np.bool_:
        image_HWC = image_HWC.astype(np.uint8) * np.uint8(255)
        notes.append("booleans were taken as black and white")
    elif image.dtype.kind == "u" and image.dtype.itemsize == 2:
        image_HWC = _from_16_bits(image_HWC)
        notes.append("16 bits a channel were reduced to 8")
    elif image.dtype != np.uint8:
        raise PictureError(
            f"an array of {image.dtype} does not say what white is; pass uint8 0..255 or uint16 0..65535 "
            "(values 0..1: (image * 255).round().astype('uint8'))"
        )
    num_channels = image_HWC.shape[2]
    if num_channels in {1, 2}:
        notes.append("grey was widened to RGB")
    rgb_HWC = np.repeat(image_HWC[:, :, :1], 3, axis=2) if num_channels < 3 else image_HWC[:, :, :3]
    if num_channels in {2, 4}:
        rgb_HWC = _array_onto_white(rgb_HWC, image_HWC[:, :, -1:], notes)
    size = Size(image.shape[1], image.shape[0])
    return LoadedPicture(np.ascontiguousarray(rgb_HWC), size, tuple(notes))


def _array_onto_white(rgb_HWC: Pixels, alpha_HW1: Pixels, notes: list[str]) -> Pixels:
    if int(alpha_HW1.min()) == 255:
        notes.append("its alpha channel, opaque everywhere, was dropped")
        return rgb_HWC
    notes.append("transparency was dropped: the picture was laid onto white")
    alpha = alpha_HW1.astype(np.uint32)
    blended = (rgb_HWC * alpha + 255 * (255 - alpha) + 127) // 255
    return blended.astype(np.uint8)


def resized(image_HWC: Pixels, size: Size) -> Pixels:
    """The picture at another size: Lanczos, which widens its window when it shrinks (no aliasing)."""
    if image_HWC.shape[:2] == (size.height_px, size.width_px):
        return image_HWC
    from PIL import Image

    picture = Image.fromarray(image_HWC).resize((size.width_px, size.height_px), Image.Resampling.LANCZOS)
    return np.asarray(picture)
