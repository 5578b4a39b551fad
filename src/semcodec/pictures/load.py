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
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np

from semcodec.errors import LimitError, PictureError, SemcodecError
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.metadata.exif import TIFF_STORAGE, called_srgb, orientation_of, upright_exif
from semcodec.metadata.promises import without_promises
from semcodec.metadata.xmp import upright_xmp
from semcodec.pictures.colours import through_gamma, to_srgb
from semcodec.pictures.declared import Declared, colour_by_exif, declared_colour
from semcodec.pictures.formats import RAW, cannot_be_read, is_raw_preview, open_with_package
from semcodec.pictures.icons import sizes_inside
from semcodec.pictures.jpeg import has_its_end, with_its_end
from semcodec.pictures.key import Depth, alpha_by_key, depth_of
from semcodec.pictures.quiet import open_image, reason
from semcodec.sources import file_bytes
from semcodec.types import Metadata, Size

if TYPE_CHECKING:
    from PIL import Image as PilImage

    from semcodec.sources import FileSource
    from semcodec.types import Pixels

    PictureSource: TypeAlias = "str | FileSource"
    PictureLike: TypeAlias = "PilImage.Image | np.ndarray[Any, Any] | LoadedPicture | FileSource"

_EXIF_ORIENTATION = 0x0112
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
_COLOUR_MODES = frozenset({"RGB", "RGBA", "RGBX", "RGBa", "CMYK", "LA", "La"})
_MENDED = frozenset({"JPEG", "MPO", "PNG"})  # whose end may be missing with no harm to pixels
_ENDLESS = (
    "the end of the file is missing, but no pixel is: the picture is whole; get the file again for what stood there"
)
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
    source: PictureSource, *, limits: Limits = DEFAULT_LIMITS, given: Metadata = _NOTHING
) -> LoadedPicture:
    """Reads a picture from a path, from the bytes of a file, or from a binary stream. `given` as in `as_pixels`."""
    name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else "the picture"
    data = _read_bytes(source, name)
    if not data:
        raise PictureError(f"{name}: is empty; a picture file is needed")
    for inner in sizes_inside(data):
        _ask_limits(inner.width_px, inner.height_px, name, limits, what="a picture inside it")
    with _open(data, name, limits) as image:
        _ask_limits(image.width, image.height, name, limits)
        return _to_srgb(image, name, given, limits, io.BytesIO(data))


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
        _ask_limits(image.size.width_px, image.size.height_px, "the picture", limits)
        return image if given == _NOTHING else _array_to_srgb(image.image_HWC, limits, given)
    if isinstance(image, np.ndarray):
        return _array_to_srgb(image, limits, given)
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
    _ask_limits(image.width, image.height, "the picture", limits)
    return _to_srgb(image, "the picture", given, limits, getattr(image, "fp", None))


# ---- opening


def _read_bytes(source: PictureSource, name: str) -> bytes:
    try:
        return file_bytes(Path(source) if isinstance(source, str) else source)
    except FileNotFoundError as exc:
        raise PictureError(f"{name}: there is no such file; check the path") from exc
    except IsADirectoryError as exc:
        raise PictureError(f"{name}: is a folder, not a picture; name a file in it") from exc
    except OSError as exc:
        raise PictureError(f"{name}: cannot be read: {exc.strerror or exc}; check that you may read it") from exc


def _ask_limits(width_px: int, height_px: int, name: str, limits: Limits, *, what: str = "the picture") -> None:
    if width_px < 1 or height_px < 1:
        raise PictureError(f"{name}: has no pixels ({width_px}x{height_px}); give a picture that has")
    size = f"{name}: {what} of {width_px}x{height_px} has"
    limits.ask("max_pixels", width_px * height_px, f"{size} {width_px * height_px} pixels")
    limits.ask("max_side_px", max(width_px, height_px), f"{size} a side of {max(width_px, height_px)} pixels")


def _open(data: bytes, name: str, limits: Limits) -> PilImage.Image:
    """The header is read, the pixels are not (but for icons and JPEG XL)."""
    from PIL import Image, UnidentifiedImageError

    def ask(width_px: int, height_px: int) -> None:
        _ask_limits(width_px, height_px, name, limits)

    try:
        image = open_with_package(data, name, ask) or open_image(data)
    except UnidentifiedImageError as exc:
        begins = data[:4].hex(" ")
        raise PictureError(
            f"{name}: is no picture that can be read here (it begins with {begins}); convert it to PNG first"
        ) from exc
    except (SemcodecError, MemoryError):
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as exc:
        raise _pillows_guard(exc, name) from exc
    except Exception as exc:  # a stranger's file may break any plugin in any way
        raise PictureError(f"{name}: is a damaged picture: {reason(exc)}; get the file again") from exc
    if image.format in _PROGRAM_FORMATS:
        image.close()
        raise PictureError(f"{name}: {image.format} is a drawing program, not pixels; render it to PNG first")
    if is_raw_preview(image):
        image.close()
        raise cannot_be_read(RAW, name)
    return image


