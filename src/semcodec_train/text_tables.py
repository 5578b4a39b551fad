"""Counts a text table: captions in, the bytes of `layers/text/tables/N.bin` out.

    python -m semcodec_train.text_tables --captions train.jsonl.gz --out 1.bin

Steps: words and their frequencies; an order of the words in which alike ones are neighbours (halving along the main
direction of their contexts); counts of what follows in each context, the rare contexts dropped; the fading trace
(`text_trace`); discounts, strengths and mixing weights, fitted on a tenth of the pictures that was neither counted nor
trained on; then everything counted and trained again.

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
    WORD_BITS,
    WORD_SELECTORS,
    CharHistory,
    WordHistory,
    classes_of,
)
from semcodec.layers.text.model import (
    COUNT_BITS,
    LARGEST_COUNT,
    LEAST,
    NUM_BINS,
    PROB_BITS,
    SQUASH_HALF,
    SQUASH_SHIFT,
    STRETCH_SHIFT,
    WEIGHT_BITS,
    bin_of,
    count_of,
    split_of,
)
from semcodec.layers.text.split import TOKEN, Run, plans_of, shapes_of
from semcodec.layers.text.table import MAGIC, SPLITTER
from semcodec_train.text_trace import SymbolTree, TraceRecipe, trace_debug, trace_logits, train_trace

LAYOUT = b"2"

LOGIT_ONE = 1 << 10
# The letters beyond ASCII that are spelled without their code point: there is room for 31.
ACCENTED = {
    "a": "àáâãäåą", "c": "çćč", "e": "èéêëę", "i": "íîï", "l": "ł", "n": "ñ",
    "o": "óôõöø", "s": "śß", "u": "úûü", "z": "ż",
}  # fmt: skip
LEAST_PROB = LEAST / (1 << PROB_BITS)
Sequences = list[list[int]]


@dataclass(frozen=True)
class Prune:
    """A context is kept if it was seen `min_context` times; a follower in it, if seen `min_follower` times.

    Dropping followers by what they gain over the component below instead cost more at the same size (1.284 bits a
    character, not 1.272): what is left of a context then looks too sure.
    """

    min_context: int = 1
    min_follower: int = 1


@dataclass(frozen=True)
class TableRecipe:
    min_word_count: int = 2
    max_words: int = (1 << WORD_BITS) - 3
    topic_share: int = 200  # a word rarer than 1 in so many tokens can be a topic
    word_prunes: tuple[Prune, ...] = (Prune(), Prune(2), Prune(6), Prune(3, 2), Prune(1, 2), Prune(6))
    char_prunes: tuple[Prune, ...] = (Prune(), Prune(), Prune(2), Prune(2), Prune())
    held_out_of_256: int = 26
    node_share: int = 600  # a decision taken at least once in so many has mixing weights of its own
    num_fit_steps: int = 110
    trace: TraceRecipe = TraceRecipe()


def table_debug() -> TableRecipe:
    """Seconds, for tests; the numbers mean nothing."""
    return TableRecipe(num_fit_steps=3, held_out_of_256=64, trace=trace_debug())


@dataclass(frozen=True)
class Component:
    below: int
    keys: np.ndarray
    starts: np.ndarray
    followers: np.ndarray
    count_codes: np.ndarray


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
    order = _order(sequences, len(texts))
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
    char_order = _order(char_sequences, len(chars))
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


# ---- the order of the symbols


def _order(sequences: Sequences, num_symbols: int) -> list[int]:
    """Symbols so that those with alike neighbours stand together."""
    flat = np.array([0, *(symbol for sequence in sequences for symbol in sequence)])
    counts = np.bincount(flat[1:], minlength=num_symbols)
    num_features = min(600, num_symbols)
    rank = np.full(num_symbols, num_features)
    rank[np.argsort(-counts, kind="stable")[:num_features]] = np.arange(num_features)
    features = np.zeros((num_symbols, 2 * (num_features + 1)))
    np.add.at(features, (flat[1:], rank[flat[:-1]]), 1)
    np.add.at(features, (flat[:-1], num_features + 1 + rank[flat[1:]]), 1)
    overall = features.sum(0) / features.sum() * 2
    features = np.sqrt((features + 2 * overall) / (features.sum(1, keepdims=True) + 4)) - np.sqrt(overall)

    def halved(symbols: np.ndarray) -> list[int]:
        if len(symbols) <= 2:
            return [int(symbol) for symbol in symbols]
        weights = np.sqrt(counts[symbols] + 1)
        centred = features[symbols]
        centred = centred - (centred * weights[:, None]).sum(0) / weights.sum()
        direction = centred[np.argmax((centred * centred).sum(1))]
        for _ in range(20):
            direction = centred.T @ ((centred @ direction) * weights)
            length = np.linalg.norm(direction)
            if not length:
                break
            direction = direction / length
        symbols = symbols[np.argsort(np.round(centred @ direction, 9), kind="stable")]
        cum = np.cumsum(counts[symbols] + 1)
        at = min(max(int(np.searchsorted(cum, cum[-1] / 2)), 1), len(symbols) - 1)
        return halved(symbols[:at]) + halved(symbols[at:])

    return halved(np.arange(num_symbols))


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


def component_of(keys: np.ndarray, symbols: np.ndarray, below: int, prune: Prune) -> Component:
    """The counts of what followed each key. `keys` and `symbols` are (N,)."""
    packed, counts = np.unique(keys << 16 | symbols, return_counts=True)
    pair_keys, followers = packed >> 16, packed & 0xFFFF
    _, key_of = np.unique(pair_keys, return_inverse=True)
    totals = np.bincount(key_of, weights=counts)[key_of]
    kept = (totals >= prune.min_context) & (counts >= prune.min_follower)
    pair_keys, followers, counts = pair_keys[kept], followers[kept], counts[kept]
    contexts, inverse = np.unique(pair_keys, return_inverse=True)
    largest = np.zeros(len(contexts), np.int64)
    np.maximum.at(largest, inverse, counts)
    scale = np.maximum(1, -(-largest // LARGEST_COUNT))[inverse]
    known = np.array([count_of(code) for code in range(256)])
    wanted = np.maximum(1, counts // scale)
    above = np.minimum(np.searchsorted(known, wanted), 255)
    codes = np.where((above > 1) & (wanted - known[above - 1] < known[above] - wanted), above - 1, above)
    starts = np.concatenate([[0], np.cumsum(np.bincount(inverse, minlength=len(contexts)))])
    wide = np.uint32 if not len(contexts) or contexts[-1] < 1 << 32 else np.uint64
    return Component(
        below, contexts.astype(wide), starts.astype(np.uint32), followers.astype(np.uint16), codes.astype(np.uint8)
    )


# ---- the fit


@dataclass(frozen=True)
class Decisions:
    """All binary decisions of some sequences (N): what each component sees there, and what was decided."""

    spans: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]]  # upper count, count, upper kinds, kinds
    bins: torch.Tensor  # (N, components + 1)
    base: torch.Tensor
    is_upper: torch.Tensor
    splits: np.ndarray  # (N,)


def decisions_of(
    components: Sequence[Component],
    base_cum: np.ndarray,
    keys: np.ndarray,
    symbols: np.ndarray,
    possible: np.ndarray | None = None,
) -> Decisions:
    """`keys` are (N, components), `symbols` (N,); `possible`: how many of the symbols each could have been, (N,)."""
    num_symbols = len(base_cum) - 1
    cum_list = base_cum.tolist()
    limits = np.full(len(symbols), num_symbols) if possible is None else possible
    chosen = list(zip(symbols.tolist(), limits.tolist(), strict=True))
    paths = {(symbol, limit): _path(cum_list[: limit + 1], symbol) for symbol, limit in set(chosen)}
    which = np.repeat(np.arange(len(symbols)), [len(paths[choice]) for choice in chosen])
    steps = np.array([step for choice in chosen for step in paths[choice]], np.int64).reshape(-1, 3)
    low, split, high = steps.T
    base = (base_cum[high] - base_cum[split]) / (base_cum[high] - base_cum[low])
    spans, bins = [], [np.full(len(which), NUM_BINS - 1)]
    known = np.array([count_of(code) for code in range(256)])
    bin_table = np.array([[bin_of(count, kinds) for kinds in (1, 2)] for count in range(1 << 13)])
    for column, component in enumerate(components):
        at = np.searchsorted(component.keys, keys[:, column].astype(component.keys.dtype))
        at = np.minimum(at, len(component.keys) - 1)
        found = component.keys[at].astype(np.int64) == keys[:, column]
        context_of = np.repeat(np.arange(len(component.keys)), np.diff(component.starts))
        places = context_of * num_symbols + component.followers
        cum = np.concatenate([[0], np.cumsum(known[component.count_codes])])
        first, middle, last = (np.searchsorted(places, at[which] * num_symbols + edge) for edge in (low, split, high))
        first = np.where(found[which], first, last)
        middle = np.where(found[which], middle, last)
        count, kinds = cum[last] - cum[first], last - first
        row = bin_table[np.minimum(count, len(bin_table) - 1)]
        bins.append(np.where(kinds == 0, 0, np.where(kinds == 1, row[:, 0], row[:, 1])))
        upper, upper_kinds = cum[last] - cum[middle], last - middle
        spans.append(tuple(torch.tensor(x, dtype=torch.float32) for x in (upper, count, upper_kinds, kinds)))
    return Decisions(
        spans=spans,
        bins=torch.tensor(np.stack(bins, 1)),
        base=torch.tensor(base, dtype=torch.float32),
        is_upper=torch.tensor(symbols[which] >= split),
        splits=split,
    )


def _path(base_cum: list[int], symbol: int) -> list[tuple[int, int, int]]:
    low, high, path = 0, len(base_cum) - 1, []
    while high - low > 1:
        split = split_of(base_cum, low, high)
        path.append((low, split, high))
        low, high = (split, high) if symbol >= split else (low, split)
    return path


def fit_mixture(
    belows: Sequence[int],
    selectors: Sequence[tuple[int, ...]],
    seen: Decisions,
    recipe: TableRecipe,
    trace_logits: np.ndarray | None = None,
) -> list[np.ndarray]:
    """Discounts, strengths and mixing weights of least code length, as the arrays of the file.

    `trace_logits` are those of all decisions, in their order; None: the model has no trace.
    """
    columns = len(belows) + 1
    num_traces = 0 if trace_logits is None else 1
    traced = torch.tensor(np.zeros(len(seen.base)) if trace_logits is None else trace_logits / LOGIT_ONE)
    traced = traced.float()[:, None].expand(-1, num_traces)
    splits, counts = np.unique(seen.splits, return_counts=True)
    nodes = splits[counts * recipe.node_share >= len(seen.splits)]
    place = np.minimum(np.searchsorted(nodes, seen.splits), len(nodes) - 1)
    node_rows = torch.tensor(np.where(nodes[place] == seen.splits, place + 1, 0))
    selected = [_selected(selector, seen.bins) for selector in selectors]

    discounts = torch.zeros(columns, NUM_BINS, requires_grad=True)  # logit
    strengths = torch.zeros(columns, NUM_BINS, requires_grad=True)  # log
    weights = torch.full((columns, NUM_BINS), 0.3, requires_grad=True)
    trace_weight = torch.full((num_traces,), 0.3, requires_grad=True)
    width = columns + num_traces
    selector_weights = [torch.zeros(len(s) * NUM_BINS + 1, width, requires_grad=True) for s in selectors]
    node_weights = torch.zeros(len(nodes) + 1, width, requires_grad=True)
    free = [*selector_weights, node_weights]
    optimizer = torch.optim.Adam([discounts, strengths, weights, trace_weight, *free], lr=0.05)
    is_live = torch.cat([(seen.bins > 0).float(), torch.ones(len(traced), num_traces)], 1)
    is_node = (node_rows > 0).float()[:, None]
    sign = torch.where(seen.is_upper, -1.0, 1.0)
    for step in range(recipe.num_fit_steps):
        if step == recipe.num_fit_steps * 7 // 10:
            optimizer.param_groups[0]["lr"] = 0.015
        probs = [seen.base.clamp(LEAST_PROB, 1 - LEAST_PROB)]
        for column, (below_column, (upper, count, upper_kinds, kinds)) in enumerate(
            zip(belows, seen.spans, strict=True), start=1
        ):
            bins = seen.bins[:, column]
            discount, strength = torch.sigmoid(discounts[column][bins]), torch.exp(strengths[column][bins])
            below = probs[below_column]
            prob = (upper - discount * upper_kinds + (strength + discount * kinds) * below) / (count + strength)
            probs.append(torch.where(kinds > 0, prob.clamp(LEAST_PROB, 1 - LEAST_PROB), below))
        said = [torch.logit(prob.clamp(1 / 8192, 1 - 1 / 8192)) for prob in probs]
        logits = torch.cat([torch.stack(said, 1), traced], 1)
        of_bins = [weights[column][seen.bins[:, column]] for column in range(columns)]
        mixing = torch.cat([torch.stack(of_bins, 1), trace_weight.expand(len(traced), num_traces)], 1)
        for rows, selected_rows in zip(selector_weights, selected, strict=True):
            mixing = mixing + rows[selected_rows]
        mixing = mixing + node_weights[node_rows] * is_node
        loss = torch.nn.functional.softplus(sign * (logits * mixing * is_live).sum(1)).mean()
        loss = loss + 2e-6 * sum((w * w).sum() for w in free)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    node_weights.data[0] = 0

    def fixed(values: torch.Tensor, num_bits: int) -> np.ndarray:
        return np.round(values.detach().numpy().astype(np.float64) * (1 << num_bits)).astype(np.int32).ravel()

    return [
        np.clip(fixed(torch.sigmoid(discounts), COUNT_BITS), 0, (1 << COUNT_BITS) - 1).astype(np.uint16),
        np.maximum(fixed(torch.exp(strengths), COUNT_BITS), 1).astype(np.uint32),
        fixed(torch.cat([weights.flatten(), trace_weight]), WEIGHT_BITS),
        *(fixed(rows, WEIGHT_BITS) for rows in selector_weights),
        nodes.astype(np.uint16),
        fixed(node_weights, WEIGHT_BITS),
    ]


def _selected(selector: tuple[int, ...], bins: torch.Tensor) -> torch.Tensor:
    rows = torch.full((len(bins),), len(selector) * NUM_BINS)
    for rank, column in reversed(list(enumerate(selector))):
        rows = torch.where(bins[:, column] > 0, rank * NUM_BINS + bins[:, column], rows)
    return rows


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
