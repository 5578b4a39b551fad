"""Small films for tests, made with PyAV or Pillow where they are needed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 64, 48


def frames(num: int, *, width: int = WIDTH, height: int = HEIGHT) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """A bright block that goes from left to right over a slope of grey."""
    made = []
    for number in range(num):
        image = np.empty((height, width, 3), np.uint8)
        image[:] = np.linspace(30, 120, width, dtype=np.uint8)[None, :, None]
        left = number * (width - 12) // max(1, num - 1)
        image[height // 3 : height // 3 + 12, left : left + 12] = (230, 200, 40)
        made.append(image)
    return made


def film(
    pictures: Sequence[np.ndarray[Any, np.dtype[np.uint8]]],
    *,
    format: str = "mp4",
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: int = 10,
    times: Sequence[int] | None = None,
    aspect: Fraction | None = None,
    colours: tuple[int, int] | None = None,
    sound: bool = False,
) -> bytes:
    """The bytes of a video. `times`: of the frames, in turns of the rate. `colours`: primaries and curve (H.273)."""
    out = io.BytesIO()
    with av.open(out, "w", format=format) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = pictures[0].shape[1], pictures[0].shape[0], pix_fmt
        stream.codec_context.time_base = Fraction(1, rate)
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if colours is not None:
            stream.codec_context.color_primaries, stream.codec_context.color_trc = colours
        voice = container.add_stream("aac", rate=8000) if sound else None
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pix_fmt)
            frame.pts = number if times is None else times[number]
            if colours is not None:
                frame.color_primaries, frame.color_trc = colours
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if voice is not None:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            silence.sample_rate = 8000
            container.mux(voice.encode(silence))
            container.mux(voice.encode(None))
    return out.getvalue()


def animation(
    pictures: Sequence[np.ndarray[Any, np.dtype[np.uint8]]], format: str = "GIF", *, duration: int | list[int] = 100
) -> bytes:
    out = io.BytesIO()
    first, *others = (Image.fromarray(picture) for picture in pictures)
    first.save(out, format, save_all=True, append_images=others, duration=duration, loop=0)
    return out.getvalue()


def turned(mp4: bytes) -> bytes:
    """The same film with a quarter turn in its track's matrix, as telephones write it."""
    at = mp4.index(b"tkhd") + 4 + 40
    one, minus = (1 << 16).to_bytes(4, "big"), (-(1 << 16) & 0xFFFFFFFF).to_bytes(4, "big")
    zero, last = bytes(4), (1 << 30).to_bytes(4, "big")
    matrix = zero + one + zero + minus + zero + zero + zero + zero + last
    return mp4[:at] + matrix + mp4[at + 36 :]


def still() -> bytes:
    """A JPEG file."""
    out = io.BytesIO()
    Image.fromarray(frames(1)[0]).save(out, "JPEG")
    return out.getvalue()
