"""semcodec as the benchmark of clips runs it: the default effort, one file per budget."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

import numpy as np

import semcodec
from semcodec import clips
from semcodec.errors import SemcodecError
from semcodec.evaluation.clips.frames import Frames
from semcodec.evaluation.clips.ladders import CodedClip
from semcodec.evaluation.ours import NAME, fingerprint
from semcodec.video.package import pyav

if TYPE_CHECKING:
    from semcodec.types import Pixels

__all__ = ["NAME", "code_clip", "fingerprint", "settings"]


def settings() -> str:
    return f"semcodec {semcodec.__version__}, embedded networks, effort 5, words as by default"


def code_clip(frames: Frames, budgets: tuple[int, ...]) -> list[CodedClip]:
    """A file for every budget, in bytes, that can be reached."""
    video, coded = lossless(frames), []
    for budget in budgets:
        began = time.perf_counter()
        try:
            data = clips.encode(video, bytes=budget).data
        except SemcodecError:
            continue
        encoded = time.perf_counter()
        pictures: list[Pixels] = [np.array(shown.image_HWC) for shown in clips.decode(data).frames()]
        shown = Frames(tuple(pictures), frames.rate)
        decode_s = time.perf_counter() - encoded
        coded.append(CodedClip((budget,), 1, budget, data, shown, encoded - began, decode_s))
    return coded


def lossless(frames: Frames) -> bytes:
    """A video file that holds just these frames, so that semcodec is given what its peers are."""
    av, out = pyav(), io.BytesIO()
    with av.open(out, "w", format="matroska") as container:
        stream: Any = container.add_stream("ffv1", rate=frames.rate)
        stream.width, stream.height, stream.pix_fmt = frames.size.width_px, frames.size.height_px, "bgr0"
        for picture in frames.pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
        container.mux(stream.encode(None))
    return out.getvalue()
