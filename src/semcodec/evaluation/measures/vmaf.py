"""VMAF in one run of ffmpeg's libvmaf (its default model): of many pictures against one, or of a clip.

Every decoded picture is a frame. Where there is one reference, it is repeated: libvmaf's motion feature looks at the
reference alone, which stands still, so each frame's score is that of a still picture.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from semcodec.evaluation.peers.ffmpeg import run_ffmpeg

if TYPE_CHECKING:
    from semcodec.types import Pixels


def vmaf_scores(reference_HWC: Pixels, images: Sequence[Pixels], *, threads: int = 1) -> list[float]:
    """One score per picture, 0..100."""
    return _scores([reference_HWC], images, ["-stream_loop", "-1"], threads) if images else []


def vmaf_of_clip(references: Sequence[Pixels], images: Sequence[Pixels], *, threads: int = 1) -> list[float]:
    """One score per frame, 0..100, with the motion of the reference."""
    return _scores(references, images, [], threads) if images else []


def _scores(references: Sequence[Pixels], images: Sequence[Pixels], looped: list[str], threads: int) -> list[float]:
    height, width = images[0].shape[:2]
    height, width = height - height % 2, width - width % 2
    size = f"{width}x{height}"

    def raw_bytes(pictures: Sequence[Pixels]) -> bytes:
        return b"".join(np.ascontiguousarray(picture[:height, :width]).tobytes() for picture in pictures)

    with tempfile.TemporaryDirectory() as folder:
        reference, log = Path(folder) / "reference.rgb", Path(folder) / "vmaf.json"
        reference.write_bytes(raw_bytes(references))
        yuv = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
        graph = (
            f"[0:v]{yuv}[distorted];[1:v]{yuv}[reference];"
            f"[distorted][reference]libvmaf=log_fmt=json:log_path={log}:n_threads={threads}"
        )
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", "25"]
        run_ffmpeg(
            [*raw, "-i", "pipe:0", *looped, *raw, "-i", str(reference)]
            + ["-lavfi", graph, "-frames:v", str(len(images)), "-f", "null", "-"],
            raw_bytes(images),
        )
        scores = json.loads(log.read_text(encoding="utf-8"))["frames"]
    return [float(frame["metrics"]["vmaf"]) for frame in scores][: len(images)]
