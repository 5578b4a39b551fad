"""What goes into a file of what a machine says about its picture: only what is sure enough, and only a share of it.

A caption if the describer is sure of one, else its keywords if it is sure of them: of single words it is right far more
often than of sentences.

A caption that somebody wrote is never shortened or left out. A machine's is worth less than the picture where bytes are
few: it gets an eighth of them, and is left out where even its shortest form takes more. Regions get a quarter, the
largest first.

A file of words alone is another matter: there even a guess is more than nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from semcodec.extractors.guess import Guess
from semcodec.rate.shares import BESIDE_A_PICTURE, Shares, bits_for
from semcodec.types import Regions, Words

if TYPE_CHECKING:
    from semcodec.extractors.words import WordsExtractor
    from semcodec.nets.describer import Floats

NO_ROOM = "beside the picture there is no room"


@dataclass(frozen=True, slots=True)
class Wording:
    """What goes in. `told` is a sentence about the caption; `why_no_regions` one where regions were wanted in vain,
    `why_unsure` one where the words are no more than a guess.
    """

    words: Words | None
    regions: Regions | None = None
    told: str = ""
    why_no_regions: str | None = None
    why_unsure: str | None = None


def wording_for(
    describer: WordsExtractor,
    features_1PF: Floats,
    max_bytes: int,
    *,
    words: Words | None = None,
    caption: bool = True,
    regions: bool = False,
    shares: Shares = BESIDE_A_PICTURE,
) -> Wording:
    """What a describer has to say for a file of `max_bytes`: a caption (or keywords), regions, or both.

    `features_1PF` are what it saw (`see`). `words` are those that the file has already.
    """
    told = ""
    if caption:
        max_bits = bits_for(max_bytes, shares.words)
        guesses = [describer.words(features_1PF, task=task, max_bits=max_bits) for task in ("caption", "keywords")]
        words, told = _judged([guess for guess in guesses if guess is not None], max_bytes, shares)
    if not regions:
        return Wording(words, None, told)
    fitting, why_none = regions_for(describer, features_1PF, words, bits_for(max_bytes, shares.regions))
    return Wording(words, fitting, told, why_none)


def regions_for(
    describer: WordsExtractor, features_1PF: Floats, words: Words | None, max_bits: int
) -> tuple[Regions | None, str | None]:
    """The regions that the describer is sure of, in at most `max_bits` of payload; where there are none, why."""
    parts = describer.regions(features_1PF)
    fitting = describer.sure_regions(parts, words, max_bits)
    if fitting is not None:
        return fitting, None
    sure_of_some = any(guess.is_sure for guess in parts)
    return None, f"no regions: {NO_ROOM if sure_of_some else 'the describer is sure of none'}"


def words_in_any_case(describer: WordsExtractor, features_1PF: Floats, *, max_bits: int | None = None) -> Wording:
    """What a describer has to say for a file of words alone, in at most `max_bits` of payload: what it is sure of, else
    its guess at a caption. No words where none are so short. `features_1PF` are what it saw.
    """
    guesses = [describer.words(features_1PF, task=task, max_bits=max_bits) for task in ("caption", "keywords")]
    said = [guess for guess in guesses if guess is not None]
    for guess in said:
        if guess.is_sure and isinstance(guess.said, Words):
            return Wording(guess.said, None, f"described: {_quoted(guess)})")
    if not said or not isinstance(said[0].said, Words):
        return Wording(None, None, "not described: no words are so short")
    why = (
        f"the words are a guess: the describer is {said[0].confidence:.0%} sure of them (wanted: "
        f"{said[0].threshold:.0%}); a caption of your own would be better"
    )
    return Wording(
        said[0].said, None, f"described: {_quoted(said[0])}, wanted {said[0].threshold:.0%})", why_unsure=why
    )


def _judged(guesses: list[Guess], max_bytes: int, shares: Shares) -> tuple[Words | None, str]:
    """The first words that may go in, and a sentence about all that was said."""
    if not guesses:
        return None, f"not described: the shortest words take more than 1/{shares.words} of {max_bytes} bytes"
    unsure = []
    for guess in guesses:
        assert isinstance(guess.said, Words)
        quoted = _quoted(guess)
        if guess.is_sure:
            return guess.said, f"described: {quoted})"
        unsure.append(f"{quoted}, wanted {guess.threshold:.0%})")
    return None, f"not described: {', '.join(unsure)}"


def _quoted(guess: Guess) -> str:
    assert isinstance(guess.said, Words)
    return f'"{guess.said.text}" ({guess.confidence:.0%} sure'
