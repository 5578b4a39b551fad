"""Reads safetensors files: eight bytes of length, a JSON header, raw little-endian numbers. No pickle anywhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import WeightsError

_KINDS = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "I64": "<i8", "I32": "<i4", "U8": "u1"}


@dataclass(frozen=True, slots=True)
class WeightFile:
    """Tensors by name, half precision widened to float32; `sha256` is that of the file."""

    path: Path
    sha256: str
    metadata: dict[str, str]
    tensors: dict[str, NDArray[np.float32]]

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        if name not in self.tensors:
            raise WeightsError(
                f"{self.path}: no tensor '{name}' in this file; it is not the network that was asked for"
            )
        return self.tensors[name]


def read_weights(path: Path) -> WeightFile:
    """The whole file, every offset checked against its size."""
    if not path.is_file():
        raise WeightsError(f"{path}: no such weight file")
    data = path.read_bytes()
    num_header = int.from_bytes(data[:8], "little")
    if len(data) < 8 or num_header > len(data) - 8:
        raise WeightsError(f"{path}: not a safetensors file (its header would be {num_header} bytes long)")
    try:
        header = json.loads(data[8 : 8 + num_header])
        metadata = header.pop("__metadata__", {})
        body = memoryview(data)[8 + num_header :]
        tensors = {name: _tensor(entry, body) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise WeightsError(f"{path}: not a safetensors file ({exc})") from exc
    return WeightFile(path, hashlib.sha256(data).hexdigest(), metadata, tensors)


def _tensor(entry: dict[str, Any], body: memoryview) -> NDArray[np.float32]:
    first, last = entry["data_offsets"]
    if not 0 <= first <= last <= len(body):
        raise ValueError(f"tensor bytes {first}..{last} are outside the file")
    kind = str(entry["dtype"])
    if kind == "BF16":
        bits = np.frombuffer(body[first:last], "<u2").astype(np.uint32) << 16
        values = bits.view(np.float32)
    else:
        values = np.frombuffer(body[first:last], _KINDS[kind]).astype(np.float32)
    return values.reshape(entry["shape"])
