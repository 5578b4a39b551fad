"""SVT-AV1, x265 and VVC as bare elementary streams of a clip, by the ffmpeg that imageio-ffmpeg carries.

One key frame, then whatever the encoder likes; ten bits; headers that say nothing of the pictures are switched off.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from semcodec.errors import MissingExtraError, PictureError
from semcodec.evaluation.clips.frames import Frames, even, frames_of_bytes
from semcodec.evaluation.peers.ffmpeg import TO_RGB, TO_YUV, ffmpeg_path, run_ffmpeg

if TYPE_CHECKING:
    from semcodec.types import Size

SCALES = (1, 2)
_NO_KEY_FRAMES = 9999
# libvvenc 1.15.0-dev of ffmpeg 9.0.2 ends without an error and without a byte in every second run or so; in the next
# one of the same arguments it writes what it should.
_TRIES = 10
_VVC_BARE = "refreshsec=600:AccessUnitDelimiter=0:HrdParametersPresent=0:VuiParametersPresent=0"


@dataclass(frozen=True, slots=True)
class ClipPeer:
    """`qualities` go from the smallest file to the largest; `options` are ffmpeg's for one of them."""

    name: str
    title: str
    settings: str
    qualities: tuple[float, ...]
    options: Callable[[float], Sequence[str]]
    muxer: str

    def encode(self, frames: Frames, quality: float) -> bytes:
        """Raises `PictureError` where the encoder fails."""
        size = even(frames.size)
        for _ in range(_TRIES):
            data = run_ffmpeg(
                ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", str(size), "-r", str(frames.rate), "-i", "pipe:0"]
                + ["-vf", TO_YUV, "-pix_fmt", "yuv420p10le", "-threads", "1", *self.options(quality)]
                + ["-fflags", "+bitexact", "-f", self.muxer, "pipe:1"],
                frames.even_bytes(),
            )
            if data:
                return data
        raise PictureError(f"{self.title} wrote nothing at quality {quality:g}; run the benchmark again to go on")

    def decode(self, data: bytes, size: Size, num_frames: int, rate: Fraction) -> Frames:
        """Raises `PictureError` where it gives another number of frames."""
        raw = run_ffmpeg(
            [
                "-threads",
                "1",
                "-f",
                self.muxer,
                "-i",
                "pipe:0",
                "-vf",
                TO_RGB,
                "-pix_fmt",
                "rgb24",
                "-fps_mode",
                "passthrough",
            ]
            + ["-f", "rawvideo", "pipe:1"],
            data,
        )
        padded = even(size)
        wanted = padded.width_px * padded.height_px * 3 * num_frames
        if len(raw) != wanted:
            raise PictureError(f"{self.title} gave {len(raw)} bytes for {num_frames} frames of {size}, not {wanted}")
        return frames_of_bytes(raw, size, rate)


def _svt() -> ClipPeer:
    return ClipPeer(
        "svtav1",
        "SVT-AV1",
        "imageio-ffmpeg, libsvtav1: preset 3, 10 bit 4:2:0, CRF 70-20 in halves, one key frame, bare OBU stream",
        tuple(half / 2 for half in range(140, 39, -1)),
        lambda crf: (
            ["-c:v", "libsvtav1", "-preset", "3", "-g", str(_NO_KEY_FRAMES), "-svtav1-params"] + [f"lp=1:crf={crf:g}"]
        ),
        "obu",
    )


def _x265() -> ClipPeer:
    told = f"info=0:keyint={_NO_KEY_FRAMES}:pools=none:frame-threads=1:log-level=error"
    return ClipPeer(
        "x265",
        "x265",
        "imageio-ffmpeg, x265: preset slow, 10 bit 4:2:0, CRF 51-15 in quarters, one key frame, bare stream, no "
        "encoder information",
        tuple(quarter / 4 for quarter in range(204, 59, -1)),
        lambda crf: ["-c:v", "libx265", "-preset", "slow", "-x265-params", f"crf={crf:g}:{told}"],
        "hevc",
    )


def _vvc() -> ClipPeer:
    return ClipPeer(
        "vvc",
        "VVC",
        "imageio-ffmpeg, libvvenc: preset medium, perceptual QPA, 10 bit 4:2:0, QP 63-15, one key frame, bare stream",
        tuple(range(63, 14, -1)),
        lambda qp: ["-c:v", "libvvenc", "-preset", "medium", "-qp", f"{qp:g}", "-vvenc-params", _VVC_BARE],
        "vvc",
    )


def clip_peers() -> dict[str, Callable[[], ClipPeer]]:
    """In the order of the report."""
    return {"x265": _x265, "svtav1": _svt, "vvc": _vvc}


def open_clip_peers(names: Sequence[str] | None = None) -> tuple[list[ClipPeer], list[str]]:
    """The wanted peers (default: all), and a sentence for each that cannot run here. Raises `ValueError`."""
    known = clip_peers()
    for name in names or ():
        if name not in known:
            raise ValueError(f"'{name}' is no peer of clips; there are {', '.join(known)}")
    wanted = [make() for name, make in known.items() if names is None or name in names]
    try:
        ffmpeg_path()
    except MissingExtraError as exc:
        return [], [f"{peer.title}: not measured. {exc}" for peer in wanted]
    return wanted, []
