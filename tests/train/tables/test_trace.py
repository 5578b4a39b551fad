"""The fading trace: what is trained is what the coder computes, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.layers.text.trace import Trace, TraceTables
from semcodec_train.tables.recipes import TraceRecipe
from semcodec_train.tables.trace import SymbolTree, TraceArrays, trace_logits, train_trace

NUM_SYMBOLS, FIRST = 9, 0
# Symbol 8 says how a sequence ends, three symbols later: what a context of two symbols cannot know.
SEQUENCES = [
    [opening, middle, middle, middle, 5 if opening == 8 else 6, 0] for opening in (7, 8) for middle in (1, 2, 3)
]
RECIPE = TraceRecipe(width=6, num_epochs=150, batch=3, dropout=0.0, peak_rate=0.05)


@pytest.fixture(scope="module")
def tree() -> SymbolTree:
    return SymbolTree(np.arange(NUM_SYMBOLS + 1) * 10)


@pytest.fixture(scope="module")
def arrays(tree: SymbolTree) -> TraceArrays:
    return train_trace(SEQUENCES, FIRST, tree, RECIPE)


def test_the_coder_has_the_same_logits_to_the_last_bit(tree: SymbolTree, arrays: TraceArrays) -> None:
    tables = TraceTables(*(array.tolist() for array in arrays.in_order()))
    found = []
    for sequence in SEQUENCES:
        trace = Trace(tables, FIRST)
        for symbol in sequence:
            _, splits, _ = tree.decisions(np.array([symbol]))
            found += [tables.logit(trace.hidden(), split) for split in splits.tolist()]
            trace.push(symbol)
    assert found == trace_logits(arrays, SEQUENCES, FIRST, tree).tolist()


def test_it_remembers_what_came_several_symbols_before(tree: SymbolTree, arrays: TraceArrays) -> None:
    tables = TraceTables(*(array.tolist() for array in arrays.in_order()))
    for opening, ending in ((7, 6), (8, 5)):
        trace = Trace(tables, FIRST)
        for symbol in (opening, 2, 2, 2):
            trace.push(symbol)
        _, splits, uppers = tree.decisions(np.array([ending]))
        for split, is_upper in zip(splits.tolist(), uppers.tolist(), strict=True):
            assert (tables.logit(trace.hidden(), split) > 0) == is_upper


def test_training_twice_gives_the_same_numbers(tree: SymbolTree, arrays: TraceArrays) -> None:
    again = train_trace(SEQUENCES, FIRST, tree, RECIPE)
    assert all(np.array_equal(one, other) for one, other in zip(arrays.in_order(), again.in_order(), strict=True))


def test_the_decisions_of_a_symbol_lead_to_it(tree: SymbolTree) -> None:
    for symbol in range(NUM_SYMBOLS):
        _, splits, uppers = tree.decisions(np.array([symbol]))
        assert all((symbol >= split) == upper for split, upper in zip(splits, uppers, strict=True))
