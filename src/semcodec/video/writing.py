"""Frames to a video file: MP4 with H.264, which everything plays.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from fractions import Fraction
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from semcodec.errors import VideoError
from semcodec.pictures.sign import SOFTWARE
from semcodec.video.package import pyav, reason

if TYPE_CHECKING:
    from semcodec.types import Pixels, Size

DEFAULT_CRF = 18  # x264: visually lossless for most; what a clip lost is not lost again
_SIGN = b"clip decoded by " + SOFTWARE.encode()
_ENCODERS = ("libx264", "libopenh264", "h264")  # as the wheels of PyAV have them; the first is what CRF is for


class Mp4Writer:
    """Writes frames as they come. A context manager: only what leaves it without an error is whole."""

    def __init__(self, out: str | BinaryIO, size: Size, rate: Fraction, *, crf: int = DEFAULT_CRF) -> None:
        """`out`: a path, or what only can be written to (then the file is in fragments: its index is not at its front).
        Sides that are odd get a column or row more: H.264 has even ones alone.
        """
        av = pyav()
        self._size = size
        flags = "+faststart" if isinstance(out, str) else "frag_keyframe+empty_moov+default_base_moof"
        self._container = av.open(out, "w", format="mp4", options={"movflags": flags})
        self._container.metadata["comment"] = _SIGN.decode()
        self._stream = self._added(av, rate, crf)
        self._number = 0

    def _added(self, av: Any, rate: Fraction, crf: int) -> Any:
        for name in _ENCODERS:
            try:
                stream = self._container.add_stream(name, rate=rate, options={"crf": str(crf)})
            except (av.error.FFmpegError, ValueError):
                continue
            stream.width, stream.height = (side + side % 2 for side in (self._size.width_px, self._size.height_px))
            stream.pix_fmt = "yuv420p"
            context = stream.codec_context
            context.time_base = 1 / rate
            context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
            context.color_range = 1
            return stream
        raise VideoError("the PyAV that is installed has no H.264 encoder; install its wheel from PyPI")

    def add(self, image_HWC: Pixels) -> None:
        av = pyav()
        height, width = image_HWC.shape[:2]
        if height % 2 or width % 2:
            image_HWC = np.pad(image_HWC, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image_HWC), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        frame.pts = self._number
        self._number += 1
        self._mux(frame)

    def _mux(self, frame: Any) -> None:
        av = pyav()
        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        except av.error.FFmpegError as exc:
            raise VideoError(f"the video cannot be written: {reason(exc)}") from exc

    def __enter__(self) -> Mp4Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._mux(None)
        self._container.close()


def is_our_mp4(data: bytes) -> bool:
    """Whether a file is a video that was written here."""
    return data[4:8] == b"ftyp" and _SIGN in data
