"""JPEG XL through imagecodecs, HEIC through pillow-heif."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from semcodec.evaluation.peers.peer import Peer
from semcodec.evaluation.require import require

if TYPE_CHECKING:
    from semcodec.types import Pixels, Size

_JXL_EFFORT = 7
# Butteraugli distances, worst first. 25 is the largest that libjxl takes.
_JXL_DISTANCES = (
    *(25.0 - 0.75 * i for i in range(14)),
    *(14.0 - 0.5 * i for i in range(19)),
    *(4.5 - 0.25 * i for i in range(17)),
    0.35, 0.2, 0.1,
)  # fmt: skip


def jxl() -> Peer:
    codecs = require("imagecodecs")

    def encode(image_HWC: Pixels, distance: float) -> bytes:
        data = codecs.jpegxl_encode(
            np.ascontiguousarray(image_HWC), distance=distance, effort=_JXL_EFFORT, usecontainer=False, numthreads=1
        )
        return bytes(data)

    def decode(data: bytes, size: Size) -> Pixels:
        return np.asarray(codecs.jpegxl_decode(data), dtype=np.uint8)[..., :3]

    settings = f"imagecodecs, libjxl: effort {_JXL_EFFORT}, bare codestream, distance 25-0.1"
    return Peer("jxl", "JPEG XL", settings, _JXL_DISTANCES, encode, decode)


def heic() -> Peer:
    heif = require("pillow_heif")

    def encode(image_HWC: Pixels, quality: float) -> bytes:
        out = io.BytesIO()
        file = heif.from_pillow(Image.fromarray(image_HWC))
        file.save(out, quality=int(quality), chroma=420, enc_params={"preset": "slow"})
        return out.getvalue()

    def decode(data: bytes, size: Size) -> Pixels:
        file = heif.read_heif(data)
        return np.asarray(file.to_pillow().convert("RGB"))

    settings = "pillow-heif, x265: preset slow, 4:2:0, no encoder information, quality 0-100"
    return Peer("heic", "HEIC", settings, tuple(range(101)), encode, decode)
