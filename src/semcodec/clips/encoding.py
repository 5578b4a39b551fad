"""A video to a clip: key frames as still files, and motion in words and numbers.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from semcodec.arguments import door
from semcodec.clips.filling import EncodedClip, Filler
from semcodec.clips.options import ClipOptions
from semcodec.clips.survey import survey_of
from semcodec.encoding import ENCODING
from semcodec.interpolators.compensated import Compensated
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.models import Models, default_models
from semcodec.sources import file_bytes
from semcodec.video.opening import open_footage

if TYPE_CHECKING:
    from semcodec.clips.filling import Progress
    from semcodec.contracts import Interpolator
    from semcodec.sources import FileSource

ENCODING_CLIPS = (*ENCODING, "semcodec.clips.survey", "semcodec.clips.filling")
# Frames of a piece among which key frames are chosen, by effort 1 to 9.
_NODES = (6, 8, 12, 16, 24, 32, 48, 64, 96)


@door(*ENCODING_CLIPS)
def encode(
    video: FileSource,
    *,
    bytes: int | None = None,
    kbps: float | None = None,
    bpp: float | None = None,
    effort: int = 5,
    describe: bool = True,
    picture: str = "auto",
    limits: Limits = DEFAULT_LIMITS,
    models: Models | None = None,
) -> EncodedClip:
    """A video, or an animated GIF, WebP or PNG, to a clip. It is read several times; memory is the same for any length.

    Args:
        video: its path as a `pathlib.Path`, its bytes, or the file opened in binary (which is read whole).
        bytes: ceiling for the whole file. At most one of `bytes`, `kbps`, `bpp`; none means a `bpp` of 0.01.
        kbps: thousand bits a second. bpp: bits per pixel of all frames.
        effort: 1..9: how closely key frames are chosen, and how long each is searched for a better file.
        describe: whether the embedded describer says what each shot shows, and its motion is said in words.
        picture: "keys": key frames, and between them what the receiver makes. "base": a base clip, AV1 at a reduced
            size, which the receiver enlarges and restores. "auto": the better one for the bytes that there are.
        models: the networks that are used; None: those that this build ships (`semcodec.models`).

    Raises:
        VideoError, LimitError: the video cannot be taken. BudgetError: the ceiling is below the least that is possible.
        MissingExtraError: a video, and no PyAV (extra `video`).
    """
    options = ClipOptions(
        bytes=bytes, kbps=kbps, bpp=bpp, effort=effort, describe=describe, picture=picture, limits=limits
    )
    return encode_with_options(video, options=options, models=models)


@door(*ENCODING_CLIPS)
def encode_with(
    video: FileSource,
    *,
    options: ClipOptions,
    models: Models | None = None,
    progress: Progress | None = None,
) -> EncodedClip:
    """`encode`, with its arguments as one object. `progress` is told what is done, how far it is and of how many (None:
    not known).
    """
    return encode_with_options(video, options=options, models=models, progress=progress)


def encode_with_options(
    video: FileSource, *, options: ClipOptions, models: Models | None = None, progress: Progress | None = None
) -> EncodedClip:
    models, tell = models or default_models(), progress or (lambda what, done, of: None)
    footage = open_footage(video if isinstance(video, os.PathLike) else file_bytes(video), options.limits)

    def looked_at(interpolator: Interpolator | None) -> Filler:
        """`interpolator`: what stands for the receiver's, where key frames are to be chosen."""
        survey = survey_of(
            footage,
            interpolator,
            num_nodes=_NODES[options.effort - 1],
            progress=lambda num: tell("looking", num, footage.num_frames),
        )
        return Filler(footage, survey, options, models, tell)

    # With the embedded network (one clip compared) much the same key frames are chosen in twice the time: 25 s, not 11,
    # of 50 frames. So what is sent does not depend on it.
    if options.picture == "keys":
        return looked_at(Compensated()).with_keys()
    return looked_at(None).with_base() or looked_at(Compensated()).with_keys()
