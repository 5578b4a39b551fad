"""A clip to its frames, one after the other.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import merge
from typing import TYPE_CHECKING

from semcodec.arguments import door
from semcodec.clips.base import pictures_of_base
from semcodec.clips.options import PlayOptions
from semcodec.clips.walk import Made, Shown, all_frames
from semcodec.contracts import VideoPainter
from semcodec.errors import FormatError, ModelError, NoPictureError, SemcodecError
from semcodec.file.clips import Clip, KeyFrame
from semcodec.file.clips.reading import read_clip
from semcodec.file.reading import read
from semcodec.interpolators.compensated import Compensated
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.models import Models, default_models
from semcodec.options import PaintOptions
from semcodec.painting import paint_reading
from semcodec.pictures import resized
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.contracts import Interpolator, Painter
    from semcodec.sources import FileSource

PLAYING = ("semcodec.painting", "PIL.Image")


@dataclass(slots=True)
class Playing:
    """A clip that is ready to be shown. `problems`: sentences about what is wrong with it; they grow as it plays."""

    clip: Clip
    options: PlayOptions
    models: Models
    problems: list[str] = field(default_factory=list)

    @property
    def size(self) -> Size:
        return self.clip.header.size

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return Fraction(*self.clip.header.rate)

    @property
    def num_frames(self) -> int:
        return self.clip.header.num_frames

    def frames(self) -> Iterator[Shown]:
        """All frames in their order; a few are in memory at a time.

        Raises:
            NoPictureError, FormatError: nothing can be shown. ModelError: a painter that cannot do what the mode asks.
        """
        options, painter = self.options, self.options.painter
        if options.mode == "tt2v":
            if isinstance(painter, VideoPainter):
                from semcodec.clips.filming import frames_filmed

                return frames_filmed(self.clip, painter, options.seed or 0)
            from semcodec.clips.impression import frames_of_words

            return frames_of_words(self.clip, painter, options.seed, self.models)
        return all_frames(self.clip, self._refused_if_none(self.pictures()), self.interpolator())

    def interpolator(self) -> Interpolator:
        """What makes the frames between two pictures, except in "tt2v". Raises `ModelError`, `WeightsError`."""
        if self.options.mode == "stills":
            from semcodec.interpolators.plain import Hold

            return Hold()
        if self.options.painter is not None:
            return self._filmed_by(self.options.painter)
        if self.options.interpolator is not None:
            return self.options.interpolator
        found = self.models.interpolator(self._bits_per_pixel())
        if isinstance(found, Compensated):
            return found
        from semcodec.interpolators.near import FarOnly

        return FarOnly(found)

    def _filmed_by(self, painter: Painter | VideoPainter) -> Interpolator:
        if not isinstance(painter, VideoPainter) or not painter.films_from_a_picture:
            what = "films from words alone" if isinstance(painter, VideoPainter) else "paints stills"
            raise ModelError(
                f"{painter.name} {what}: give it with --mode tt2v (mode='tt2v'), or an image-to-video model here"
            )
        from semcodec.interpolators.filmed import Filmed

        return Filmed(painter, self.rate, seed=self.options.seed or 0)

    def _bits_per_pixel(self) -> float | None:
        """Of the files of its key frames, on average; None where they are shown without the restorer, which whatever is
        between them was tuned to.
        """
        keys, size = self.clip.key_frames, self.size
        if not keys or not self.options.restore:
            return None
        return 8 * sum(len(key.still) for key in keys) / (len(keys) * size.width_px * size.height_px)

    def pictures(self) -> Iterator[Shown]:
        """Those that the file sends, in the order of their frames. One that cannot be shown is left out, and told.

        Of two for one frame a key frame is shown.
        """
        before = -1
        for shown in merge(self._of_key_frames(), self._of_bases(), key=lambda shown: shown.frame):
            if shown.frame > before:
                before = shown.frame
                yield shown

    def _of_key_frames(self) -> Iterator[Shown]:
        for key in self.clip.key_frames:
            try:
                yield self._painted(key)
            except (FormatError, NoPictureError) as problem:
                self.problems.append(f"the key frame {key.frame} cannot be shown: {problem}")

    def _of_bases(self) -> Iterator[Shown]:
        """One after the other, each from behind the one before it on."""
        before = -1
        for base in self.clip.base_clips:
            try:
                for shown in pictures_of_base(base, self.size, self.models, restore=self.options.restore):
                    if shown.frame > before:
                        before = shown.frame
                        yield shown
            except FormatError as problem:
                self.problems.append(f"the base clip of frame {base.first} cannot be shown further: {problem}")

    def _painted(self, key: KeyFrame) -> Shown:
        options = self.options
        reading = read(key.still, limits=options.limits)
        if not key.cut_short:
            self.problems += [f"the key frame {key.frame}: {problem}" for problem in reading.problems]
        asked = PaintOptions(restore=options.restore, size=self.size, alpha=False, limits=options.limits)
        painting = paint_reading(reading, asked, self.models)
        provenance = painting.provenance
        made = Made.SENT if provenance.restorer is None else Made.RESTORED
        if provenance.from_words:
            made = Made.INVENTED
        return Shown(key.frame, resized(painting.image_HWC, self.size), made)

    def _refused_if_none(self, pictures: Iterator[Shown]) -> Iterator[Shown]:
        first = next(pictures, None)
        if first is None:
            said = [*self.problems, *map(str, self.clip.problems)]
            raise NoPictureError(said[0] if said else "the clip holds no picture; `semcodec clip info` shows its words")
        yield first
        yield from pictures


@door(*PLAYING)
def decode(
    data: FileSource,
    *,
    mode: str = "it2v",
    interpolator: Interpolator | None = None,
    painter: Painter | VideoPainter | None = None,
    seed: int | None = None,
    restore: bool = True,
    limits: Limits = DEFAULT_LIMITS,
    models: Models | None = None,
) -> Playing:
    """A clip, ready to be shown frame by frame.

    Args:
        mode: "it2v": its pictures, and between them what the interpolator makes. "tt2v": from its words alone, painted
            by the generator and moved as its motion says: an impression. "stills": its pictures, each held until the
            next one.
        interpolator: what makes the frames between two pictures; None: the embedded network between key frames
            that are more than 4 frames apart, else motion compensation.
        painter, seed: what paints in "tt2v", and which of its impressions. A video painter (`clips.open_painter`) films
            there, and in "it2v" what lies between two pictures.
        restore: whether the embedded restorer finishes the pictures.
        models: the networks that are used; None: those that this build ships (`semcodec.models`).

    Raises:
        FormatError, LimitError: not even the header can be read. ValueError: another mode.
    """
    options = PlayOptions(
        mode=mode, interpolator=interpolator, painter=painter, seed=seed, restore=restore, limits=limits
    )
    return play(read_clip(data, limits=limits), options, models)


def play(clip: Clip, options: PlayOptions, models: Models | None = None) -> Playing:
    """A clip that was read, ready to be shown."""
    playing = Playing(clip, options, models or default_models())
    playing.problems += map(str, clip.problems)
    return playing


__all__ = ["Made", "Playing", "SemcodecError", "Shown", "decode", "play"]
