"""What a clip says in words: of each shot what it shows, of each span what moves.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from semcodec.clips.motion import Patch, Span, camera_words, thing_words
from semcodec.errors import WeightsError
from semcodec.extractors.plain import plain_sentences
from semcodec.extractors.words import coded_bits
from semcodec.ids import Origin
from semcodec.rate.shares import BESIDE_A_PICTURE, bits_for
from semcodec.rate.wording import wording_for
from semcodec.types import Words

if TYPE_CHECKING:
    from semcodec.extractors.words import WordsExtractor
    from semcodec.models import Models
    from semcodec.nets.describer import Floats
    from semcodec.types import Pixels, Size

_LEAST_PATCH_PX = 48  # smaller ones say nothing to a describer
_LANGUAGE = "en"
_AROUND_BYTES = 12  # of a motion record, beside its words


class Teller:
    """Says what key frames show and what moves, as far as it is sure; nothing where there is no describer."""

    def __init__(self, models: Models, small: Size) -> None:
        self._small = small
        self._said_of_shot: Words | None = None
        self._said_of_span: str | None = None
        self._seen: list[tuple[Pixels, Floats]] = []
        self._describer: WordsExtractor | None = None
        if models.name_of("describer") is not None:
            try:
                self._describer = models.describer()
            except WeightsError:
                self._describer = None

    def new_shot(self) -> None:
        self._said_of_shot = self._said_of_span = None

    def of_key(self, image_HWC: Pixels, next_HWC: Pixels | None, max_bytes: int) -> Words | None:
        """What a key frame shows, for a still file of `max_bytes`; None where that was said of the shot already.

        `next_HWC`: the next key frame of the shot. Only what the describer is sure to see in both is said: of single
        frames of a horse that jumps it was sure of a dog, a person and a beach, too.
        """
        if self._describer is None:
            return None
        max_bits = bits_for(max_bytes, BESIDE_A_PICTURE.words)
        if next_HWC is None:
            words = None if self._said_of_shot else wording_for(self._describer, self._see(image_HWC), max_bytes).words
        else:
            words = self._of_all([self._see(image_HWC), self._see(next_HWC)], max_bits)
        if words is None or words == self._said_of_shot:
            return None
        self._said_of_shot = words
        return words

    def of_time(self, span: Span, pictures: Sequence[Pixels], max_bytes: int) -> Words | None:
        """What a span shows and what moves in it, in at most `max_bytes`: what is new of both, or of one. `pictures`
        are some of its frames, the first one first: what the describer is sure of in their mean is said.
        """
        shown = None
        if self._describer is not None:
            shown = self._of_all([self._see(picture) for picture in pictures], 8 * max_bytes)
        if shown == self._said_of_shot:
            shown = None
        moving = self.of_span(span, pictures[0])
        found = [words.text for words in (shown, moving) if words is not None]
        for text in dict.fromkeys((" ".join(found), *found)):
            words = Words(text, _LANGUAGE, Origin.MACHINE) if text else None
            if words is not None and coded_bits(words) <= 8 * (max_bytes - _AROUND_BYTES):
                self._said_of_shot = shown or self._said_of_shot
                return words
        return None

    def _of_all(self, seen: Sequence[Floats], max_bits: int) -> Words | None:
        """A plain sentence of what is surely there: in both of two pictures, in the mean of more."""
        assert self._describer is not None
        vocabulary = self._describer.vocabulary
        if vocabulary.kinds is None:
            return None
        chances = np.array([vocabulary.kinds.chances(vocabulary.told(one_1PF)) for one_1PF in seen])
        together = chances.min(axis=0) if len(seen) == 2 else chances.mean(axis=0)
        for text, _ in plain_sentences(vocabulary.kinds, together):
            words = Words(text, vocabulary.language, Origin.MACHINE)
            if coded_bits(words) <= max_bits:
                return words
        return None

    def _see(self, image_HWC: Pixels) -> Floats:
        """What the describer sees; of the last two pictures it is kept, for each is asked of twice."""
        assert self._describer is not None
        for known_HWC, seen_1PF in self._seen:
            if known_HWC is image_HWC:
                return seen_1PF
        seen_1PF = self._describer.see(image_HWC)
        self._seen = [*self._seen[-1:], (image_HWC, seen_1PF)]
        return seen_1PF

    def of_span(self, span: Span, image_HWC: Pixels | None) -> Words | None:
        """What moves in a span; `image_HWC`: its first frame. None where nothing is sure, or nothing new."""
        said = [camera_words(span, self._small)]
        if span.patch is not None:
            said.append(thing_words(span.patch, None if image_HWC is None else self._name_of(span.patch, image_HWC)))
        text = " ".join(filter(None, said))
        if not text or text == self._said_of_span:
            return None
        self._said_of_span = text
        return Words(text, _LANGUAGE, Origin.MACHINE)

    def _name_of(self, patch: Patch, image_HWC: Pixels) -> str | None:
        """ "a dog", where the describer is sure of it in the patch and in the whole frame; None: it is not sure."""
        if self._describer is None or self._describer.vocabulary.kinds is None:
            return None
        height, width = image_HWC.shape[:2]
        left, top, right, bottom = patch.box
        patch_HWC = image_HWC[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
        if min(patch_HWC.shape[:2]) < _LEAST_PATCH_PX:
            return None
        kinds = self._describer.vocabulary.kinds
        in_patch, in_frame = (self._chances(one_HWC) for one_HWC in (patch_HWC, image_HWC))
        sure = [
            at
            for at, kind in enumerate(kinds.all)
            if not kind.is_place and in_patch[at] >= kinds.enough and in_frame[at] >= kinds.beside
        ]
        return kinds.all[max(sure, key=lambda at: in_patch[at])].say if sure else None

    def _chances(self, image_HWC: Pixels) -> Floats:
        assert self._describer is not None and self._describer.vocabulary.kinds is not None
        vocabulary = self._describer.vocabulary
        assert vocabulary.kinds is not None
        return vocabulary.kinds.chances(vocabulary.told(self._see(image_HWC)))
