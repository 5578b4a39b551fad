"""Teaches imageio the `.semc` format. Importing this module is all it takes.

    import semcodec.imageio_plugin
    import imageio.v3 as iio

    image = iio.imread("photo.semc")                        # (H, W, 3) uint8
    iio.imwrite("photo.semc", image, bytes=1000)
    iio.immeta("photo.semc")["words"]                       # no picture is painted

Options of `imread` are those of `semcodec.decode`, options of `imwrite` those of `semcodec.encode`. A file holds one
picture. What cannot be read is a `SemcodecError`; a file that is none of ours is left to imageio's other plugins.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.encoding import encode
from semcodec.extras import require
from semcodec.file.inspecting import info
from semcodec.ids import MAGIC
from semcodec.painting import decode

if TYPE_CHECKING:
    from semcodec.types import Pixels

NAME, SUFFIX = "semcodec", ".semc"

_config = require("imageio.config", extra="data")
_api = require("imageio.core.v3_plugin_api", extra="data")
_requests = require("imageio.core.request", extra="data")


class SemcPlugin:
    """One file that imageio opened, as its `PluginV3` has it."""

    def __init__(self, request: Any) -> None:
        self._request, self._data = request, b""
        if request.mode.io_mode == _requests.IOMode.read:
            self._data = request.get_file().read()
            if not self._data.startswith(MAGIC):
                raise _requests.InitializationError("is no .semc file")
        elif request.extension not in (SUFFIX, None):
            raise _requests.InitializationError(f"writes {SUFFIX} files alone")

    @property
    def request(self) -> Any:
        return self._request

    def read(self, *, index: int | None = None, **options: Any) -> Pixels:
        """(H, W, 3) uint8 sRGB; of a list of all pictures (`index=...`), (1, H, W, 3). Options as `semcodec.decode`."""
        image_HWC = decode(self._data, **options)
        return image_HWC[np.newaxis] if self._is_of_all(index) else image_HWC

    def iter(self, **options: Any) -> Iterator[Pixels]:
        yield decode(self._data, **options)

    def write(self, ndimage: Any, *, is_batch: bool = False, **options: Any) -> bytes | None:
        """The bytes of the file, where it goes to none. Options as `semcodec.encode`.

        Raises `ValueError` for several pictures.
        """
        pictures = list(ndimage) if is_batch or isinstance(ndimage, list) else [ndimage]
        if len(pictures) != 1:
            raise ValueError(f"a {SUFFIX} file holds one picture, not {len(pictures)}")
        data = encode(np.asarray(pictures[0]), **options).data
        file = self._request.get_file()
        file.write(data)
        return file.getvalue() if self._request._uri_type == _requests.URI_BYTES else None

    def properties(self, index: int | None = None) -> Any:
        """Shape and type, without painting."""
        size, before = info(self._data).size, (1,) if self._is_of_all(index) else ()
        shape = (*before, size.height_px, size.width_px, 3)
        return _api.ImageProperties(shape, np.dtype(np.uint8), n_images=1 if before else None, is_batch=bool(before))

    def metadata(self, index: int | None = None, exclude_applied: bool = True) -> dict[str, Any]:
        """Words and what the file is made of, without painting."""
        self._is_of_all(index)
        found = info(self._data)
        words = None if found.words is None else found.words.text
        layers = {layer.name: layer.num_bytes for layer in found.layers}
        return {"words": words, "num_bytes": found.num_bytes, "layers": layers, "family": found.family}

    def close(self) -> None:
        self._request.finish()

    def __enter__(self) -> SemcPlugin:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _is_of_all(self, index: Any) -> bool:
        if index not in (None, 0, ...):
            raise IndexError(f"a {SUFFIX} file holds one picture, number 0, not {index}")
        return index is ...


_config.known_plugins.setdefault(NAME, _config.PluginConfig(NAME, "SemcPlugin", __name__))
if SUFFIX not in _config.known_extensions:
    _config.known_extensions[SUFFIX] = [_config.FileExtension(name="semcodec", extension=SUFFIX, priority=[NAME])]
