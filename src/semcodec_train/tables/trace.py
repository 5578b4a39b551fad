"""The fading trace of a text table: trained in floats, folded to rows of small integers (`layers/text/trace.py`).

A network of one hidden layer says at each decision of the symbol tree how likely the upper part is. Its input is the
last symbol, the one before, how many there were, and a sum of all that fades at a rate of its own in each component;
so all its weights but the last layer's are rows that are looked up and added.

On captions (held out, bits a token, alone, width 64) a sum that fades did better than what should be stronger:
4.78; a gated recurrent network (GRU) 4.87; gates that depend on the symbol alone (SRU) 4.87; rows that are products
with a shared embedding of 64 numbers 4.86, at width 96. Width 128 gives 4.66, where the counts give 4.65 and both 4.45.
The same for the characters of spelled words gained nothing.

Shapes: N = sequences, T = symbols of the longest, W = width, D = decisions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from semcodec.layers.text.model import split_of
from semcodec.layers.text.trace import FADE_BITS, HALF_CURVE, HELD_BITS, NODE_SHIFT, NUM_PLACES
from semcodec_train.tables.recipes import TraceRecipe

Sequences = list[list[int]]

ROW_ONE = 32  # a row's number for 1
HIDDEN_ONE = 128
LOGIT_ONE = 1 << 10
NODE_ONE = (LOGIT_ONE << NODE_SHIFT) // HIDDEN_ONE


@dataclass(frozen=True)
class TraceArrays:
    """As they stand in a table file, one behind the other (`layers.text.trace.TraceTables`)."""

    keep: np.ndarray  # (W,) uint8
    held: np.ndarray  # (symbols, W) int8
    last: np.ndarray
    second: np.ndarray
    place: np.ndarray  # (NUM_PLACES, W) int8
    curve: np.ndarray  # (2 * HALF_CURVE,) int8
    nodes: np.ndarray  # (symbols, W) int8
    biases: np.ndarray  # (symbols,) int16

    def in_order(self) -> list[np.ndarray]:
        return [
            array.ravel()
            for array in (
                self.keep, self.held, self.last, self.second, self.place, self.curve, self.nodes, self.biases
            )
        ]  # fmt: skip


class SymbolTree:
    """The decisions that lead to each symbol, as `SymbolModel.code` takes them."""

    def __init__(self, base_cum: np.ndarray) -> None:
        cum = base_cum.tolist()
        paths = [list(_path(cum, symbol)) for symbol in range(len(cum) - 1)]
        self.num_symbols = len(paths)
        self.lengths = np.array([len(path) for path in paths])
        self._starts = np.concatenate([[0], np.cumsum(self.lengths)])
        steps = np.array([step for path in paths for step in path], np.int64).reshape(-1, 2)
        self._splits, self._uppers = steps[:, 0], steps[:, 1] > 0

    def decisions(self, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of these symbols, one after the other: which symbol, the split, whether it is in the upper part; each (D,)"""
        lengths = self.lengths[symbols]
        which = np.repeat(np.arange(len(symbols)), lengths)
        before = np.cumsum(lengths) - lengths
        at = np.arange(len(which)) + np.repeat(self._starts[symbols] - before, lengths)
        return which, self._splits[at], self._uppers[at]


def _path(cum: list[int], symbol: int) -> Iterator[tuple[int, int]]:
    low, high = 0, len(cum) - 1
    while high - low > 1:
        split = split_of(cum, low, high)
        is_upper = symbol >= split
        yield split, int(is_upper)
        low, high = (split, high) if is_upper else (low, split)


class _Trace(torch.nn.Module):
    def __init__(self, tree: SymbolTree, symbols: np.ndarray, recipe: TraceRecipe) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(recipe.seed)

        def rows(count: int, scale: float) -> torch.nn.Parameter:
            return torch.nn.Parameter(scale * torch.randn(count, recipe.width, generator=generator))

        num = tree.num_symbols
        self.held, self.last, self.second = rows(num, 0.1), rows(num, 0.1), rows(num, 0.1)
        self.place = rows(NUM_PLACES, 0.0)
        self.keep = torch.nn.Parameter(torch.linspace(-1, 3, recipe.width))  # logit
        self.nodes = rows(num, 0.05)
        _, splits, uppers = tree.decisions(symbols)
        counts = np.stack([np.bincount(splits[uppers == up], minlength=num) for up in (False, True)]) + 0.5
        self.biases = torch.nn.Parameter(torch.tensor(np.log(counts[1] / counts[0]), dtype=torch.float32))

    def hidden(self, inputs_NT: torch.Tensor) -> torch.Tensor:
        """(N, T, W): what each symbol is coded with; `inputs` are the symbols before."""
        tables = (self.held, self.last, self.second)
        held, last, second = (torch.nn.functional.embedding(inputs_NT, rows) for rows in tables)
        keep = torch.sigmoid(self.keep)
        faded = torch.zeros_like(held[:, 0])
        hidden = []
        for at in range(inputs_NT.shape[1]):
            faded = faded * keep + held[:, at]
            total = faded + last[:, at] + self.place[min(at, NUM_PLACES - 1)]
            hidden.append(torch.tanh(total + second[:, at - 1] if at else total))
        return torch.stack(hidden, 1)

    def arrays(self) -> TraceArrays:
        def small(values: torch.Tensor, one: int) -> np.ndarray:
            return np.clip(np.round(values.detach().numpy() * one), -127, 127).astype(np.int8)

        keep = torch.sigmoid(self.keep).detach().numpy()
        biases = np.round(self.biases.detach().numpy() * LOGIT_ONE)
        sums = (np.arange(2 * HALF_CURVE) - HALF_CURVE) / ROW_ONE
        return TraceArrays(
            keep=np.clip(np.round(keep * (1 << FADE_BITS)), 0, 255).astype(np.uint8),
            held=small(self.held, ROW_ONE),
            last=small(self.last, ROW_ONE),
            second=small(self.second, ROW_ONE),
            place=small(self.place, ROW_ONE),
            curve=np.clip(np.round(np.tanh(sums) * HIDDEN_ONE), -127, 127).astype(np.int8),
            nodes=small(self.nodes, NODE_ONE),
            biases=np.clip(biases, -(1 << 15), (1 << 15) - 1).astype(np.int16),
        )


