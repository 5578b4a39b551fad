"""Runs the ffmpeg that imageio-ffmpeg carries: pictures in and out through pipes, nothing on the disk.

Sides must be even for 4:2:0, so pictures are padded by repeating their last row and column, and cropped after decoding.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from semcodec.errors import PictureError
from semcodec.evaluation.require import require

if TYPE_CHECKING:
    from semcodec.types import Pixels, Size

_SWS = "lanczos+accurate_rnd+full_chroma_int+full_chroma_inp"
TO_YUV = f"scale=out_color_matrix=bt709:out_range=tv:flags={_SWS}"
TO_RGB = f"scale=in_color_matrix=bt709:in_range=tv:flags={_SWS}"


def ffmpeg_path() -> str:
    return str(require("imageio_ffmpeg").get_ffmpeg_exe())


def run_ffmpeg(arguments: Sequence[str], data: bytes) -> bytes:
    """Standard output of one run; a PictureError with the last line of its log where it fails."""
    command = [ffmpeg_path(), "-hide_banner", "-loglevel", "error", "-nostdin", *arguments]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
        raise PictureError(f"ffmpeg {' '.join(arguments[-8:])}: {lines[-1]}")
    return done.stdout


def encode_still(image_HWC: Pixels, *, pixel_format: str, options: Sequence[str], muxer: str) -> bytes:
    """One picture as a bare elementary stream."""
    height, width = image_HWC.shape[:2]
    even_HWC = np.pad(image_HWC, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    size = f"{even_HWC.shape[1]}x{even_HWC.shape[0]}"
    return run_ffmpeg(
        ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", "25", "-i", "pipe:0", "-frames:v", "1"]
        + ["-vf", TO_YUV, "-pix_fmt", pixel_format, "-threads", "1", *options, "-fflags", "+bitexact"]
        + ["-f", muxer, "pipe:1"],
        even_HWC.tobytes(),
    )


def decode_still(data: bytes, size: Size, *, demuxer: str) -> Pixels:
    """The picture of such a stream, cropped to `size`."""
    raw = run_ffmpeg(
        ["-threads", "1", "-f", demuxer, "-i", "pipe:0", "-frames:v", "1", "-vf", TO_RGB, "-pix_fmt", "rgb24"]
        + ["-f", "rawvideo", "pipe:1"],
        data,
    )
    width, height = size.width_px + size.width_px % 2, size.height_px + size.height_px % 2
    if len(raw) != width * height * 3:
        raise PictureError(
            f"ffmpeg gave {len(raw)} bytes for a picture of {width}x{height}; {width * height * 3} expected"
        )
    return np.frombuffer(raw, np.uint8).reshape(height, width, 3)[: size.height_px, : size.width_px]