def _pillows_guard(exc: Exception, name: str) -> LimitError:
    """A few plugins of Pillow (WebP, TIFF) ask its own guard once more. That one is the user's to set."""
    return LimitError(f"{name}: {reason(exc)}; if you trust it, raise PIL.Image.MAX_IMAGE_PIXELS")


def _decoded(
    image: PilImage.Image, name: str, limits: Limits, file: BinaryIO | None, damage: list[str]
) -> PilImage.Image:
    """The picture, or one that was mended, with its pixels. Where bytes are missing but no pixel, `damage` says so."""
    from PIL import Image

    # (what stands behind the pixels is asked for first: Pillow closes the files that it opened)
    data = _all_of(file) if image.format in _MENDED and getattr(image, "tile", None) else None
    try:
        image.load()
    except MemoryError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as exc:
        raise _pillows_guard(exc, name) from exc
    except Exception as exc:
        mended = _with_its_end(image, data)
        if mended is None:
            why = f"{name}: the picture is cut short or damaged: {reason(exc)}; get the file again"
            raise PictureError(why) from exc
        image = mended
    if data is not None and _lacks_its_end(image.format, data):
        damage.append(_ENDLESS)
    _ask_limits(image.width, image.height, name, limits)
    return image


def _lacks_its_end(format: str | None, data: bytes) -> bool:
    return b"IEND" not in data if format == "PNG" else not has_its_end(data)


def _with_its_end(image: PilImage.Image, data: bytes | None) -> PilImage.Image | None:
    if data is None or image.format not in {"JPEG", "MPO"}:
        return None
    try:
        whole = with_its_end(data)
        if whole is None:
            return None
        mended = open_image(whole)
        mended.load()
    except (OSError, ValueError, SyntaxError, struct.error):
        return None
    return mended


def _all_of(file: BinaryIO | None) -> bytes | None:
    """The bytes of a file, which stands afterwards where it stood."""
    if file is None or file.closed or not file.seekable():
        return None
    place = file.tell()
    try:
        file.seek(0)
        return file.read()
    finally:
        file.seek(place)


# ---- conversion of PIL pictures


def _to_srgb(image: PilImage.Image, name: str, given: Metadata, limits: Limits, file: BinaryIO | None) -> LoadedPicture:
    """`file`: the one that the picture was opened from, where that is known."""
    notes: list[str] = []
    damage: list[str] = []
    is_deep, white = _channels_are_deep(image), _white_of(image)
    declared = declared_colour(image, file)
    depth = _depth_of(image, name, file)
    image = _decoded(image, name, limits, file, damage)
    _note_frames(image, notes)
    orientation = orientation_of(given.exif) if given.exif else _orientation(image, notes)
    own = _metadata_of(image)
    metadata = replace(
        own,
        icc_profile=own.icc_profile if given.icc_profile is None else given.icc_profile,
        exif=own.exif if given.exif is None else given.exif,
        xmp=own.xmp if given.xmp is None else given.xmp,
    )
    try:
        by_key = alpha_by_key(image, depth, notes)
        colour, alpha = _split_alpha(_to_8_bits(image, white, notes), by_key, notes)
        if is_deep and image.mode in _COLOUR_MODES:
            notes.append("16 bits a channel were reduced to 8")
            _note_if_dark(256 * _most(colour) + 255, notes)
        if given.icc_profile is not None:  # what was given speaks for the pixels alone
            declared = Declared()
        loaded = _finished(colour, alpha, metadata, orientation, notes, declared=declared, gamma=_gamma_of(image))
        return replace(loaded, damage=tuple(damage))
    except (SemcodecError, MemoryError):
        raise
    except Exception as exc:
        raise PictureError(
            f"{name}: {image.mode} pixels cannot be converted to sRGB: {reason(exc)}; convert it to an RGB PNG first"
        ) from exc


