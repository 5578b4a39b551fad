"""Video files, as PyAV (FFmpeg) opens them.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from semcodec.errors import VideoError
from semcodec.limits import Limits
from semcodec.pictures.isobmff import top_box
from semcodec.pictures.opening import ask_limits
from semcodec.pictures.video import VideoColours
from semcodec.types import Size
from semcodec.video.footage import Frame, Told
from semcodec.video.package import pyav, reason

if TYPE_CHECKING:
    from semcodec.types import Pixels

# Formats that are lists of other files or addresses, or no file at all: never for a stranger's bytes.
_LISTS = frozenset({"hls", "dash", "concat", "concatf", "sdp", "rtp", "rtsp", "imf", "lavfi", "tty"})
_UNSPECIFIED, _BT601, _BT709 = 2, 5, 1
_HD_ROWS = 720  # from here on video that does not say its colours is BT.709's
_MAX_RATE = 240
# Few players, and no eye, tell 1/1001 from what is nearer; the file's rate is in whole numbers.
_MAX_DENOMINATOR = 1001


class VideoFootage:
    """A video file. `Footage` says what its parts mean. Raises `VideoError`, `LimitError`, `MissingExtraError`."""

    def __init__(self, source: str | os.PathLike[str] | bytes, name: str, limits: Limits) -> None:
        self._source, self._name, self._limits = source, name, limits
        self.told = Told()
        with self._opened() as (container, stream):
            context = stream.codec_context
            ask_limits(context.width, context.height, name, limits)
            self._note_other_streams(container)
            self.rate = _rate_of(stream)
            self.num_frames = _num_frames_of(container, stream, self.rate)
            first = next(self._decoded(container, stream), None)
            if first is None:
                raise VideoError(f"{name}: not one frame of it can be decoded; get the file again")
            self._turns = _turns_of(first)
            self.size = self._shown_size(first, stream)
            self._colours = VideoColours(int(first.color_primaries), int(first.color_trc), self.told.note)
        self.told.damage.clear()  # (of the first frame alone; reading them all tells)

    def frames(self, size: Size | None = None) -> Iterator[Frame]:
        began: Fraction | None = None
        num_read, last = 0, Fraction(0)
        with self._opened() as (container, stream):
            for frame in self._decoded(container, stream):
                number = num_read if frame.pts is None else frame.pts
                time = Fraction(number) * (1 / self.rate if frame.pts is None else Fraction(frame.time_base))
                began = time if began is None else began
                num_read += 1
                self._limits.ask("max_frames", num_read, f"{self._name}: the video has {num_read} frames or more")
                last = time - began
                yield last, self._pixels(frame, size)
        if not num_read:
            raise VideoError(f"{self._name}: not one frame of it can be decoded; get the file again")
        expected = self.num_frames
        if expected is not None and num_read < expected and (last + 1 / self.rate) * self.rate < expected * 0.95:
            self.told.damaged(f"the video is cut short: {num_read} of {expected} frames could be read")

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        av, name = pyav(), self._name
        try:
            file = _file_of(self._source)
        except FileNotFoundError as exc:
            raise VideoError(f"{name}: there is no such file; check the path") from exc
        except IsADirectoryError as exc:
            raise VideoError(f"{name}: is a folder, not a video; name a file in it") from exc
        except OSError as exc:
            raise VideoError(f"{name}: cannot be read: {exc.strerror or exc}; check that you may read it") from exc
        with file:
            if not file.read(1):
                raise VideoError(f"{name}: is empty; a video file is needed")
            file.seek(0)
            try:
                container = av.open(file, options={"protocol_whitelist": "none"}, metadata_errors="replace")
            except (av.error.FFmpegError, ValueError) as exc:
                if _lacks_index(file):
                    raise VideoError(
                        f"{name}: the video is cut short: its index (the box 'moov'), which stands at its end, is "
                        "missing; get the whole file"
                    ) from exc
                raise VideoError(f"{name}: is no video that can be read here ({reason(exc)})") from exc
            with container:
                if container.format.name.endswith("_pipe"):
                    raise VideoError(f"{name}: is a picture, not a video; `semcodec encode` takes it")
                if set(container.format.name.split(",")) & _LISTS:
                    raise VideoError(f"{name}: is a list of other files ({container.format.name}); name a video itself")
                streams = [stream for stream in container.streams.video if not _is_cover(stream)]
                if not streams:
                    raise VideoError(f"{name}: holds no video; name a file that does")
                if streams[0].codec_context is None:
                    raise VideoError(f"{name}: holds a video of a kind that cannot be decoded here; convert it first")
                streams[0].thread_type = "AUTO"
                yield container, streams[0]

    def _decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        """Frames as far as they can be had: a damaged packet is passed over."""
        av = pyav()
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError as exc:
                self.told.damaged(f"the video breaks off: {reason(exc)}; what came before was taken")
                return
            try:
                frames = packet.decode()
            except av.error.EOFError:
                return
            except av.error.FFmpegError as exc:
                self.told.damaged(f"parts of the video are damaged ({reason(exc)}); they were passed over")
                continue
            yield from frames

    def _pixels(self, frame: Any, size: Size | None) -> Pixels:
        av = pyav()
        upright = size or self.size
        is_on_its_side = self._turns % 2 == 1
        width, height = upright.width_px, upright.height_px
        if is_on_its_side:
            width, height = height, width
        is_yuv = frame.format.is_planar and not frame.format.is_rgb
        colorspace = int(frame.colorspace)
        if colorspace == _UNSPECIFIED:
            colorspace = _BT709 if frame.height >= _HD_ROWS else _BT601
        how = av.video.reformatter.Interpolation.AREA if size else av.video.reformatter.Interpolation.BICUBIC
        shown = frame.reformat(
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=colorspace if is_yuv and colorspace in (1, 4, 5, 7, 9) else None,
            interpolation=how,
        )
        if getattr(frame, "interlaced_frame", False):
            self.told.note("it is interlaced: both fields are shown at once")
        image_HWC = shown.to_ndarray()
        if self._turns:
            image_HWC = np.rot90(image_HWC, self._turns)
        return self._colours.to_srgb(np.ascontiguousarray(image_HWC))

    def _shown_size(self, frame: Any, stream: Any) -> Size:
        """Upright, with square pixels; tells what that takes."""
        width, height, aspect = frame.width, frame.height, stream.sample_aspect_ratio
        if aspect and aspect != 1 and 0.1 < aspect < 10:
            width = max(1, round(width * Fraction(aspect)))
            self.told.note(f"its pixels are not square ({aspect}): it was made {width}x{height}")
        if self._turns:
            self.told.note(f"it was turned upright as its rotation of {90 * self._turns} degrees says")
        if self._turns % 2:
            width, height = height, width
        bits = max((component.bits for component in frame.format.components), default=8)
        if bits > 8:
            self.told.note(f"its {bits} bits a sample were rounded to 8")
        if any(component.is_alpha for component in frame.format.components):
            self.told.note("its transparency was dropped")
        ask_limits(width, height, self._name, self._limits)
        return Size(width, height)

    def _note_other_streams(self, container: Any) -> None:
        if container.streams.audio:
            self.told.note("its sound was dropped: a clip is a picture that moves")
        if container.streams.subtitles:
            self.told.note("its subtitles were dropped")
        if len([stream for stream in container.streams.video if not _is_cover(stream)]) > 1:
            self.told.note("only the first of its videos was taken")


def _file_of(source: str | os.PathLike[str] | bytes) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb")


def _lacks_index(file: BinaryIO) -> bool:
    """Whether it is an MP4 without the box that most cameras write last (pictures in such boxes have `meta`)."""
    return top_box(file, b"ftyp") is not None and not any(top_box(file, kind) for kind in (b"moov", b"meta"))


def _is_cover(stream: Any) -> bool:
    """Whether it is a picture beside the sound, as music has."""
    return bool(int(getattr(stream, "disposition", 0)) & 0x400)


def _rate_of(stream: Any) -> Fraction:
    """Frames a second. Where some are left out, the rate at which they would come, up to twice as many."""
    average, guessed = stream.average_rate, stream.guessed_rate
    rate = average or guessed or Fraction(25)
    if average and guessed and average < guessed <= 2 * average:
        rate = guessed
    return min(max(Fraction(rate).limit_denominator(_MAX_DENOMINATOR), Fraction(1, 60)), Fraction(_MAX_RATE))


def _num_frames_of(container: Any, stream: Any, rate: Fraction) -> int | None:
    if stream.frames:
        return int(stream.frames)
    if stream.duration:
        return max(1, round(Fraction(stream.duration) * Fraction(stream.time_base) * rate))
    if container.duration and not container.streams.audio:
        return max(1, round(Fraction(container.duration, 1_000_000) * rate))
    return None


def _turns_of(frame: Any) -> int:
    """Quarter turns counter-clockwise that make it upright."""
    return round(int(getattr(frame, "rotation", 0) or 0) / 90) % 4
