"""Words kept: how much of what a describer says of a picture it still says of the decoded one.

Both captions are taken, sure or not, and compared by CIDEr-D, which is divided by what the original's has with itself:
1 is word for word the same, 0 has nothing in common. How rare an n-gram is was counted in the captions that the text
tables of the caption coder were made from, so nothing but the package is needed.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from semcodec.errors import WeightsError
from semcodec.evaluation.measures.cider import CiderD, DocumentFrequencies, NGram, words_of
from semcodec.extractors.words import WordsExtractor
from semcodec.layers.text.encode import token_numbers
from semcodec.layers.text.history import WORD_BITS
from semcodec.layers.text.table import TextTable, load_table
from semcodec.models import default_models
from semcodec.nets.describer import DescriberNets
from semcodec.types import Words

if TYPE_CHECKING:
    from semcodec.types import Pixels

TABLE = 1  # fixed, so that values of different versions can be compared; table 2 has the same counts


class WordsKept:
    """A describer, and what the captions of its pictures are compared by."""

    def __init__(self, reference: str | Path, *, threads: int = 1) -> None:
        """`reference`: a describer's name (`semcodec models`) or folder. Raises `WeightsError`."""
        package = default_models().package_of("describer", str(reference))
        if package is None:
            raise WeightsError(f"{reference}: no describer of this name is shipped, and no folder of this name is one")
        self.identity = package.identity
        self._describer = WordsExtractor(DescriberNets(package.files, threads=threads))
        self._cider = CiderD(caption_frequencies())

    def caption(self, image_HWC: Pixels) -> list[str]:
        """What the describer says in its own words, sure or not."""
        guess = self._describer.written(self._describer.see(image_HWC))
        return words_of(guess.said.text) if guess is not None and isinstance(guess.said, Words) else []

    def share(self, original: list[str], decoded: list[str]) -> float:
        """0..1, how much of the original's caption the decoded picture's has."""
        references = self._cider.references([original])
        most = self._cider.score(original, references)
        return self._cider.score(decoded, references) / most if most else float(decoded == original)


@lru_cache(maxsize=1)
def caption_frequencies() -> DocumentFrequencies:
    """Of the captions that text table 1 was counted from, each for itself."""
    counts = CaptionCounts(load_table(TABLE))
    return DocumentFrequencies(counts, counts.num_captions)


class CaptionCounts:
    """How often n-grams of up to four words stand in the captions of a text table, at most once a caption.

    What the table does not have counts as never said: words that it spells or writes in parts, and n-grams behind two
    words that it saw once, or three that it saw less than six times.
    """

    def __init__(self, table: TextTable) -> None:
        self._model, self._tokens = table.words_model, token_numbers(table)
        self.num_captions = self._said((table.end,))

    def __getitem__(self, ngram: NGram, /) -> int:
        tokens = [self._tokens.get(word if word[0] == "'" else f" {word}", -1) for word in ngram]
        return 0 if -1 in tokens else min(self._said(tuple(tokens)), self.num_captions)

    def _said(self, tokens: tuple[int, ...]) -> int:
        model = self._model
        *before, token = tokens
        if not before:
            return model.base_cum[token + 1] - model.base_cum[token] - 1
        key = 0
        for earlier in reversed(before):
            key = key << WORD_BITS | earlier
        keys = [-1] * len(model.components)
        keys[len(before) - 1] = key
        followers, cum = model.look_up(keys)[len(before) - 1]
        at = bisect_left(followers, token)
        return cum[at + 1] - cum[at] if at < len(followers) and followers[at] == token else 0