def _finished(
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
        rgb = _onto_white(rgb, alpha)
    if orientation in _TURNS:
        from PIL import Image

        turn = Image.Transpose[_TURNS[orientation]]
        rgb = rgb.transpose(turn)
        alpha = alpha.transpose(turn) if alpha is not None else None
        notes.append(f"it was turned upright as its EXIF orientation {orientation} says")
    image_HWC = np.array(rgb, dtype=np.uint8)
    alpha_HW = np.array(alpha, dtype=np.uint8) if alpha is not None else None
    exif = _kept(metadata.exif, upright_exif, "its EXIF data is damaged: it cannot be kept", notes)
    kept = Metadata(
        icc_profile=in_srgb.profile,
        exif=exif if in_srgb.profile or exif is None else called_srgb(exif),
        xmp=_without_promises(
            _kept(metadata.xmp, upright_xmp, "its XMP is not UTF-8: it cannot be kept", notes), notes
        ),
    )
    there = {
        "EXIF": kept.exif,
        "XMP": kept.xmp,
        f"the colour profile '{in_srgb.changed}'": in_srgb.changed and kept.icc_profile,
        "transparency (it was laid onto white)": alpha_HW is not None,
    }
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    return LoadedPicture(image_HWC, size, tuple(notes), alpha_HW, kept, tuple(word for word, it in there.items() if it))


def _kept(
    raw: bytes | None, upright: Callable[[bytes], bytes | None], otherwise: str, notes: list[str]
) -> bytes | None:
    if not raw:
        return None
    made = upright(raw)
    if made is None and not any(note.startswith(otherwise.split(":")[0]) for note in notes):
        notes.append(otherwise)
    return made


def _without_promises(xmp: bytes | None, notes: list[str]) -> bytes | None:
    if xmp is None:
        return None
    kept, promised = without_promises(xmp)
    if promised:
        named = " and ".join([", ".join(promised[:-1]), promised[-1]] if len(promised) > 1 else promised)
        notes.append(f"only the picture itself is taken: its XMP tells of {named}, left out with the words about it")
    return kept


def _metadata_of(image: PilImage.Image) -> Metadata:
    """EXIF, XMP and the colour profile as the picture has them."""
    profile, exif, xmp = (image.info.get(key) for key in ("icc_profile", "exif", "xmp"))
    if not isinstance(exif, bytes):
        try:
            exif = _exif_from_tags(image)
        except Exception:  # (of a stranger's file; `_orientation` has a sentence for it)
            exif = None
    xmp = xmp or image.info.get("XML:com.adobe.xmp")
    if isinstance(xmp, str):
        xmp = xmp.encode("utf-8", "replace")
    return Metadata(
        icc_profile=profile if isinstance(profile, bytes) else None,
        exif=exif,
        xmp=xmp if isinstance(xmp, bytes) else None,
    )


def _exif_from_tags(image: PilImage.Image) -> bytes | None:
    """EXIF of a picture that has it as tags: a TIFF file, or one made in memory."""
    from PIL import ExifTags, Image

    tags, exif = image.getexif(), Image.Exif()
    for tag, value in tags.items():
        if tag not in TIFF_STORAGE and tag != _EXIF_ORIENTATION:
            exif[tag] = value
    for table in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        if table in tags:
            exif[table] = tags.get_ifd(table)
    return exif.tobytes() if len(exif) else None


def _gamma_of(image: PilImage.Image) -> object:
    """PNG's gAMA, where nothing better says what its colours are."""
    return image.info.get("gamma") if image.format == "PNG" and "srgb" not in image.info else None


def _note_frames(image: PilImage.Image, notes: list[str]) -> None:
    try:
        if not getattr(image, "is_animated", False) or image.format in {"ICO", "ICNS", "PSD"}:
            return
        # Pillow counts the pages of a TIFF file in a time that grows with the square of their number.
        several = "" if image.format == "TIFF" else f"{int(getattr(image, 'n_frames', 2))} "
    except Exception:  # counting walks the whole file, which may be damaged behind its first frame
        several = ""
    notes.append(f"only the first of its {several}frames or pages was taken")


def _orientation(image: PilImage.Image, notes: list[str]) -> int:
    try:
        orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:
        notes.append("its EXIF data is damaged: an orientation in it would be lost")
        return 1
    return orientation if isinstance(orientation, int) else 1


def _channels_are_deep(image: PilImage.Image) -> bool:
    """Whether Pillow will drop the low bits of colour channels, which it does without a word. Asked before decoding."""
    depth = image.info.get("bit_depth")  # as the readers of HEIF have it
    if isinstance(depth, int) and depth > 8:
        return True
    for tile in getattr(image, "tile", ()):
        arguments = tile[3] if isinstance(tile[3], tuple) else (tile[3],)
        if any(isinstance(value, str) and ";16" in value for value in arguments):
            return True
        if image.format == "PPM" and any(isinstance(value, int) and value > 255 for value in arguments):
            return True
    return False


def _white_of(image: PilImage.Image) -> int:
    """What white is in deep grey: 12 bits are given as they are, in 16. Asked before decoding."""
    tiles = getattr(image, "tile", ())
    arguments = tiles[0][3] if tiles and isinstance(tiles[0][3], tuple) else ()
    return 4095 if "I;12" in arguments else 65535


def _depth_of(image: PilImage.Image, name: str, file: BinaryIO | None) -> Depth:
    from PIL import Image

    try:
        return depth_of(image, file)
    except (MemoryError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise
    except Exception as exc:  # of the same kind as where the picture itself is decoded
        raise PictureError(f"{name}: the picture is cut short or damaged: {reason(exc)}; get the file again") from exc


def _most(colour: PilImage.Image) -> int:
    extrema: Any = colour.getextrema()
    return int(max(most for _, most in extrema) if isinstance(extrema[0], tuple) else extrema[1])


def _note_if_dark(most: int, notes: list[str]) -> None:
    """`most`: the largest of its 16-bit samples. Those of cameras with 12 bits are often stored as they are."""
    bits = max(most.bit_length(), 8)
    if 0 < most and bits <= 12:
        notes.append(
            f"its 16-bit samples all lie below {1 << bits}, so it comes out nearly black; if they are of "
            f"{bits if bits > 8 else '8 to 12'} bits, spread them over all 16 first"
        )


def _to_8_bits(image: PilImage.Image, white: int, notes: list[str]) -> PilImage.Image:
    """Deep greys to L. Pictures of 8 bits a channel pass unchanged."""
    from PIL import Image

    if image.mode.startswith("I;16"):
        deep_HW = np.asarray(image).astype(np.uint32)
        notes.append(f"{white.bit_length()}-bit grey was reduced to 8 bits")
        if white == 65535:
            _note_if_dark(int(deep_HW.max()), notes)
        return Image.fromarray(_from_deep(deep_HW, white))
    if image.mode == "I":
        wide_HW = np.asarray(image).astype(np.int64)
        if wide_HW.min() >= 0 and wide_HW.max() <= 65535:
            notes.append("32-bit grey with 16-bit values was reduced to 8 bits")
            _note_if_dark(int(wide_HW.max()), notes)
            return Image.fromarray(_from_deep(wide_HW))
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


def _from_deep(deep: np.ndarray[Any, Any], white: int = 65535) -> Pixels:
    """Rounded to nearest: 0 stays 0, white becomes 255."""
    return ((deep.astype(np.uint32) * 255 + white // 2) // white).astype(np.uint8)


def _stretch(values: np.ndarray[Any, Any]) -> Pixels:
    least, most = float(values.min()), float(values.max())
    return np.rint((values - least) * (255 / max(most - least, 1e-30))).astype(np.uint8)


def _split_alpha(
    image: PilImage.Image, by_key: Pixels | None, notes: list[str]
) -> tuple[PilImage.Image, PilImage.Image | None]:
    """The colours in L, RGB, CMYK, LAB, YCbCr or HSV, and how opaque each pixel is (None: all are). `by_key`: what a
    key colour says, (H, W), where no palette or channel says it.
    """
    mode = image.mode
    has_key = "transparency" in image.info  # palette entries that are transparent
    if mode in {"P", "PA"}:
        notes.append("palette colours were expanded")
        image = image.convert("RGBA" if has_key or mode == "PA" else "RGB")
    elif mode == "1":
        notes.append("black and white of 1 bit was widened to RGB")
        image = image.convert("L")
    elif mode in {"L", "LA", "La"}:
        notes.append("grey was widened to RGB")
        if mode == "La":
            image = image.convert("LA")
    elif mode == "RGBa":
        image = image.convert("RGBA")
    elif mode == "RGBX":
        image = image.convert("RGB")
    if image.mode == "RGBA":
        return image.convert("RGB"), image.getchannel("A")
    if image.mode == "LA":
        return image.getchannel("L"), image.getchannel("A")
    if by_key is not None:
        from PIL import Image

        return image, Image.fromarray(by_key)
    return image, None


def _onto_white(rgb: PilImage.Image, alpha: PilImage.Image) -> PilImage.Image:
    from PIL import Image

    white = Image.new("RGB", rgb.size, (255, 255, 255))
    white.paste(rgb, mask=alpha)
    return white


# ---- arrays


def _array_to_srgb(image: np.ndarray[Any, Any], limits: Limits, given: Metadata) -> LoadedPicture:
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
        notes.append("16 bits a channel were reduced to 8")
        _note_if_dark(int(image_HWC[:, :, : 3 if image_HWC.shape[2] > 2 else 1].max()), notes)
        image_HWC = _from_deep(image_HWC)
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
    return _finished(Image.fromarray(rgb_HWC), alpha, given, orientation_of(given.exif), notes)
