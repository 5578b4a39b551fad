"""VMAF of many pictures against one, in one run of ffmpeg's libvmaf (its default model).

Every decoded picture is a frame; the reference is repeated. libvmaf's motion feature looks at the reference alone,
which stands still, so each frame's score is that of a still picture.
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
    if not images:
        return []
    height, width = reference_HWC.shape[:2]
    height, width = height - height % 2, width - width % 2
    size, reference_HWC = f"{width}x{height}", reference_HWC[:height, :width]
    with tempfile.TemporaryDirectory() as folder:
        reference, log = Path(folder) / "reference.rgb", Path(folder) / "vmaf.json"
        reference.write_bytes(np.ascontiguousarray(reference_HWC).tobytes())
        frames = b"".join(np.ascontiguousarray(image[:height, :width]).tobytes() for image in images)
        yuv = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
        graph = (
            f"[0:v]{yuv}[distorted];[1:v]{yuv}[reference];"
            f"[distorted][reference]libvmaf=log_fmt=json:log_path={log}:n_threads={threads}"
        )
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", "25"]
        run_ffmpeg(
            [*raw, "-i", "pipe:0", "-stream_loop", "-1", *raw, "-i", str(reference)]
            + ["-lavfi", graph, "-frames:v", str(len(images)), "-f", "null", "-"],
            frames,
        )
        scores = json.loads(log.read_text(encoding="utf-8"))["frames"]
    return [float(frame["metrics"]["vmaf"]) for frame in scores][: len(images)]
