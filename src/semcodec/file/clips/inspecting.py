"""What a clip says of itself: its shots in words, its key frames, its bytes. Light: no network, no numpy."""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.arguments import door
from semcodec.errors import SemcodecError
from semcodec.file.clips import BaseClip, Clip, Motion
from semcodec.file.clips.reading import read_clip
from semcodec.file.inspecting import info as still_info
from semcodec.limits import DEFAULT_LIMITS, Limits

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from semcodec.sources import FileSource
    from semcodec.types import FileInfo, Size


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key frame: where it is shown, its bytes, and what its still file says; None: not even its header is there."""

    frame: int
    num_bytes: int
    still: FileInfo | None


@dataclass(frozen=True, slots=True)
class ShotInfo:
    """A shot: its frames (`last` is one of them), and what the file sends of it."""

    first: int
    last: int
    keys: tuple[KeyInfo, ...]
    motions: tuple[Motion, ...]


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """What can be said of a clip without decoding a picture. `rate`: frames a second, numerator and denominator."""

    size: Size
    rate: tuple[int, int]
    num_frames: int
    num_bytes: int
    shots: tuple[ShotInfo, ...]
    base_clips: tuple[BaseClip, ...]
    warnings: tuple[str, ...]

    @property
    def num_key_frames(self) -> int:
        return sum(len(shot.keys) for shot in self.shots)

    @property
    def num_key_bytes(self) -> int:
        return sum(key.num_bytes for shot in self.shots for key in shot.keys)


@door()
def info(data: FileSource, *, limits: Limits = DEFAULT_LIMITS) -> ClipInfo:
    """What a clip says of itself. Nothing but headers and words is decoded.

    Raises:
        FormatError: not even the header can be read. LimitError: the clip asks for more than `limits` allow.
    """
    return info_of(read_clip(data, limits=limits), limits)


def info_of(clip: Clip, limits: Limits = DEFAULT_LIMITS) -> ClipInfo:
    """The same of a clip that was read."""
    said = [str(problem) for problem in clip.problems]
    if clip.others:
        said.append(f"{clip.others} records of a kind that this build does not know were passed over")
    keys = []
    for key in clip.key_frames:
        try:
            still = still_info(key.still, limits=limits)
            if not key.cut_short:
                said += [f"the key frame {key.frame}: {warning}" for warning in still.warnings]
        except SemcodecError as problem:
            said.append(f"the key frame {key.frame}: {problem}")
            still = None
        keys.append(KeyInfo(key.frame, len(key.still), still))
    starts = [*clip.shot_starts(), clip.header.num_frames]
    shots = tuple(
        ShotInfo(
            first,
            after - 1,
            tuple(key for key in keys if first <= key.frame < after),
            tuple(motion for motion in clip.motions if first <= motion.first < after),
        )
        for first, after in zip(starts, starts[1:], strict=False)
    )
    header = clip.header
    return ClipInfo(header.size, header.rate, header.num_frames, clip.num_bytes, shots, clip.base_clips, tuple(said))
