"""Sequences from a writer: the likeliest word each time, drawn words, or a beam; and continuations of given ones.

Shapes: N = pictures; M = sequences, equally many to each picture, in their order; T = tokens; V = vocabulary.

A caption is words, then `end`; nothing else is allowed in it, and it has at least one word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from semcodec_train.describer.data import CAPTION, END, PAD, UNKNOWN, Vocabulary
from semcodec_train.describer.model import Writer


class CaptionGrammar:
    """What may stand in a caption, and how much is doubted: `doubts_NV` (0 and less) are added to the logits of the
    pictures' words.
    """

    def __init__(self, vocabulary: Vocabulary, doubts_NV: Tensor | None = None) -> None:
        self._doubts = doubts_NV
        forbidden = torch.ones(len(vocabulary), dtype=torch.bool)
        forbidden[vocabulary.first_word :] = False
        forbidden[vocabulary.comma] = True
        self._first = forbidden.clone()
        forbidden[END] = False
        self._later = forbidden

    def log_probs(self, logits_MV: Tensor, *, first: bool) -> Tensor:
        never = (self._first if first else self._later).to(logits_MV.device)
        if self._doubts is not None:
            doubts = self._doubts.repeat_interleave(len(logits_MV) // len(self._doubts), 0)
            logits_MV = logits_MV + (doubts if logits_MV.ndim == 2 else doubts[:, None])
        return logits_MV.float().masked_fill(never, -1e9).log_softmax(-1)


@torch.no_grad()
def write(
    writer: Writer,
    memory_NPC: Tensor,
    rates_M: Tensor,
    grammar: CaptionGrammar,
    *,
    max_words: int,
    rng: torch.Generator | None = None,
    begun_MT: Tensor | None = None,
) -> Tensor:
    """(M, T) words and `end`, padded. With `rng` words are drawn, without it the likeliest are taken.

    `begun_MT`: words that sequences begin with, padded with PAD from where they are to be gone on with; sequences that
    hold `end` already are left as they are.
    """
    num, where = len(rates_M), memory_NPC.device
    written = writer.begin(memory_NPC)
    writer.step(torch.full((num,), CAPTION, device=where), written)
    log_probs = grammar.log_probs(writer.step(rates_M.to(where), written), first=True)
    ended = torch.zeros(num, dtype=torch.bool, device=where)
    result = []
    for at in range(max_words + 1):
        if at == max_words:
            tokens = torch.full((num,), END, device=where)
        elif rng is None:
            tokens = log_probs.argmax(-1)
        else:
            tokens = torch.multinomial(log_probs.exp().cpu(), 1, generator=rng)[:, 0].to(where)
        if begun_MT is not None and at < begun_MT.shape[1]:
            given = begun_MT[:, at].to(where)
            tokens = torch.where(given == PAD, tokens, given)
        tokens = torch.where(ended, PAD, tokens)
        result.append(tokens)
        ended |= tokens == END
        if bool(ended.all()) or at == max_words:
            break
        log_probs = grammar.log_probs(writer.step(tokens, written), first=False)
    return torch.stack(result, 1)


@dataclass(frozen=True, slots=True)
class Found:
    """A finished caption: its words, without `end`, and the mean log-probability of its tokens, `end` among them."""

    ids: tuple[int, ...]
    score: float


@torch.no_grad()
def beam_search(
    writer: Writer, memory_NPC: Tensor, rates_N: Tensor, grammar: CaptionGrammar, *, beam: int, max_words: int
) -> list[Found]:
    """The best of the finished sequences by mean log-probability, per picture; a beam of 1 takes the likeliest word."""
    found = finished(writer, memory_NPC, rates_N, grammar, beam=beam, max_words=max_words)
    return [max(some, key=lambda one: one.score) if some else Found((), -1e9) for some in found]


@torch.no_grad()
def finished(
    writer: Writer,
    memory_NPC: Tensor,
    rates_N: Tensor,
    grammar: CaptionGrammar,
    *,
    beam: int,
    max_words: int,
    all_of_them: bool = False,
) -> list[list[Found]]:
    """The finished sequences of a beam, per picture: until none that is open can be the best, or, of `max_words` and
    less, all.
    """
    num, where = len(memory_NPC), memory_NPC.device
    written = writer.begin(memory_NPC)
    rates_M = rates_N.repeat_interleave(beam).to(where)
    writer.step(torch.full((num * beam,), CAPTION, device=where), written)
    log_probs = grammar.log_probs(writer.step(rates_M, written), first=True).cpu()
    sums = torch.full((num, beam), -torch.inf)
    sums[:, 0] = 0.0  # all rows are equal at first
    ids: list[list[tuple[int, ...]]] = [[()] * beam for _ in range(num)]
    found: list[list[Found]] = [[] for _ in range(num)]
    best: list[Found | None] = [None] * num
    for at in range(max_words + 1):
        totals = sums[:, :, None] + log_probs.view(num, beam, -1)
        if at == max_words:
            totals[:, :, [i for i in range(totals.shape[2]) if i != END]] = -torch.inf
        # Twice as many as the beam: those that end are taken out.
        values, flat = totals.view(num, -1).topk(2 * beam, -1)
        rows, words = flat // totals.shape[2], flat % totals.shape[2]
        next_rows, next_words = torch.zeros(num, beam, dtype=torch.long), torch.full((num, beam), END)
        next_sums = torch.full((num, beam), -torch.inf)
        for n in range(num):
            kept: list[tuple[int, ...]] = []
            for value, row, word in zip(values[n].tolist(), rows[n].tolist(), words[n].tolist(), strict=True):
                if value == -torch.inf or len(kept) == beam:
                    break
                if word == END:
                    found[n].append(Found(ids[n][row], value / (at + 1)))
                    best[n] = max(best[n] or found[n][-1], found[n][-1], key=lambda one: one.score)
                    continue
                next_rows[n, len(kept)], next_words[n, len(kept)], next_sums[n, len(kept)] = row, word, value
                kept.append((*ids[n][row], word))
            ids[n] = kept + [()] * (beam - len(kept))
        if at == max_words or (not all_of_them and _is_settled(best, next_sums, at + 1, max_words)):
            break
        sums = next_sums
        written.choose((next_rows + beam * torch.arange(num)[:, None]).flatten().to(where))
        log_probs = grammar.log_probs(writer.step(next_words.flatten().to(where), written), first=False).cpu()
    return found


def _is_settled(best: Sequence[Found | None], sums_NB: Tensor, num_tokens: int, max_words: int) -> bool:
    """Whether no open sequence can still win: at best, all its other tokens are certain."""
    hope = (sums_NB.amax(1) / (max_words + 1)).tolist()
    return all(found is not None and found.score >= h for found, h in zip(best, hope, strict=True))


def word_ids(tokens_MT: Tensor) -> list[list[int]]:
    """Rows of `write` without `end` and padding."""
    return [[token for token in row if token not in (END, PAD, UNKNOWN)] for row in tokens_MT.tolist()]
