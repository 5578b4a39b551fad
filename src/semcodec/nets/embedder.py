"""The embedder: what a describer sees in a picture, and the words of a query, as numbers that can be compared.

Its package is `about.json` (which space, which describers, how many concepts, the words) and `tables.npz`:

```text
 picture, picture_scale, offset   (W, D) int8, (D,), (D,) float32    of the square roots of the chances of concepts
 words, words_scale               (N, D) int8, (D,) float32          one row a word
```

Both sides are sums, learnt together (`semcodec_train.embedder`): the product of a picture's vector with the sum of a
query's words is the logarithm of how much likelier these words are said of this picture than of others, but for a
number that is the query's alone. So it can stand beside other such evidence. No network runs here: arrays alone.

Shapes: P = places of the picture, F = features of each; W = concepts; N = words; D = 64 numbers of a vector.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import WeightsError
from semcodec.nets.facts import read_facts
from semcodec.types import Vector

if TYPE_CHECKING:
    from semcodec.nets.describer import Floats, Vocabulary

HALF, MAX_LEVEL = 7.5, 15  # a vector's numbers are its levels less the half
_FAR = 30.0  # log-odds beyond which a chance is 0 or 1
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class EmbedderFacts:
    """What `about.json` says. `words`: of a query, those that have a row."""

    space: int
    num_concepts: int
    words: tuple[str, ...]


def embedder_facts(facts: dict[str, Any]) -> EmbedderFacts:
    """Raises KeyError, TypeError, ValueError."""
    return EmbedderFacts(int(facts["space"]), int(facts["concepts"]), tuple(facts["words"]))


class Embedder:
    """Opened from its files. Calls are safe from several threads."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        """`files`: file name -> file. Raises `WeightsError`."""
        self.facts = read_facts(files["about.json"], embedder_facts, of="an embedder")
        path = files["tables.npz"]
        try:
            with np.load(path, allow_pickle=False) as tables:
                self._picture_WD = tables["picture"] * tables["picture_scale"]
                self._offset_D = tables["offset"].astype(np.float32)
                self._words_ND = tables["words"] * tables["words_scale"]
        except (OSError, ValueError, KeyError) as exc:
            raise WeightsError(f"{path}: holds no tables of an embedder ({exc}); reinstall semcodec") from exc

    def vector_of(self, features_1PF: Floats, vocabulary: Vocabulary) -> Vector:
        """Of a picture, from what its describer saw (`DescriberNets.see`)."""
        odds_W = features_1PF[0, vocabulary.evidence_from :].reshape(-1)[: self.facts.num_concepts]
        odds_W = np.clip(np.nan_to_num(odds_W.astype(np.float32), nan=-_FAR), -_FAR, _FAR)
        numbers_D = np.sqrt(1 / (1 + np.exp(-odds_W))) @ self._picture_WD + self._offset_D
        levels_D = np.clip(np.round(numbers_D + HALF), 0, MAX_LEVEL).astype(np.uint8)
        return Vector(self.facts.space, levels_D.tobytes())

    def query(self, text: str) -> NDArray[np.float32] | None:
        """(D,), to be multiplied with vectors; None where it knows none of the words."""
        rows = {row for word in _WORD.findall(text.lower()) if (row := self._row_of(word)) is not None}
        return self._words_ND[sorted(rows)].sum(0) if rows else None

    def _row_of(self, word: str) -> int | None:
        """Of a word, or else of the same for one or for several."""
        return next((self._rows[form] for form in _forms(word) if form in self._rows), None)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.facts.words)}


def _forms(word: str) -> Iterable[str]:
    shorter = (word.removesuffix("s"), word.removesuffix("es")) if len(word) > 3 else ()
    return word, *shorter, f"{word}s", f"{word}es"


def numbers_of(levels_NB: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, D) levels -> numbers, half of them below 0."""
    return levels_NB.astype(np.float32) - np.float32(HALF)