def train_trace(sequences: Sequences, first: int, tree: SymbolTree, recipe: TraceRecipe) -> TraceArrays:
    """`first` stands before the first symbol of each sequence."""
    torch.manual_seed(recipe.seed)  # of dropout
    rng = np.random.Generator(np.random.PCG64(recipe.seed))
    net = _Trace(tree, np.concatenate([np.array(sequence) for sequence in sequences]), recipe)
    optimizer = torch.optim.Adam(net.parameters(), lr=recipe.peak_rate)
    lengths = np.array([len(sequence) for sequence in sequences])
    num_batches = -(-len(sequences) // recipe.batch)
    num_steps = recipe.num_epochs * num_batches
    for step in range(num_steps):
        if step % num_batches == 0:
            by_length = np.argsort(lengths + 3 * rng.random(len(lengths)), kind="stable")
            batches = np.array_split(by_length, num_batches)
            rng.shuffle(batches)
        falling = 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * step / num_steps))
        rate = recipe.peak_rate * min(1.0, step / 200) * falling
        for group in optimizer.param_groups:
            group["lr"] = rate
        inputs, places, symbols = _batch([sequences[at] for at in batches[step % num_batches]], first)
        which, splits, uppers = tree.decisions(symbols)
        hidden = torch.nn.functional.dropout(net.hidden(inputs), recipe.dropout).flatten(0, 1)
        nodes = torch.tensor(splits)
        rows = torch.nn.functional.embedding(nodes, net.nodes)
        logits = (hidden[torch.tensor(places[which])] * rows).sum(1) + net.biases[nodes]
        sign = torch.tensor(np.where(uppers, -1.0, 1.0), dtype=torch.float32)
        loss = torch.nn.functional.softplus(sign * logits).sum() / len(symbols)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net.arrays()


def _batch(sequences: Sequences, first: int) -> tuple[torch.Tensor, np.ndarray, np.ndarray]:
    """Inputs (N, T), and of each symbol: where its input stands in the flattened ones, and which it is."""
    longest = max(map(len, sequences))
    inputs = np.full((len(sequences), longest), first)
    for row, sequence in zip(inputs, sequences, strict=True):
        row[1 : len(sequence)] = sequence[:-1]
    places = np.concatenate([at * longest + np.arange(len(sequence)) for at, sequence in enumerate(sequences)])
    return torch.tensor(inputs), places, np.concatenate([np.array(sequence) for sequence in sequences])


def trace_logits(arrays: TraceArrays, sequences: Sequences, first: int, tree: SymbolTree) -> np.ndarray:
    """The logit of each decision of the sequences, one after the other, to the last bit as the coder has it; (D,)."""
    found = []
    for start in range(0, len(sequences), 2048):
        part = sequences[start : start + 2048]
        inputs, places, symbols = _batch(part, first)
        which, splits, _ = tree.decisions(symbols)
        hidden = _hidden(arrays, inputs.numpy()).reshape(-1, len(arrays.keep))[places]
        for at in range(0, len(which), 1 << 18):
            some = slice(at, at + (1 << 18))
            products = np.einsum("dw,dw->d", hidden[which[some]], arrays.nodes[splits[some]].astype(np.int32))
            found.append((products >> NODE_SHIFT) + arrays.biases[splits[some]])
    return np.concatenate(found)


def _hidden(arrays: TraceArrays, inputs_NT: np.ndarray) -> np.ndarray:
    keep, held, last, second, place, curve = (
        array.astype(np.int32)
        for array in (arrays.keep, arrays.held, arrays.last, arrays.second, arrays.place, arrays.curve)
    )
    faded = np.zeros((len(inputs_NT), len(keep)), np.int32)
    hidden = np.empty((*inputs_NT.shape, len(keep)), np.int32)
    for at in range(inputs_NT.shape[1]):
        faded = (faded * keep >> FADE_BITS) + (held[inputs_NT[:, at]] << HELD_BITS)
        sums = (faded >> HELD_BITS) + last[inputs_NT[:, at]] + place[min(at, NUM_PLACES - 1)]
        if at:
            sums = sums + second[inputs_NT[:, at - 1]]
        hidden[:, at] = curve[np.clip(sums, -HALF_CURVE, HALF_CURVE - 1) + HALF_CURVE]
    return hidden
