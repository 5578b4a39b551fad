"""Frames to a file: MP4, animated WebP or GIF, or pictures with a number each.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from semcodec.clips.walk import Shown
from semcodec.files import written_beside
from semcodec.pictures.animation import save_animation
from semcodec.video.writing import DEFAULT_CRF, Mp4Writer

if TYPE_CHECKING:
    from semcodec.types import Pixels, Size

SUFFIXES = (".mp4", ".webp", ".gif")


def save(
    frames: Iterable[Shown], target: str | os.PathLike[str], size: Size, rate: Fraction, *, crf: int = DEFAULT_CRF
) -> None:
    """Writes what plays to a file, whole or not at all. Its suffix says what: .mp4, .webp or .gif.

    `rate`: frames a second. `crf`: of H.264, lower is finer. (A WebP or GIF is put together in memory.)

    Raises:
        ValueError: another suffix. VideoError, OSError: it cannot be written. MissingExtraError: MP4 without PyAV.
    """
    suffix = Path(target).suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"{os.fspath(target)}: its suffix names no kind of video ({', '.join(SUFFIXES)})")
    with written_beside(target) as out:
        write(frames, out, suffix, size, rate, crf=crf)


def write(
    frames: Iterable[Shown], out: BinaryIO, suffix: str, size: Size, rate: Fraction, *, crf: int = DEFAULT_CRF
) -> None:
    """The same, to a file that is open for writing: one with a name is written by that, others (stdout) as they are."""
    if suffix == ".mp4":
        name = getattr(out, "name", None)
        with Mp4Writer(name if out.seekable() and isinstance(name, str) else out, size, rate, crf=crf) as writer:
            for shown in frames:
                writer.add(shown.image_HWC)
    else:
        save_animation(_pixels_of(frames), out, suffix, rate)


def _pixels_of(frames: Iterable[Shown]) -> Iterator[Pixels]:
    return (shown.image_HWC for shown in frames)
