"""A picture file to Pillow's picture: its bytes, its header, its pixels, each asked about before the next.

Promise: whatever is wrong with the input is one `PictureError` or `LimitError`; no error of Pillow comes through.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from semcodec.errors import LimitError, PictureError, SemcodecError
from semcodec.pictures.formats import RAW, cannot_be_read, is_raw_preview, open_with_package
from semcodec.pictures.jpeg import has_its_end, with_its_end
from semcodec.pictures.quiet import open_image, reason
from semcodec.pictures.rewound import all_of
from semcodec.sources import file_bytes

if TYPE_CHECKING:
    from PIL import Image as PilImage

    from semcodec.limits import Limits
    from semcodec.sources import FileSource

# Formats that Pillow hands to another program or to the operating system: never for a stranger's file.
_PROGRAM_FORMATS = frozenset({"EPS", "WMF", "EMF"})
_MENDED = frozenset({"JPEG", "MPO", "PNG"})  # whose end may be missing with no harm to pixels
_ENDLESS = (
    "the end of the file is missing, but no pixel is: the picture is whole; get the file again for what stood there"
)


def read_bytes(source: str | FileSource, name: str) -> bytes:
    """`name` is that of the file in sentences."""
    try:
        data = file_bytes(Path(source) if isinstance(source, str) else source)
    except FileNotFoundError as exc:
        raise PictureError(f"{name}: there is no such file; check the path") from exc
    except IsADirectoryError as exc:
        raise PictureError(f"{name}: is a folder, not a picture; name a file in it") from exc
    except OSError as exc:
        raise PictureError(f"{name}: cannot be read: {exc.strerror or exc}; check that you may read it") from exc
    if not data:
        raise PictureError(f"{name}: is empty; a picture file is needed")
    return data


def ask_limits(width_px: int, height_px: int, name: str, limits: Limits, *, what: str = "the picture") -> None:
    """Raises `LimitError` for more pixels than `limits` allow, `PictureError` for none."""
    if width_px < 1 or height_px < 1:
        raise PictureError(f"{name}: has no pixels ({width_px}x{height_px}); give a picture that has")
    size = f"{name}: {what} of {width_px}x{height_px} has"
    limits.ask("max_pixels", width_px * height_px, f"{size} {width_px * height_px} pixels")
    limits.ask("max_side_px", max(width_px, height_px), f"{size} a side of {max(width_px, height_px)} pixels")


def open_picture(data: bytes, name: str, limits: Limits) -> PilImage.Image:
    """The header is read, the pixels are not (but for icons and JPEG XL)."""
    from PIL import UnidentifiedImageError

    def ask(width_px: int, height_px: int) -> None:
        ask_limits(width_px, height_px, name, limits)

    with damage_named(name, "is a damaged picture"):
        try:
            image = open_with_package(data, name, ask) or open_image(data)
        except UnidentifiedImageError as exc:
            begins = data[:4].hex(" ")
            raise PictureError(
                f"{name}: is no picture that can be read here (it begins with {begins}); convert it to PNG first"
            ) from exc
    if image.format in _PROGRAM_FORMATS:
        image.close()
        raise PictureError(f"{name}: {image.format} is a drawing program, not pixels; render it to PNG first")
    if is_raw_preview(image):
        image.close()
        raise cannot_be_read(RAW, name)
    return image


def decode_pixels(
    image: PilImage.Image, name: str, limits: Limits, file: BinaryIO | None, damage: list[str]
) -> PilImage.Image:
    """The picture, or one that was mended, with its pixels. Where bytes are missing but no pixel, `damage` says so."""
    # (what stands behind the pixels is asked for first: Pillow closes the files that it opened)
    data = all_of(file) if image.format in _MENDED and getattr(image, "tile", None) else None
    with damage_named(name):
        try:
            image.load()
        except Exception as exc:
            mended = None if isinstance(exc, MemoryError) else _with_its_end(image, data)
            if mended is None:
                raise
            image = mended
    if data is not None and _lacks_its_end(image.format, data):
        damage.append(_ENDLESS)
    ask_limits(image.width, image.height, name, limits)
    return image


@contextmanager
def damage_named(name: str, what: str = "the picture is cut short or damaged") -> Iterator[None]:
    """Names the file in what goes wrong with it: a stranger's file may break any plugin of Pillow in any way."""
    from PIL import Image

    try:
        yield
    except (SemcodecError, MemoryError):
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as exc:
        # A few plugins (WebP, TIFF) ask Pillow's own guard once more. That one is the user's to set.
        raise LimitError(f"{name}: {reason(exc)}; if you trust it, raise PIL.Image.MAX_IMAGE_PIXELS") from exc
    except Exception as exc:
        raise PictureError(f"{name}: {what}: {reason(exc)}; get the file again") from exc


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
