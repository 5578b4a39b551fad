"""Counts a text table: captions in, the bytes of `layers/text/tables/N.bin` out.

    python -m semcodec_train.tables.text --captions train.jsonl.gz --out 1.bin

Steps: words and their frequencies; an order of the words in which alike ones are neighbours (halving along the main
direction of their contexts); counts of what follows in each context, the rare contexts dropped; the fading trace
(`tables.trace`); discounts, strengths and mixing weights, fitted on a tenth of the pictures that was neither counted
nor trained on; then everything counted and trained again.

Promise: the same captions give the same bytes, on one machine and version of the libraries (the fit is in floats). What
ships is the file; nobody needs to make it again to read it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from semcodec.entropy.tables import TOTAL
from semcodec.layers.text.history import (
    CHAR_BELOW,
    CHAR_BITS,
    CHAR_SELECTORS,
    WORD_BELOW,
    WORD_SELECTORS,
    CharHistory,
    WordHistory,
    classes_of,
)
from semcodec.layers.text.model import (
    PROB_BITS,
    SQUASH_HALF,
    SQUASH_SHIFT,
    STRETCH_SHIFT,
)
from semcodec.layers.text.split import TOKEN, Run, plans_of, shapes_of
from semcodec.layers.text.table import MAGIC, SPLITTER
from semcodec_train.tables.counts import Component, component_of
from semcodec_train.tables.mixture import LOGIT_ONE, decisions_of, fit_mixture
from semcodec_train.tables.order import Sequences, alike_order
from semcodec_train.tables.recipes import Prune, TableRecipe, TraceRecipe
from semcodec_train.tables.trace import SymbolTree, trace_logits, train_trace

LAYOUT = b"2"

# The letters beyond ASCII that are spelled without their code point: there is room for 31.
ACCENTED = {
    "a": "àáâãäåą", "c": "çćč", "e": "èéêëę", "i": "íîï", "l": "ł", "n": "ñ",
    "o": "óôõöø", "s": "śß", "u": "úûü", "z": "ż",
}  # fmt: skip


@dataclass(frozen=True)
class ModelSpec:
    """What a model is made of, apart from its counts."""

    num_symbols: int
    belows: tuple[int, ...]
    selectors: tuple[tuple[int, ...], ...]
    prunes: tuple[Prune, ...]
    first: int  # stands before the first symbol
    trace: TraceRecipe | None
    history: Callable[[np.ndarray], Callable[[], WordHistory | CharHistory]]


def make_table(captions: Sequence[tuple[str, str]], recipe: TableRecipe) -> bytes:
    """`captions` are (picture, text). Returns the bytes of the table file."""
    torch.set_num_threads(1)  # sums in one order
    bases = [next(shapes_of(text))[1] for _, text in captions]
    held_out = [bucket(picture) < recipe.held_out_of_256 for picture, _ in captions]

    words = _vocabulary(bases, recipe)
    end, spell, cap = 0, 1, 2
    texts = ["", "", "", *words]
    sequences, spelled = _tokenise(bases, texts, end=end, spell=spell, cap=cap)
    order = alike_order(sequences, len(texts))
    new_of = np.empty(len(texts), np.int64)
    new_of[order] = np.arange(len(texts))
    texts = [texts[at] for at in order]
    end, spell, cap = (int(new_of[at]) for at in (end, spell, cap))
    sequences = [[int(new_of[token]) for token in sequence] for sequence in sequences]
    freqs = np.bincount([token for sequence in sequences for token in sequence], minlength=len(texts))
    is_topic = np.array(
        [
            text.strip().isalpha() and freq * recipe.topic_share < freqs.sum()
            for text, freq in zip(texts, freqs, strict=True)
        ]
    )

    def word_history(base_cum: np.ndarray) -> Callable[[], WordHistory]:
        topics, classes = is_topic.tolist(), classes_of(base_cum.tolist())
        return lambda: WordHistory(end, topics, classes)

    words_spec = ModelSpec(len(texts), WORD_BELOW, WORD_SELECTORS, recipe.word_prunes, end, recipe.trace, word_history)
    words_arrays = _make_model(words_spec, sequences, held_out, recipe)

    chars, char_sequences, char_held_out = _char_data(texts, spelled, recipe)
    assert len(chars) <= 1 << CHAR_BITS
    char_order = alike_order(char_sequences, len(chars))
    char_new = np.empty(len(chars), np.int64)
    char_new[char_order] = np.arange(len(chars))
    char_sequences = [[int(char_new[char]) for char in sequence] for sequence in char_sequences]
    char_end, char_raw = int(char_new[0]), int(char_new[1])
    chars = [chars[at] for at in char_order]
    char_space = chars.index(" ")
    chars_spec = ModelSpec(
        len(chars), CHAR_BELOW, CHAR_SELECTORS, recipe.char_prunes, char_end, None,
        lambda base_cum: lambda: CharHistory(char_end, char_space),
    )  # fmt: skip
    chars_arrays = _make_model(chars_spec, char_sequences, char_held_out, recipe)

    return (
        MAGIC
        + LAYOUT
        + b"".join(
            array_bytes(array)
            for array in (
                np.array([end, spell, cap, char_end, char_raw, char_space], np.uint16),
                np.frombuffer(SPLITTER.join(texts).encode(), np.uint8),
                is_topic.astype(np.uint8),
                np.frombuffer(SPLITTER.join(chars).encode(), np.uint8),
                _stretch_table(),
                _squash_table(),
                *words_arrays,
                *chars_arrays,
            )
        )
    )


# ---- words and characters


def _vocabulary(bases: Sequence[str], recipe: TableRecipe) -> list[str]:
    counts = Counter(text for base in bases for text in TOKEN.findall(" " + base))
    common = sorted(counts, key=lambda text: (-counts[text], text))
    return sorted(text for text in common[: recipe.max_words] if counts[text] >= recipe.min_word_count)


def _tokenise(
    bases: Sequence[str], texts: Sequence[str], *, end: int, spell: int, cap: int
) -> tuple[Sequences, Counter[str]]:
    """The captions as the encoder would write them, and what it would spell."""
    tokens = {text: token for token, text in enumerate(texts) if text}
    spelled: Counter[str] = Counter()
    sequences = []
    for base in bases:
        sequence = []
        for piece in next(plans_of(base, tokens)):
            if isinstance(piece, Run):
                sequence.append(spell)
                spelled[piece.text] += 1
            else:
                sequence += [cap, piece.token] if piece.capital else [piece.token]
        sequences.append([*sequence, end])
    return sequences, spelled


def _char_data(
    texts: Sequence[str], spelled: Counter[str], recipe: TableRecipe
) -> tuple[list[str], Sequences, list[bool]]:
    """Spelled runs to learn from: each different word once, since a word that must be spelled is one that was not seen.

    Most runs are one word; some are many, as texts in another language will be; in some of these, letters have accents
    or characters are raw. That these are likely at all is set here, since the captions are English.
    """
    chars = ["", "", *(chr(code) for code in range(32, 127)), *"".join(ACCENTED.values())]
    number = {char: at for at, char in enumerate(chars) if char}
    end, raw, space = 0, 1, number[" "]
    seen = sorted({*spelled, *(text for text in texts if text)}, key=lambda text: _digest(text))
    seen = [text for text in seen if all(char in number for char in text)]
    sequences, held_out = [], []

    def add(run: list[int], *, held: bool) -> None:
        sequences.append([*run, end])
        held_out.append(held)

    runs = [[number[char] for char in text] for text in seen]
    for group, start in enumerate(range(0, len(runs), 25)):
        held = bucket(str(group)) < recipe.held_out_of_256
        several = runs[start : start + 25]
        for run in several[:16]:
            add(run, held=held)
        joined = []
        for at, run in enumerate(several[16:]):
            joined += [*([] if run[0] == space else [space]), *run, *([number[","]] if at % 5 == 3 else [])]
        if group % 2:
            joined.append(number["."])
        kept = {space, number[","], number["."]}
        if group % 3 == 1:
            for at in range(2, len(joined), 7):
                variants = ACCENTED.get(chars[joined[at]])
                if variants:
                    joined[at] = number[variants[at // 7 % len(variants)]]
                elif joined[at] not in kept and at % 3 == 0:
                    joined[at] = raw
        elif group % 6 == 2:
            joined = [char if char in kept and at % 3 else raw for at, char in enumerate(joined)]
            joined[:1] = [space]
        add(joined, held=held)
    return chars, sequences, held_out


def bucket(text: str) -> int:
    return _digest(text)[0]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


# ---- counts


def _make_model(
    spec: ModelSpec, sequences: Sequences, held_out: Sequence[bool], recipe: TableRecipe
) -> list[np.ndarray]:
    """The arrays of a model, in the order in which `table` reads them."""
    counted = [sequence for sequence, held in zip(sequences, held_out, strict=True) if not held]
    tuned = [sequence for sequence, held in zip(sequences, held_out, strict=True) if held]
    base_cum = _base_cum(sequences, spec.num_symbols)  # of all: the tree of decisions is the same in both rounds
    tuned = tuned or counted
    logits, trace_arrays = None, []
    if spec.trace is not None:
        tree = SymbolTree(base_cum)
        logits = trace_logits(train_trace(counted, spec.first, tree, spec.trace), tuned, spec.first, tree)
        trace_arrays = train_trace(sequences, spec.first, tree, spec.trace).in_order()
    components = _count(spec, counted, base_cum)
    seen = decisions_of(components, base_cum, *_contexts(spec, tuned, base_cum))
    fit = fit_mixture(spec.belows, spec.selectors, seen, recipe, logits)
    components = _count(spec, sequences, base_cum)
    arrays = [base_cum.astype(np.uint32)]
    for component in components:
        arrays += [component.keys, component.starts, component.followers, component.count_codes]
    return arrays + fit + trace_arrays


def _base_cum(sequences: Sequences, num_symbols: int) -> np.ndarray:
    counts = np.bincount([symbol for sequence in sequences for symbol in sequence], minlength=num_symbols) + 1
    return np.concatenate([[0], np.cumsum(counts)])


def _contexts(spec: ModelSpec, sequences: Sequences, base_cum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keys (N, components) and symbols (N,) of all sequences."""
    new_history = spec.history(base_cum)
    keys, symbols = [], []
    for sequence in sequences:
        history = new_history()
        for symbol in sequence:
            keys.append(history.keys())
            symbols.append(symbol)
            history.push(symbol)
    return np.array(keys, np.int64).reshape(len(symbols), len(spec.belows)), np.array(symbols, np.int64)


