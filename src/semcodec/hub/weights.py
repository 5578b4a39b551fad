"""What safetensors files say of themselves: parameters and bytes, from their headers, without loading them."""

from __future__ import annotations

import json
import math
from pathlib import Path

from semcodec.errors import ModelError

_MAX_HEADER_BYTES = 100_000_000  # as the format's own readers have it


def count_params(folder: Path, names: tuple[str, ...] | None = None) -> int:
    """Parameters in the weights below `folder` (in those `names`, if given)."""
    paths = [folder / name for name in names if name.endswith(".safetensors")] if names else _weights_below(folder)
    return sum(_params_of(path) for path in paths)


def count_bytes(folder: Path) -> int:
    """Bytes of the weights below `folder`."""
    return sum(path.stat().st_size for path in _weights_below(folder))


def _weights_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.safetensors"))


def _params_of(path: Path) -> int:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= min(_MAX_HEADER_BYTES, path.stat().st_size - 8):
            raise ModelError(f"{path}: is no whole safetensors file: fetch it again")
        try:
            header = json.loads(file.read(length))
            return sum(math.prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{path}: its header cannot be read: fetch it again") from error
