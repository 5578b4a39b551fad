"""What a describer says: the likeliest sequence of tokens that its grammar allows, greedily or with a small beam.

```text
caption, keywords   word+ end       (no word twice running; a thing is named once)
regions             (x y w h word+)* end
```

Promises
1. Whatever the network's numbers are (NaN too), the sequence follows the grammar, and ends within `max_tokens`.
2. A beam of one is the greedy sequence. Ties go to the lower token, so that a machine repeats itself.

Shapes: N = beginnings that are gone on with; V = vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from semcodec.nets.describer import NUM_COORDINATES, DescriberNets, Floats, Vocabulary

Mask = NDArray[np.bool_]
_BOX_NUMBERS = 4
CHANCE_BEAM, CHANCE_STEPS = 8, 14  # of `chances_of_words`


@dataclass(frozen=True, slots=True)
class Saying:
    """A sequence without prompt and end, and the natural logarithm of the probability of each of its tokens.

    `log_probabilities` has one more number, that of the end, where it `ended`; a sequence that grew too long did not.
    """

    tokens: tuple[int, ...]
    log_probabilities: tuple[float, ...]
    ended: bool

    @property
    def score(self) -> float:
        """Mean log-probability of a token, the end included."""
        return sum(self.log_probabilities) / len(self.log_probabilities) if self.log_probabilities else -np.inf


class Grammar:
    """Which tokens may follow a sequence of a task."""

    def __init__(self, vocabulary: Vocabulary, task: str) -> None:
        num_tokens = len(vocabulary.words)
        self._has_boxes = task == "regions"
        self._box, self._end = vocabulary.box, vocabulary.end
        self._coordinates = np.zeros(num_tokens, dtype=bool)
        self._coordinates[vocabulary.box : vocabulary.box + NUM_COORDINATES] = True
        self._words = ~self._coordinates
        self._words[[vocabulary.end, *vocabulary.task.values(), *vocabulary.rates, *vocabulary.never]] = False
        self._ends = np.zeros(num_tokens, dtype=bool)
        self._ends[vocabulary.end] = True
        self._things = frozenset(vocabulary.evidence)

    def allowed_behind(self, tokens: Sequence[int]) -> Mask:
        """(V,)."""
        if not self._has_boxes:
            if not tokens:
                return self._words
            allowed = self._words | self._ends
            allowed[[tokens[-1], *self._things.intersection(tokens)]] = False
            return allowed
        if not tokens:
            return self._coordinates | self._ends
        num_last = 0
        while num_last < len(tokens) and self.is_coordinate(tokens[-1 - num_last]):
            num_last += 1
        if num_last == 0:
            return self._words | self._coordinates | self._ends
        return self._words if num_last == _BOX_NUMBERS else self._coordinates

    def is_coordinate(self, token: int) -> bool:
        return self._box <= token < self._box + NUM_COORDINATES


@dataclass(slots=True)
class _Beam:
    """Sequences behind one prompt: those that are gone on with, and those that have ended."""

    prompt: list[int]
    going: list[Saying] = field(default_factory=lambda: [Saying((), (), ended=False)])
    ended: list[Saying] = field(default_factory=list)

    def best(self) -> Saying:
        return max(self.ended or self.going, key=lambda saying: saying.score)


def likeliest(nets: DescriberNets, features_1PF: Floats, *, task: str, rate: int) -> Saying:
    """What the network says of a picture (`features_1PF` of `nets.see`); the best of a beam by `Saying.score`.

    `rate`: which of `vocabulary.rates` it is asked to keep to.
    """
    return likeliest_at(nets, features_1PF, task=task, rates=(rate,))[0]


def likeliest_at(nets: DescriberNets, features_1PF: Floats, *, task: str, rates: Sequence[int]) -> list[Saying]:
    """The same at several rates. Their beams take each step together, which costs far less than one after the other."""
    vocabulary = nets.vocabulary
    grammar, width = Grammar(vocabulary, task), max(1, vocabulary.beam.get(task, 1))
    beams = [_Beam([vocabulary.task[task], vocabulary.rates[rate]]) for rate in rates]
    at_work, writing = beams, nets.writing(features_1PF)
    for _ in range(vocabulary.max_tokens - len(beams[0].prompt)):
        tokens_NT = np.array([[*beam.prompt, *saying.tokens] for beam in at_work for saying in beam.going], np.int64)
        logits_NV, first = writing.next_log_odds(tokens_NT), 0
        for beam in at_work:
            last = first + len(beam.going)
            allowed_NV = np.stack([grammar.allowed_behind(saying.tokens) for saying in beam.going])
            longer = _longer(beam.going, log_shares(logits_NV[first:last], allowed_NV), vocabulary.end, width)
            beam.ended += [saying for saying in longer if saying.ended]
            beam.going, first = [saying for saying in longer if not saying.ended], last
        at_work = [beam for beam in at_work if beam.going and len(beam.ended) < width]
        if not at_work:
            break
    return [beam.best() for beam in beams]


def surest(nets: DescriberNets, features_1PF: Floats, *, task: str) -> list[tuple[Saying, float]]:
    """What is said at the default rate and at those that ask for fewer bits, and how sure that is: its score, and what
    the picture itself says for its words. The surest first; what never came to its end is last.
    """
    vocabulary = nets.vocabulary
    rates = range(vocabulary.default_rate, len(vocabulary.rates))
    sayings = likeliest_at(nets, features_1PF, task=task, rates=rates)
    scored = [(saying, saying.score + vocabulary.evidence_for(saying.tokens, features_1PF)) for saying in sayings]
    return sorted(scored, key=lambda saying_score: (not saying_score[0].ended, -saying_score[1]))


def chances_of_words(nets: DescriberNets, features_1PF: Floats, *, task: str = "caption") -> Floats:
    """(V,), 0..1: how likely each token is to be among what the network says of a picture.

    Counted are all beginnings of a beam wider than the one that picks what is said, each by its probability: so a word
    has a chance that the likeliest saying does not use.
    """
    vocabulary = nets.vocabulary
    prompt = [vocabulary.task[task], vocabulary.rates[vocabulary.default_rate]]
    grammar, going = Grammar(vocabulary, task), [Saying((), (), ended=False)]
    unused_V, writing = np.ones(len(vocabulary.words)), nets.writing(features_1PF)
    for _ in range(min(vocabulary.max_tokens - len(prompt), CHANCE_STEPS)):
        tokens_NT = np.array([[*prompt, *saying.tokens] for saying in going], dtype=np.int64)
        allowed_NV = np.stack([grammar.allowed_behind(saying.tokens) for saying in going])
        log_NV = log_shares(writing.next_log_odds(tokens_NT), allowed_NV)
        totals_N = np.array([sum(saying.log_probabilities) for saying in going])
        shares_N = np.exp(totals_N - totals_N.max())
        unused_V *= 1 - np.clip(shares_N / shares_N.sum() @ np.exp(log_NV), 0, 1)
        going = [one for one in _longer(going, log_NV, vocabulary.end, CHANCE_BEAM) if not one.ended]
        if not going:
            break
    return np.asarray(1 - unused_V)


def _longer(going: list[Saying], log_NV: Floats, end: int, width: int) -> list[Saying]:
    """The `width` likeliest of all sequences that are one token longer (an end counts as one)."""
    totals_NV = log_NV + np.array([sum(saying.log_probabilities) for saying in going])[:, None]
    flat = totals_NV.ravel()
    last = min(width, flat.size) - 1
    least = -np.partition(-flat, last)[last]  # (to sort all of them takes as long as a step of the network)
    likely = np.flatnonzero(flat >= least)
    best = likely[np.argsort(-flat[likely], kind="stable")][:width]
    found = []
    for at in best:
        which, token = divmod(int(at), log_NV.shape[1])
        log = float(log_NV[which, token])
        if log == -np.inf:
            continue  # the grammar leaves fewer than `width`
        behind = going[which]
        is_end = token == end
        tokens = behind.tokens if is_end else (*behind.tokens, token)
        found.append(Saying(tokens, (*behind.log_probabilities, log), ended=is_end))
    return found


def log_shares(logits_NV: Floats, allowed_NV: Mask) -> Floats:
    """Log-probabilities among what is allowed; minus infinity elsewhere. At least one token of each row is allowed."""
    finite_NV = np.clip(np.nan_to_num(logits_NV.astype(np.float64), nan=-1e4), -1e4, 1e4)
    masked_NV = np.where(allowed_NV, finite_NV, -np.inf)
    masked_NV -= masked_NV.max(axis=1, keepdims=True)
    return np.asarray(masked_NV - np.log(np.exp(masked_NV).sum(axis=1, keepdims=True)), dtype=np.float64)
