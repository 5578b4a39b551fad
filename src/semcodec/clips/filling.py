"""A video that was looked at to the records of a clip, within its bytes.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from semcodec.clips.motion import Span, spans_of
from semcodec.clips.options import DEFAULT_BPP, ClipOptions
from semcodec.clips.sharing import shared
from semcodec.clips.small import small_size
from semcodec.clips.survey import Survey
from semcodec.clips.telling import Teller
from semcodec.container.clips import ClipHeader
from semcodec.container.clips.encode import num_record_bytes, pack_clip_header
from semcodec.encoding import encode_with as encode_still
from semcodec.errors import BudgetError, VideoError
from semcodec.file.clips import BaseClip, Camera, KeyFrame, Motion, Shot
from semcodec.file.clips.writing import Part, pack_clip, record_of
from semcodec.ids import Blend
from semcodec.models import Models
from semcodec.options import EncodeOptions
from semcodec.video.footage import Footage, evenly

if TYPE_CHECKING:
    from semcodec.clips.base_search import BaseSearch
    from semcodec.clips.sharing import Share
    from semcodec.clips.survey import Survey
    from semcodec.models import Models
    from semcodec.types import Pixels

    Progress = Callable[[str, int, int | None], None]  # what is done, how far, of how many


_BASE_SPAN_S = 2.0  # beside a base clip, whose frames ask for no spans, motion is said of spans about as long
_LENGTH_BYTES = 2  # that the length of a record may take beyond the first
_MOTION_SHARE = 16  # of the bytes that are left: a motion record that takes more is left out


@dataclass(frozen=True, slots=True)
class EncodedClip:
    """A finished clip. `notes`: sentences about what had to be done; `damage`: about what is wrong with the video."""

    data: bytes
    header: ClipHeader
    num_key_frames: int
    num_shots: int
    notes: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()


class Filler:
    """One video that was looked at, to be written."""

    def __init__(self, footage: Footage, survey: Survey, options: ClipOptions, models: Models, tell: Progress) -> None:
        self.footage, self.survey, self.options, self.models, self.tell = footage, survey, options, models, tell
        rate = footage.rate
        self.header = ClipHeader(footage.size, (rate.numerator, rate.denominator), survey.num_frames)
        self.max_bytes = bytes_for(options, self.header)
        self.small = small_size(footage.size)
        self.teller = Teller(models, self.small) if options.describe else None

    def with_base(self) -> EncodedClip | None:
        """A base clip; None where key frames are better, or no base clip fits and none was asked for.

        Raises:
            VideoError: one is asked for and cannot be had.
        """
        from semcodec.clips.base_search import BaseSearch

        parts: list[Part] = [Shot(frame) for frame in self.survey.shots[1:]]
        left = self.max_bytes - len(pack_clip_header(self.header)) - sum(map(_num_bytes, parts))
        search = BaseSearch(
            self.footage,
            self.survey.shots,
            self.survey.num_frames,
            effort=self.options.effort,
            progress=lambda done, of: self.tell("encoding the base clip", done, of),
        )
        if self.options.picture == "base" or search.is_better(left):
            return self._with_base(search, parts, left)
        return None

    def _with_base(self, search: BaseSearch, parts: list[Part], left: int) -> EncodedClip | None:
        """Motion in words, and a base clip in the rest; None where none fits, and none was asked for."""
        motions = self._told(left // _MOTION_SHARE)
        left -= sum(map(_num_bytes, motions))
        found = search.best(left)
        if found is not None:
            return self._packed([*parts, *motions, *found.clips])
        if self.options.picture == "auto":
            return None
        raise VideoError(
            f"no base clip of {self.footage.size} fits in {self.max_bytes} bytes; allow more, or take key frames"
        )

    def _told(self, room: int) -> list[Motion]:
        """What is shown and what moves, in words, of spans about as long as each other; each may take `room` bytes. The
        describer looks at four frames of each.
        """
        if self.teller is None:
            return []
        step = max(1, round(_BASE_SPAN_S * self.footage.rate))
        edges = range(0, self.survey.num_frames, step)
        spans = spans_of(self.survey, edges, self.small, float(self.footage.rate))
        motions: list[Motion] = []
        shots, waiting = set(self.survey.shots), deque(sorted(spans, key=lambda span: span.first))
        in_work: list[tuple[Span, list[Pixels]]] = []  # (two at a time: a span begins where the one before it ends)
        for number, image_HWC in enumerate(evenly(self.footage.frames(), self.footage.rate, self.footage.told)):
            if number in shots:
                self.teller.new_shot()
            while waiting and waiting[0].first <= number:
                in_work.append((waiting.popleft(), []))
            for span, looked_at in in_work:
                length = span.last - span.first
                if number in {span.first + length * third // 3 for third in range(4)}:
                    looked_at.append(image_HWC)
                if number == span.last:
                    words = self.teller.of_time(span, looked_at, room)
                    camera = self._camera(span)
                    if words is not None or camera is not None:
                        motions.append(Motion(span.first, span.last, Blend.MOVED, camera, words))
                    self.tell("describing", len(spans) - len(waiting), len(spans))
            in_work = [(span, looked_at) for span, looked_at in in_work if number < span.last]
            if not waiting and not in_work:
                break
        return motions

    def with_keys(self) -> EncodedClip:
        """Key frames, and motion between them. Raises `BudgetError` where not even one fits."""
        size, survey = self.footage.size, self.survey
        left = self.max_bytes - len(pack_clip_header(self.header))
        shares = shared(survey.pieces, left, size.width_px * size.height_px)
        wanted = {share.frame: share.num_bytes for share in shares}
        parts: list[Part] = [*_shots_with_pictures(survey.shots, list(wanted))]
        left -= sum(map(_num_bytes, parts))
        too_few: BudgetError | None = None
        spans = {span.first: span for span in spans_of(survey, list(wanted), self.small, float(self.footage.rate))}
        planned = sum(wanted.values())
        waiting: tuple[int, Pixels] | None = None  # a key frame, until it is known what the next one shows

        def finish(next_HWC: Pixels | None) -> None:
            nonlocal left, planned, waiting, too_few
            if waiting is not None:
                (number, image_HWC), waiting = waiting, None
                try:
                    key = self._key(number, image_HWC, next_HWC, wanted[number] * left // max(1, planned))
                except BudgetError as exc:
                    too_few = exc  # (its bytes go to the others)
                else:
                    parts.append(key)
                    left -= _num_bytes(key)
                planned -= wanted[number]
                self.tell("encoding key frames", bisect_right(shares, number, key=_frame), len(shares))

        shots, last = set(survey.shots), max([shares[-1].frame, *spans])
        for number, image_HWC in enumerate(evenly(self.footage.frames(), self.footage.rate, self.footage.told)):
            if number in shots:
                finish(None)
                if self.teller is not None:
                    self.teller.new_shot()
            if number in spans:
                motion = self._motion(spans[number], image_HWC)
                if motion is not None and _num_bytes(motion) <= left // _MOTION_SHARE:
                    parts.append(motion)
                    left -= _num_bytes(motion)
            if number in wanted:
                finish(image_HWC)
                waiting = (number, image_HWC)
            if number >= last:
                break
        finish(None)
        if too_few is not None and not any(isinstance(part, KeyFrame) for part in parts):
            least = self._num_bytes_around() + too_few.least_bytes
            raise BudgetError(
                f"{self.max_bytes} bytes are too few: the least for a clip of {size} is {least} bytes",
                least_bytes=least,
            ) from too_few
        return self._packed(parts)

    def _packed(self, parts: Sequence[Part]) -> EncodedClip:
        data = pack_clip(self.header, sorted(parts, key=_place))
        assert len(data) <= self.max_bytes
        told = self.footage.told
        num_keys = sum(isinstance(part, KeyFrame) for part in parts)
        return EncodedClip(data, self.header, num_keys, len(self.survey.shots), tuple(told.notes), tuple(told.damage))

    def _key(self, number: int, image_HWC: Pixels, next_HWC: Pixels | None, num_bytes: int) -> KeyFrame:
        options, num_bytes = self.options, max(1, num_bytes - _num_bytes(KeyFrame(number, b"")) - _LENGTH_BYTES)
        words = None if self.teller is None else self.teller.of_key(image_HWC, next_HWC, num_bytes)
        asked = EncodeOptions(bytes=num_bytes, effort=options.effort, limits=options.limits, strip=True)
        if words is not None:
            asked = replace(asked, caption=words.text, language=words.language, origin=words.origin.name.lower())
        return KeyFrame(number, encode_still(image_HWC, options=asked, models=self.models).data)

    def _num_bytes_around(self) -> int:
        """Of a clip with one still in it."""
        last = KeyFrame(max(self.survey.num_frames - 1, 0), b"")
        return len(pack_clip_header(self.header)) + _num_bytes(last) + _LENGTH_BYTES

    def _motion(self, span: Span, image_HWC: Pixels) -> Motion | None:
        """What a span says; None where that is nothing."""
        words = None if self.teller is None else self.teller.of_span(span, image_HWC)
        camera = self._camera(span)
        return None if words is None and camera is None else Motion(span.first, span.last, Blend.MOVED, camera, words)

    def _camera(self, span: Span) -> Camera | None:
        if span.moved is None or span.is_still:
            return None
        return span.moved.as_camera(self.small.width_px, self.small.height_px)


def _shots_with_pictures(starts: Sequence[int], keys: Sequence[int]) -> list[Shot]:
    """A shot without a key frame shows the last one before it: to say where it begins would change nothing."""
    there = {bisect_right(starts, key) for key in keys}
    return [Shot(first) for number, first in enumerate(starts, 1) if first and number in there]


def _frame(share: Share) -> int:
    return share.frame


def _num_bytes(part: Part) -> int:
    """Of its record."""
    return num_record_bytes(len(record_of(part).payload))


def _place(part: Part) -> tuple[int, int]:
    """In the order in which things are shown: first that a shot begins, then its picture, then what happens in it. A
    base clip, which is long, comes behind the few words that stand for what is cut off of it.
    """
    if isinstance(part, Motion):
        return part.first, 2
    return (part.first, 3) if isinstance(part, BaseClip) else (part.frame, int(isinstance(part, KeyFrame)))


def bytes_for(options: ClipOptions, header: ClipHeader) -> int:
    """The ceiling that is asked for, in bytes of the file."""
    if options.bytes is not None:
        return options.bytes
    if options.kbps is not None:
        numerator, denominator = header.rate
        return int(options.kbps * 1000 / 8 * header.num_frames * denominator / numerator)
    bpp = DEFAULT_BPP if options.bpp is None else options.bpp
    return int(bpp * header.size.width_px * header.size.height_px * header.num_frames / 8)
