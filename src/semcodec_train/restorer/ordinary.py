"""What the restorer is given of a photograph by ordinary codecs: JPEG, WebP, AVIF, JPEG XL and HEIC files.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import importlib
import io
import math
from collections.abc import Iterator

import numpy as np
from PIL import Image

from semcodec.errors import MissingExtraError
from semcodec.painters.told import coded_told
from semcodec.pictures import coding_of
from semcodec.types import Size
from semcodec_train.restorer.decoded import Decoded

ORDINARIES_PER_PHOTO = 5
SHARES = {"JPEG": 0.46, "WEBP": 0.25, "AVIF": 0.13, "JXL": 0.09, "HEIF": 0.07}  # by Pillow's names, as often as met
JPEG_QUALITIES = (3, 75)  # low ones more often: the picture changes most there
QUALITIES = (4, 72)  # of the others
FULL_CHROMA = 0.12  # of JPEG files: how many have their colours at full size
FASTER: dict[str, dict[str, int]] = {"AVIF": {"speed": 7}, "JXL": {"effort": 3}}


def ordinaries_of(
    original: Image.Image, rng: np.random.Generator, num: int = ORDINARIES_PER_PHOTO
) -> Iterator[Decoded]:
    """`num` files of it by codecs at random, of low and middling quality. Raises `MissingExtraError` without the extra
    `formats`, which writes JPEG XL and HEIC.
    """
    register_writers()
    for _ in range(num):
        data = coded(original, str(rng.choice(list(SHARES), p=list(SHARES.values()))), rng)
        with Image.open(io.BytesIO(data)) as picture:
            image_HWC = np.asarray(picture.convert("RGB"))
        coding = coding_of(data)
        told = coded_told(None if coding is None else coding.looked_at(image_HWC), Size(*original.size))
        yield Decoded(image_HWC, "ordinary", told)


def coded(original: Image.Image, codec: str, rng: np.random.Generator) -> bytes:
    """A file of it, of a quality at random; `codec` by Pillow's name."""
    how = dict(FASTER.get(codec, {}))
    if codec == "JPEG":
        low, high = map(math.log, JPEG_QUALITIES)
        how |= {"quality": round(math.exp(rng.uniform(low, high)))}
        how |= {"subsampling": 0 if rng.random() < FULL_CHROMA else 2}
    else:
        how |= {"quality": int(rng.integers(*QUALITIES))}
    if codec == "WEBP":
        how |= {"method": int(rng.choice([2, 4]))}
    file = io.BytesIO()
    original.save(file, codec, **how)
    return file.getvalue()


def register_writers() -> None:
    """Teaches Pillow JPEG XL and HEIC."""
    try:
        importlib.import_module("pillow_jxl")  # (registers itself)
        importlib.import_module("pillow_heif").register_heif_opener()
    except ImportError as error:
        raise MissingExtraError(
            f"pairs of ordinary codecs need '{error.name}'; install it with: pip install 'semcodec[formats]'"
        ) from error