def _count(spec: ModelSpec, sequences: Sequences, base_cum: np.ndarray) -> list[Component]:
    keys, symbols = _contexts(spec, sequences, base_cum)
    return [
        component_of(keys[:, column], symbols, below, prune)
        for column, (below, prune) in enumerate(zip(spec.belows, spec.prunes, strict=True))
    ]


# ---- the file


def _stretch_table() -> np.ndarray:
    """The logit of the middle of each of 2**12 steps of probability."""
    num_steps = 1 << PROB_BITS >> STRETCH_SHIFT
    probs = (np.arange(num_steps) + 0.5) / num_steps
    return np.round(np.log(probs / (1 - probs)) * LOGIT_ONE).astype(np.int16)


def _squash_table() -> np.ndarray:
    logits = (np.arange(2 * SQUASH_HALF) - SQUASH_HALF + 0.5) * ((1 << SQUASH_SHIFT) / LOGIT_ONE)
    return np.clip(np.round(TOTAL / (1 + np.exp(-logits))), 1, TOTAL - 1).astype(np.uint16)


def array_bytes(array: np.ndarray) -> bytes:
    data = array.astype(array.dtype.newbyteorder("<")).tobytes()
    head = bytes((array.dtype.itemsize, int(array.dtype.kind == "i"), 0, 0)) + len(array).to_bytes(4, "little")
    return head + data + bytes(-len(data) % 4)


def read_captions(path: Path) -> Iterable[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            caption = json.loads(line)
            yield caption["id"], caption["text"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "--captions", type=Path, required=True, help='lines of {"id": picture, "text": caption}, gzipped'
    )
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    data = make_table(list(read_captions(args.captions)), TableRecipe())
    args.out.write_bytes(data)
    print(f"{args.out}: {len(data)} bytes, seed 0x{hashlib.sha256(data).hexdigest()[:8]}")


if __name__ == "__main__":
    main()
