"""Animated pictures (GIF, WebP, PNG, AVIF) as frames at their times.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from semcodec.pictures.animated import FORMATS
from semcodec.pictures.modes import onto_white
from semcodec.pictures.opening import ask_limits, damage_named, open_picture
from semcodec.pictures.quiet import reason
from semcodec.pictures.sign import SOFTWARE
from semcodec.types import Size

if TYPE_CHECKING:
    from PIL import Image as PilImage

    from semcodec.limits import Limits
    from semcodec.types import Pixels

_USUAL_S = Fraction(1, 10)  # of a frame that says nothing, or nothing sensible, as browsers have it
_LEAST_S = Fraction(1, 50)
_GIF_SIGN = b"!\xfe" + bytes([len(SOFTWARE)]) + SOFTWARE.encode()
_SIGNED_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="' + SOFTWARE.encode() + b'"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


@dataclass(frozen=True, slots=True)
class Animation:
    """An animated picture that was opened."""

    data: bytes
    name: str
    limits: Limits
    size: Size
    num_frames: int
    durations_s: tuple[Fraction, ...]

    def frames(self, damaged: list[str]) -> Iterator[tuple[Fraction, Pixels]]:
        """When each is shown, in seconds, and what, on white; the last one twice, where it stays for long. `damaged` is
        told where they break off.
        """
        time = Fraction(0)
        with open_picture(self.data, self.name, self.limits) as image:
            for number, duration_s in enumerate(self.durations_s):
                try:
                    with damage_named(self.name):
                        image.seek(number)
                        image_HWC = _on_white(image)
                except Exception as exc:
                    if not number:
                        raise
                    damaged.append(f"the animation breaks off behind frame {number}: {reason(exc)}")
                    return
                yield time, image_HWC
                time += duration_s
        if self.durations_s[-1] > 1.5 * min(self.durations_s):
            yield time - min(self.durations_s), image_HWC


def animation_of(data: bytes, name: str, limits: Limits) -> Animation | None:
    """None for what is no animated picture of a kind that is known here. Raises `PictureError`, `LimitError`."""
    with open_picture(data, name, limits) as image:
        ask_limits(image.width, image.height, name, limits)
        if image.format not in FORMATS or not getattr(image, "is_animated", False):
            return None
        with damage_named(name):
            num_frames = int(getattr(image, "n_frames", 1))
        limits.ask("max_frames", num_frames, f"{name}: the animation has {num_frames} frames")
        durations_s = tuple(_duration(image, number) for number in range(num_frames))
        return Animation(data, name, limits, Size(image.width, image.height), num_frames, durations_s)


def _duration(image: PilImage.Image, number: int) -> Fraction:
    try:
        image.seek(number)
        told = Fraction(image.info.get("duration", 0)).limit_denominator(1000) / 1000
    except Exception:  # a stranger's file; showing it will tell
        return _USUAL_S
    return told if told >= _LEAST_S else _USUAL_S


def _on_white(image: PilImage.Image) -> Pixels:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return np.asarray(onto_white(rgba.convert("RGB"), rgba.getchannel("A")))
    return np.asarray(image.convert("RGB"))


def save_animation(frames: Iterator[Pixels], out: BinaryIO, suffix: str, rate: Fraction) -> None:
    """An animated WebP (".webp", quality 80) or GIF (".gif") that plays for ever. GIF counts in hundredths of a second,
    and no player shows less than two of them.
    """
    from PIL import Image

    pictures = (Image.fromarray(image_HWC) for image_HWC in frames)
    first = next(pictures)
    if suffix == ".gif":
        hundredths = max(2, round(100 / rate))
        first.save(
            out,
            "GIF",
            save_all=True,
            append_images=pictures,
            duration=10 * hundredths,
            loop=0,
            comment=SOFTWARE.encode(),
        )
        return
    first.save(
        out, "WEBP", save_all=True, append_images=pictures, duration=round(1000 / rate), loop=0, quality=80, method=4,
        xmp=_SIGNED_XMP,
    )  # fmt: skip


def is_our_animation(data: bytes) -> bool:
    """Whether a file is an animation that was written here."""
    return (data.startswith(b"GIF8") and _GIF_SIGN in data) or (data.startswith(b"RIFF") and _SIGNED_XMP in data)
