"""Counts a region table: boxes and captions in, the bytes of `layers/regions/tables/N.bin` out.

    python -m semcodec_train.tables.regions --photos index.jsonl --captions train.jsonl.gz --out 1.bin

Boxes, and how phrases repeat, are counted from the boxes of the photographs, whose labels are names of classes. There
are too few different ones of these to learn phrases from; so phrases are also cut out of captions: what stands between
prepositions, verbs and the like in one caption, beside the words of another caption of the same picture.

Promise: as of `tables.text`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from semcodec.layers.regions.encode import by_area
from semcodec.layers.regions.history import (
    END,
    NUM_STEPS,
    NUMBER_BELOW,
    NUMBER_SELECTORS,
    PHRASE_BELOW,
    PHRASE_SELECTORS,
    SIDE,
    STEP_BELOW,
    STEP_SELECTORS,
    BoxHistory,
    PhraseHistory,
    StepHistory,
    numbers_of,
    tokens_at_hand,
)
from semcodec.layers.regions.table import MAGIC, NEWEST_REGION_TABLE, TEXT_TABLE_OF
from semcodec.layers.text.split import TOKEN, Word, plans_of, shapes_of
from semcodec.layers.text.table import TextTable, load_table
from semcodec.pictures import region_within
from semcodec.types import Region
from semcodec_train.tables.counts import Component, component_of
from semcodec_train.tables.mixture import decisions_of, fit_mixture
from semcodec_train.tables.recipes import Prune, RegionRecipe
from semcodec_train.tables.text import array_bytes, bucket, read_captions

# Between the phrases of a caption.
BREAKS = frozenset(
    """. , ; : ! ? ( ) - ' " & / 's is are was were be been being has have had do does and or but while as with without
    of in on at to from into onto over under above below behind beside besides between near next by for through across
    along around against off out up down inside outside toward towards upon that which who whose where there it they he
    she his her their its this these those some another other each not front top back side""".split()
)
ARTICLES = frozenset(("a", "an", "the"))
MOST_WORDS = 4


@dataclass(frozen=True)
class Boxed:
    """A picture with boxes, by falling area, and its captions."""

    name: str
    regions: tuple[Region, ...]
    captions: tuple[str, ...] = ()


@dataclass
class _Seen:
    """What a model is counted from: keys and symbols one after the other, of pictures that are held out or not."""

    keys: list[tuple[int, ...]] = field(default_factory=list)
    symbols: list[int] = field(default_factory=list)
    possible: list[int] = field(default_factory=list)
    held_out: list[bool] = field(default_factory=list)
    at_hand: list[tuple[Sequence[int], Sequence[int]]] = field(default_factory=list)

    def add(self, keys: tuple[int, ...], symbol: int, possible: int, held_out: bool) -> None:
        self.keys.append(keys)
        self.symbols.append(symbol)
        self.possible.append(possible)
        self.held_out.append(held_out)


def make_region_table(
    pictures: Sequence[Boxed], captions: Sequence[tuple[str, str]], text: TextTable, recipe: RegionRecipe
) -> bytes:
    """`captions` are (picture, text). Returns the bytes of the table file."""
    torch.set_num_threads(1)  # sums in one order
    tokens = {word: token for token, word in enumerate(text.words) if word}
    steps, numbers, phrases = _Seen(), _Seen(), _Seen()
    for picture in pictures:
        held_out = bucket(picture.name) < recipe.held_out_of_256
        _see_boxes(picture, tokens, text, steps, numbers, held_out=held_out)
        different = list(dict.fromkeys(region.phrase for region in picture.regions))
        helps = (*picture.captions, "")
        for at in range(recipe.boxed_weight):
            _see_phrases(different, helps[at % len(helps)], tokens, text, phrases, held_out=held_out)
    for picture_name, one, other in _pairs(captions):
        found = phrases_in(other)
        if found:
            held_out = bucket(picture_name) < recipe.held_out_of_256
            _see_phrases(found, one, tokens, text, phrases, held_out=held_out)

    plain = [Prune()] * max(len(STEP_BELOW), len(NUMBER_BELOW))
    step_counts = np.bincount(steps.symbols, minlength=NUM_STEPS) + 1
    step_cum = np.concatenate([[0], np.cumsum(step_counts)])
    number_cum = np.arange(SIDE + 1)
    word_cum = np.array(text.words_model.base_cum)
    return MAGIC + b"".join(
        array_bytes(array)
        for arrays in (
            _model(steps, step_cum, STEP_BELOW, STEP_SELECTORS, plain, recipe),
            _model(phrases, word_cum, PHRASE_BELOW, PHRASE_SELECTORS, recipe.phrase_prunes, recipe),
            _model(numbers, number_cum, NUMBER_BELOW, NUMBER_SELECTORS, plain, recipe),
        )
        for array in arrays
    )


def phrases_in(caption: str) -> list[str]:
    """What the caption names, in a few words each."""
    found: list[str] = []
    words: list[str] = []
    for piece in (*TOKEN.findall(caption.lower()), "."):
        word = piece.strip()
        if word in BREAKS or word.endswith("ing"):
            if words and len(words) <= MOST_WORDS:
                found.append(" ".join(words))
            words = []
        elif word not in ARTICLES:
            words.append(word)
    return list(dict.fromkeys(found))


def _pairs(captions: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """(picture, words of the file, where phrases come from) of captions of one picture, which stand together."""
    for (picture, one), (other_picture, other) in zip(captions[::2], captions[1::2], strict=False):
        if picture == other_picture:
            yield picture, one, other


def _see_boxes(
    picture: Boxed, tokens: dict[str, int], text: TextTable, steps: _Seen, numbers: _Seen, *, held_out: bool
) -> None:
    history, boxes = StepHistory(), BoxHistory()
    for at, region in enumerate(picture.regions):
        step = history.step_to(region.phrase)
        if at:
            steps.add(history.keys(), step, history.num_possible, held_out)
        last = (_tokens_of(region.phrase, tokens, text) or [text.end])[-1]
        history.push(step, (region.phrase, last))
        boxes.begin(last)
        for number in numbers_of(region):
            numbers.add(boxes.keys(), number, boxes.num_possible, held_out)
            boxes.push(number)
    steps.add(history.keys(), END, history.num_possible, held_out)


def _see_phrases(
    phrases: Iterable[str], words: str, tokens: dict[str, int], text: TextTable, seen: _Seen, *, held_out: bool
) -> None:
    history = PhraseHistory(text.end, tokens_at_hand(words, tokens))
    for phrase in phrases:
        history.begin()
        for token in [*_tokens_of(phrase, tokens, text), text.end]:
            # (each has followers of its own: those at hand)
            key = len(seen.symbols)
            seen.add((*history.keys()[:-1], key), token, len(text.words), held_out)
            seen.at_hand.append(history.at_hand)
            history.push(token)


def _tokens_of(phrase: str, tokens: dict[str, int], text: TextTable) -> list[int]:
    found = []
    for piece in next(plans_of(next(shapes_of(phrase))[1], tokens)):
        if isinstance(piece, Word):
            found += [text.cap, piece.token] if piece.capital else [piece.token]
        else:
            found.append(text.spell)
    return found


def _model(
    seen: _Seen,
    base_cum: np.ndarray,
    belows: Sequence[int],
    selectors: Sequence[tuple[int, ...]],
    prunes: Sequence[Prune],
    recipe: RegionRecipe,
) -> list[np.ndarray]:
    """The arrays of a model, in the order in which `layers.text.table.read_model` reads them."""
    keys = np.array(seen.keys, np.int64)
    symbols, possible = np.array(seen.symbols), np.array(seen.possible)
    held = np.array(seen.held_out)
    num_counted = len(belows) - bool(seen.at_hand)

    def counted(chosen: np.ndarray) -> list[Component]:
        return [
            component_of(keys[chosen, column], symbols[chosen], belows[column], prunes[column])
            for column in range(num_counted)
        ]

    at_hand = [_given(seen, belows[-1])] if seen.at_hand else []
    found = decisions_of([*counted(~held), *at_hand], base_cum, keys[held], symbols[held], possible[held])
    fit = fit_mixture(belows, selectors, found, recipe)
    components = counted(np.ones(len(symbols), bool))
    if at_hand:
        components.append(replace(_nothing(), below=belows[-1]))
    arrays = [base_cum.astype(np.uint32)]
    for component in components:
        arrays += [component.keys, component.starts, component.followers, component.count_codes]
    return arrays + fit


def _given(seen: _Seen, below: int) -> Component:
    """The followers that each symbol had at hand, as a component whose contexts are the symbols' places."""
    followers = [token for tokens, _ in seen.at_hand for token in tokens]
    counts = [high - low for _, cum in seen.at_hand for low, high in zip(cum, cum[1:], strict=False)]
    starts = np.concatenate([[0], np.cumsum([len(tokens) for tokens, _ in seen.at_hand])])
    codes = np.minimum(np.array(counts), 127)
    return Component(below, np.arange(len(seen.at_hand)), starts, np.array(followers), codes)


