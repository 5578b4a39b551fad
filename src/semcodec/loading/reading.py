"""`open`, `imread` and `imwrite`: pictures as Pillow, imageio and imagecodecs read and write theirs, by path or URL."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from semcodec.encoding import encode
from semcodec.loading.addresses import bytes_at, write_at
from semcodec.painting import decode

if TYPE_CHECKING:
    from PIL.Image import Image

    from semcodec.loading.addresses import Address
    from semcodec.pictures.load import PictureLike
    from semcodec.types import Pixels


def open(source: Address, *, storage_options: dict[str, Any] | None = None) -> Image:
    """A .semc file as a Pillow picture, by path, URL (anything that fsspec opens), bytes or open file.

    Size and words are there at once, in `size` and `info`; the picture is painted when its pixels are asked for
    (docs/pillow.md). `storage_options` are for fsspec. Pillow itself is not taught the format.

    Raises:
        PluginError: what is there cannot be read (an OSError and a SemcodecError). OSError: nothing is there.
    """
    from semcodec.pillow_plugin import PluginError, SemcImageFile

    try:
        return SemcImageFile(io.BytesIO(bytes_at(source, storage_options)))
    except SyntaxError as not_ours:  # (how Pillow's formats say that a file is none of theirs)
        raise PluginError(str(not_ours)) from not_ours


def imread(source: Address, *, storage_options: dict[str, Any] | None = None, **options: Any) -> Pixels:
    """The picture of a .semc file, (H, W, 3) uint8 sRGB, by path, URL, bytes or open file. Options as `decode` has.

    Raises as `decode`; OSError: nothing is there.
    """
    return decode(bytes_at(source, storage_options), **options)


def imwrite(
    target: Address, image: PictureLike, *, storage_options: dict[str, Any] | None = None, **options: Any
) -> None:
    """A picture to a .semc file, by path, URL or into an open file. Options as `encode` has them.

    Raises as `encode`; OSError: it cannot be written.
    """
    write_at(target, encode(image, **options).data, storage_options)
