"""AV1 video by PyAV: SVT-AV1 codes frames to units of a base clip, dav1d decodes them.

dav1d's planes are exact; the step to RGB is swscale's, so pixels stand within a tolerance, as all pixels do. Colours
are those of base pictures: BT.601's matrix, full range.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from semcodec.errors import DamagedError, MissingExtraError, VideoError
from semcodec.layers.base.av1_clip import temporal_unit, tools_of, units_in
from semcodec.layers.base.obus import NoBaseError
from semcodec.types import Size
from semcodec.video.package import pyav, reason

if TYPE_CHECKING:
    from semcodec.file.clips import BaseClip
    from semcodec.types import Pixels

COARSEST, FINEST = 70.0, 10.0  # SVT-AV1's CRF, in quarters
LEAST_SIDE_PX = 64  # SVT-AV1 refuses less
_ENCODER, _DECODER = "libsvtav1", "libdav1d"
# 10 bits at 0.01 bpp take 1 to 4 % off the bytes of 8 (SVT-AV1 4.1, three training clips).
_FORMAT = "yuv420p10le"
_ONE_KEY_FRAME = 1 << 30
_NO_SCENE_CUTS = "scd=0"


@dataclass(frozen=True, slots=True)
class Av1Units:
    """Frames as units, one for each; `tools` are those of `layers.base.av1_clip`."""

    coded: Size
    tools: bytes
    units: tuple[bytes, ...]


def has_av1_encoder() -> bool:
    """Whether there is a PyAV, and it has SVT-AV1."""
    try:
        return _ENCODER in pyav().codecs_available
    except MissingExtraError:
        return False


def encoded_av1(frames: Iterable[Pixels], size: Size, rate: Fraction, *, crf: float, preset: int) -> Av1Units:
    """Frames of one size, the first of them as the only key frame.

    `crf`: 10 (finest) to 70. `preset`: SVT-AV1's, 0 (slowest) to 13.

    Raises:
        VideoError: there is no encoder, or it fails. MissingExtraError: no PyAV.
    """
    av = pyav()
    if _ENCODER not in av.codecs_available:
        raise VideoError(f"the PyAV that is installed has no {_ENCODER}; install its wheel from PyPI")
    packets: list[bytes] = []
    try:
        with _quiet():
            context = av.CodecContext.create(_ENCODER, "w")
            context.width, context.height, context.pix_fmt = size.width_px, size.height_px, _FORMAT
            context.framerate, context.time_base = rate, 1 / rate
            told = f"lp=1:crf={crf:g}:{_NO_SCENE_CUTS}"
            context.options = {"preset": str(preset), "g": str(_ONE_KEY_FRAME), "svtav1-params": told}
            for number, image_HWC in enumerate(frames):
                frame = av.VideoFrame.from_ndarray(image_HWC, format="rgb24")
                frame = frame.reformat(format=_FORMAT, dst_colorspace="ITU601", dst_color_range="JPEG")
                frame.pts, frame.time_base = number, context.time_base
                packets += map(bytes, context.encode(frame))
            packets += map(bytes, context.encode(None))
        coded, tools, units = units_in(packets)
    except av.error.FFmpegError as exc:
        raise VideoError(f"the frames cannot be written as AV1: {reason(exc)}") from exc
    except NoBaseError as exc:
        raise VideoError(f"SVT-AV1 wrote a stream that is no base clip ({exc})") from exc
    return Av1Units(coded, tools.to_bytes(2, "big"), units)


def decoded_av1(base: BaseClip) -> Iterator[Pixels]:
    """The pictures of a base clip at its coded size, (h, w, 3) uint8 sRGB, as far as its units go.

    Raises:
        DamagedError: units are none, or show something else than one picture of that size each. MissingExtraError.
    """
    av, where = pyav(), f"the base clip at offset {base.offset}"
    if _DECODER not in av.codecs_available:
        raise VideoError(f"the PyAV that is installed has no {_DECODER}; install its wheel from PyPI")
    context: Any = av.CodecContext.create(_DECODER, "r")
    # (all units are asked one by one: with several threads frames would come late)
    context.thread_count = 1
    context.options = {"max_pixels": str(base.coded.width_px * base.coded.height_px), "filmgrain": "0"}
    try:
        tools, num_shown = tools_of(base.tools), 0
        for number, unit in enumerate(base.units):
            stream = temporal_unit(unit, base.coded, tools, is_first=number == 0)
            for frame in context.decode(av.Packet(stream)):
                num_shown += 1
                yield _pixels(frame, base.coded, where)
        for frame in context.decode(None):
            num_shown += 1
            yield _pixels(frame, base.coded, where)
    except NoBaseError as exc:
        raise DamagedError(f"{where} cannot be decoded: {exc}", offset=base.offset) from exc
    except av.error.FFmpegError as exc:
        raise DamagedError(f"{where} cannot be decoded: {reason(exc)}", offset=base.offset) from exc
    if num_shown != len(base.units):
        raise DamagedError(f"{where} shows {num_shown} pictures in {len(base.units)} units", offset=base.offset)


def _pixels(frame: Any, coded: Size, where: str) -> Pixels:
    if (frame.width, frame.height) != (coded.width_px, coded.height_px):
        raise DamagedError(f"{where} shows a picture of {frame.width}x{frame.height}, not of {coded}")
    pixels: Pixels = frame.reformat(format="rgb24", src_colorspace="ITU601", src_color_range="JPEG").to_ndarray()
    return pixels


@contextmanager
def _quiet() -> Iterator[None]:
    """SVT-AV1 says much on stderr, unless the environment says that it should not."""
    told = os.environ.get("SVT_LOG")
    os.environ["SVT_LOG"] = told or "1"
    try:
        yield
    finally:
        if told is None:
            del os.environ["SVT_LOG"]
