"""Files by path or URL: `s3://bucket/photo.semc`, `https://...`, `memory://...`, whatever fsspec knows."""

from __future__ import annotations

import os
import re
from typing import IO, TYPE_CHECKING, Any

from semcodec.errors import SemcodecError
from semcodec.extras import require
from semcodec.files import write_atomic
from semcodec.sources import file_bytes

if TYPE_CHECKING:
    from typing import TypeAlias

    # A path, a URL, the bytes of a file, or a file that is open in binary.
    Address: TypeAlias = str | os.PathLike[str] | bytes | IO[bytes]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::)")  # (a drive of Windows has one letter)


class AddressError(SemcodecError, OSError):
    """A URL whose protocol is unknown, or whose package is not installed."""


def bytes_at(source: Address, storage_options: dict[str, Any] | None = None) -> bytes:
    """All of a file. `storage_options` are for fsspec: keys, endpoints. Raises OSError, `AddressError`."""
    if isinstance(source, str) and _URL.match(source):
        system, path = _system(source, storage_options)
        return bytes(system.cat_file(path))
    if isinstance(source, str):
        with open(source, "rb") as file:
            return file.read()
    return file_bytes(source)


def write_at(target: Address, data: bytes, storage_options: dict[str, Any] | None = None) -> None:
    """Writes a file: whole or not at all, but into one that is open. Raises OSError, `AddressError`."""
    if isinstance(target, str) and _URL.match(target):
        system, path = _system(target, storage_options)
        system.pipe_file(path, data)
    elif isinstance(target, str | os.PathLike):
        write_atomic(target, data)
    elif hasattr(target, "write"):
        target.write(data)
    else:
        raise TypeError(f"a {type(target).__name__} is nothing to write to; pass a path, a URL or an open file")


def _system(url: str, storage_options: dict[str, Any] | None) -> tuple[Any, str]:
    try:
        system, path = require("fsspec.core", extra="data").url_to_fs(url, **storage_options or {})
    except (ValueError, ImportError) as exc:
        raise AddressError(f"{url}: {exc}") from exc
    return system, path
