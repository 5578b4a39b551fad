"""What a clip says in words, and of which frames."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from semcodec.errors import FormatError
from semcodec.file.clips import Clip, KeyFrame, Motion
from semcodec.file.reading import read_words
from semcodec.types import Words


@dataclass(frozen=True, slots=True)
class Scenery:
    """Words that are painted from frame `first` on. `fades`: from what was painted before, as they are of one shot."""

    first: int
    words: Words
    fades: bool


def scenes_of(clip: Clip) -> list[Scenery]:
    """By the words of key frames, and where a clip has none, by those of its motions."""
    said = [(key.frame, words_of(key)) for key in clip.key_frames]
    if not any(words for _, words in said):
        said = [(motion.first, motion.words) for motion in clip.motions]
    scenes: list[Scenery] = []
    starts = clip.shot_starts()
    shot = -1
    for frame, words in said:
        of_shot = starts[bisect_right(starts, frame) - 1]
        if words is None or (scenes and of_shot == shot and scenes[-1].words == words):
            continue
        scenes.append(Scenery(of_shot if of_shot != shot else frame, words, fades=of_shot == shot))
        shot = of_shot
    return scenes


def words_of(key: KeyFrame) -> Words | None:
    """Those of a key frame's still."""
    try:
        return read_words(key.still)
    except FormatError:  # (what is wrong with the picture is no matter here)
        return None


def motion_of(clip: Clip, first: int, last: int) -> Motion | None:
    """The record that spans these frames, the first one that does."""
    found = bisect_left(clip.motions, first + 1, key=lambda motion: motion.first)
    spanning = (motion for motion in clip.motions[:found] if motion.last >= last)
    return next(spanning, None)


def prompt_between(clip: Clip, first: int, last: int) -> str:
    """What a clip says of the frames between two: of what the shot shows, and of what moves."""
    starts = clip.shot_starts()
    start = starts[bisect_right(starts, first) - 1]
    shown = ""
    for key in reversed(clip.key_frames[: bisect_right(clip.key_frames, first, key=lambda key: key.frame)]):
        if key.frame < start:
            break
        if (words := words_of(key)) is not None:
            shown = words.text
            break
    return prompt_of(clip, shown, first, last)


def prompt_of(clip: Clip, shown: str, first: int, last: int) -> str:
    """The words of what is shown, and behind them those of the motion that spans these frames, if others."""
    motion = motion_of(clip, first, last)
    moving = "" if motion is None or motion.words is None else motion.words.text
    return " ".join(dict.fromkeys(filter(None, (shown, moving))))
