"""What a caption costs, for training: the fractional bits of its tokens under the caption coder's own tables.

A reward is asked for thousands of captions that share their beginnings, so the cost of each token is remembered. The
constant part (origin, language, shape) is left out, and so is the rounding up to bytes: `payload_bits` is what is
really sent.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from functools import lru_cache

from semcodec.ids import Origin
from semcodec.layers.text.encode import pack_words, token_numbers
from semcodec.layers.text.history import WordHistory
from semcodec.layers.text.split import Word, plans_of, shapes_of
from semcodec.layers.text.table import NEWEST_TABLE, load_table
from semcodec.layers.text.trace import Trace
from semcodec.types import Words


def payload_bits(text: str) -> int:
    """Of the whole bytes of a machine's caption in English as it stands in a file."""
    return 8 * len(pack_words(Words(text, "en", Origin.MACHINE)).payload)


class CaptionBits:
    """bits(text) of captions whose words the table knows; others cost what their payload has."""

    def __init__(self, table_number: int = NEWEST_TABLE) -> None:
        self._table = load_table(table_number)
        self._tokens = token_numbers(self._table)
        self._known: dict[Hashable, float] = {}
        self.bits = lru_cache(maxsize=200_000)(self._bits)

    def _bits(self, text: str) -> float:
        _, base = next(iter(shapes_of(text)))
        plan = next(iter(plans_of(base, self._tokens)))
        tokens = []
        for piece in plan:
            if not isinstance(piece, Word):
                return float(payload_bits(text))
            if piece.capital:
                tokens.append(self._table.cap)
            tokens.append(piece.token)
        return self._cost([*tokens, self._table.end])

    def _cost(self, tokens: Sequence[int]) -> float:
        table, model = self._table, self._table.words_model
        history = WordHistory(table.end, table.is_topic, table.classes)
        trace = Trace(model.trace, table.end) if model.trace is not None else None
        total, num_pushed = 0.0, 0
        for at, token in enumerate(tokens):
            keys = history.keys()
            # With a trace, a token's cost depends on all before it; without one, on these keys.
            key = (keys if trace is None else tuple(tokens[:at]), token)
            bits = self._known.get(key)
            if bits is None:
                hidden: Sequence[int] = ()
                if trace is not None:
                    for before in tokens[num_pushed:at]:
                        trace.push(before)
                    num_pushed = at
                    hidden = trace.hidden()
                scale = _Scale()
                model.code(model.look_up(keys), scale, token, hidden=hidden)
                bits = self._known[key] = scale.bits
            total += bits
            history.push(token)
        return total


class _Scale:
    """A range coder that only weighs."""

    def __init__(self) -> None:
        self.bits = 0.0

    def code(self, starts: Sequence[int], wanted: int) -> int:
        self.bits -= math.log2((starts[wanted + 1] - starts[wanted]) / starts[-1])
        return wanted