def _nothing() -> Component:
    return Component(0, np.zeros(0, np.uint32), np.zeros(1, np.uint32), np.zeros(0, np.uint16), np.zeros(0, np.uint8))


def read_boxed(index: Path) -> Iterator[Boxed]:
    """Of the lines of `index` that have boxes, as fractions: x, y, width, height."""
    for line in index.read_text(encoding="utf-8").splitlines():
        picture = json.loads(line)
        if not picture.get("boxes"):
            continue
        regions = []
        for box in picture["boxes"]:
            left, top, width, height = box["xywh"]
            regions.append(region_within(left, top, left + width, top + height, box["label"]))
        yield Boxed(picture["file"], by_area(tuple(regions)), tuple(picture.get("captions", ())))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--photos", type=Path, required=True, help='lines of {"file", "boxes", "captions"}')
    parser.add_argument("--captions", type=Path, required=True, help='lines of {"id": picture, "text"}, gzipped')
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    text = load_table(TEXT_TABLE_OF[NEWEST_REGION_TABLE])
    data = make_region_table(list(read_boxed(args.photos)), list(read_captions(args.captions)), text, RegionRecipe())
    args.out.write_bytes(data)
    print(f"{args.out}: {len(data)} bytes, seed 0x{hashlib.sha256(data).hexdigest()[:8]}")


if __name__ == "__main__":
    main()
