"""The describer's word network, asked for the next word again and again: each word costs one step, not the whole
sequence.

Packages have it as two graphs: `memory.onnx` turns what was seen into keys and values, once a picture, and `next.onnx`
takes the last tokens with the keys and values of those before. Of packages that were made before (`words.onnx`: whole
sequences in, odds out) every step costs the sequence.

Shapes: N = beginnings that are gone on with, T = tokens of each; V = vocabulary; P = places, F = features of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from semcodec.nets.describer import Floats
    from semcodec.nets.graphs import Graphs

MEMORY, NEXT = "memory.onnx", "next.onnx"


class Writing(Protocol):
    """Of one picture. It is asked for one step of one beam after the other, not by several threads."""

    def next_log_odds(self, tokens_NT: NDArray[np.int64]) -> Floats:
        """(N, V): logits of the token behind each beginning."""


class StepByStep:
    """Keeps keys and values (layers, N, heads, T, c) of the beginnings that it was asked for last."""

    def __init__(self, graphs: Graphs, features_1PF: Floats) -> None:
        self._graphs = graphs
        self._seen = dict(zip(("keys", "values", "doubts"), graphs.run("memory", features=features_1PF), strict=True))
        self._rows: dict[tuple[int, ...], int] = {}
        self._own: Sequence[Any] = ()

    def next_log_odds(self, tokens_NT: NDArray[np.int64]) -> Floats:
        beginnings = [tuple(row) for row in tokens_NT.tolist()]
        rows = [self._rows.get(row[:-1]) for row in beginnings]
        if None in rows:
            layers, _, heads, _, width = self._seen["keys"].shape
            nothing = np.zeros((layers, len(beginnings), heads, 0, width), np.float32)
            own, behind_NT = [nothing, nothing], tokens_NT
        else:
            own, behind_NT = [kept[:, rows] for kept in self._own], tokens_NT[:, -1:]
        logits_NV, *self._own = self._graphs.run(
            "next", tokens=behind_NT, own_keys=own[0], own_values=own[1], **self._seen
        )
        self._rows = {row: at for at, row in enumerate(beginnings)}
        found: Floats = logits_NV
        return found


class WholeSequences:
    """By a graph that is given all tokens each time. `features_1PF`: the places that it looks at."""

    def __init__(self, graphs: Graphs, features_1PF: Floats) -> None:
        self._graphs, self._features_1PF = graphs, features_1PF

    def next_log_odds(self, tokens_NT: NDArray[np.int64]) -> Floats:
        features_NPF = np.repeat(self._features_1PF, len(tokens_NT), axis=0)
        logits_NTV: Floats = self._graphs.run("words", tokens_NT=tokens_NT, features_NPC=features_NPF)[0]
        return logits_NTV[:, -1]
