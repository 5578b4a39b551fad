"""JPEG, WebP and AVIF as Pillow writes them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from semcodec.evaluation.peers.peer import Peer

if TYPE_CHECKING:
    from semcodec.types import Pixels, Size

_AVIF_SPEED = 4


def jpeg() -> Peer:
    return Peer(
        "jpeg",
        "JPEG",
        "Pillow, libjpeg-turbo: optimised tables, progressive, 4:2:0, quality 1-95",
        tuple(range(1, 96)),
        lambda image, quality: _save(image, "JPEG", quality=int(quality), optimize=True, progressive=True),
        decode_picture,
    )


def webp() -> Peer:
    return Peer(
        "webp",
        "WebP",
        "Pillow, libwebp: method 6, quality 0-100",
        tuple(range(101)),
        lambda image, quality: _save(image, "WEBP", quality=int(quality), method=6),
        decode_picture,
    )


def avif() -> Peer:
    return Peer(
        "avif",
        "AVIF",
        f"Pillow, libavif with libaom: speed {_AVIF_SPEED}, 4:2:0, quality 0-100",
        tuple(range(101)),
        lambda image, quality: _save(
            image, "AVIF", quality=int(quality), speed=_AVIF_SPEED, subsampling="4:2:0", max_threads=1
        ),
        decode_picture,
    )


def decode_picture(data: bytes, size: Size) -> Pixels:
    """Any format that Pillow reads; `size` is what the file itself says."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))


def _save(image_HWC: Pixels, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(image_HWC).save(out, kind, **options)
    return out.getvalue()
