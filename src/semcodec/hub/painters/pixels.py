"""What a network paints, made a picture: numbers that are none, wrong sizes and refusals are caught here.

Shapes: N = pictures; H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.errors import ModelError
from semcodec.pictures import resized
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

    Warn = Callable[[str], None]


class PainterWarning(UserWarning):
    """A painter misbehaved, and the embedded decoder's picture stands in for (a part of) its painting."""


def warn_in_python(text: str) -> None:
    warnings.warn(text, PainterWarning, stacklevel=2)


def picture_from(images: Any, size: Size, *, known_HWC: Pixels | None, name: str, warn: Warn) -> Pixels:
    """The first of a pipeline's `images` (N, H, W, 3), floats in 0..1, as (H, W, 3) uint8 of `size`.

    Pixels that are not numbers are taken from `known_HWC`, and a wrong size is resized; `warn` is told so.

    Raises:
        ModelError: what came is no RGB picture, or has no numbers and there is nothing to stand in for it.
    """
    painted = np.asarray(images)
    if painted.ndim != 4 or not len(painted) or painted.shape[3] != 3 or not painted.size:
        raise ModelError(f"{name} gave an array of shape {painted.shape}, which is no RGB picture; try another model")
    image_HWC = painted[0].astype(np.float32)
    good_HW = np.isfinite(image_HWC).all(axis=2)
    eight_bits: Pixels = np.rint(np.clip(np.nan_to_num(image_HWC), 0, 1) * 255).astype(np.uint8)
    got = Size(image_HWC.shape[1], image_HWC.shape[0])
    if got != size:
        warn(f"{name} painted {got} where {size} was asked for: resized")
        eight_bits = resized(eight_bits, size)
    if good_HW.all():
        return eight_bits
    share = 1 - float(good_HW.mean())
    hint = "16-bit numbers overflow in some models, --dtype float32 helps"
    if known_HWC is None:
        raise ModelError(f"{name} painted {share:.0%} of the picture with values that are not numbers ({hint})")
    warn(f"{name} painted {share:.0%} with values that are not numbers; the embedded picture stands there ({hint})")
    if got != size:
        good_HW = resized(np.repeat(good_HW[:, :, None], 3, axis=2).astype(np.uint8) * 255, size)[:, :, 0] == 255
    picture_HWC: Pixels = np.where(good_HW[:, :, None], eight_bits, known_HWC)
    return picture_HWC


def was_refused(output: Any) -> bool:
    """Whether the pipeline's own safety checker blackened the first picture."""
    flags = getattr(output, "nsfw_content_detected", None)
    return bool(flags and flags[0])


def refuse(name: str, known_HWC: Pixels | None, *, warn: Warn) -> Pixels:
    """What stands in for a painting that the model's own safety checker blackened."""
    if known_HWC is None:
        raise ModelError(f"{name}'s safety checker refused its own painting; another --seed or other words may pass")
    warn(f"{name}'s safety checker refused its own painting; the embedded picture stands there")
    return known_HWC
