"""Many range decoders side by side in arrays, each with what its text has said so far: the lanes of `batch`.

Shapes: N = payloads still being decoded ("lanes"); C = columns of the model: the base, then the components.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from semcodec.entropy.interval import FULL, TOP, final_point
from semcodec.entropy.tables import TOTAL, TOTAL_BITS
from semcodec.layers.text.batch_tables import Ints, ints
from semcodec.layers.text.history import WORD_BELOW
from semcodec.layers.text.stream import BYTES_PER_CHECK

AHEAD_BYTES = 6  # a lane may look so far behind its end; a whole payload needs 4
_MOST_BYTES = BYTES_PER_CHECK - AHEAD_BYTES - 1  # below the first check
MOST_TOKENS = 200


@dataclass(slots=True, eq=False)
class Lanes:
    """One entry, or one column, a lane. `code`, `slack`, `low`, `range` are those of `RangeDecoder`."""

    index: Ints  # of the payload
    payload: NDArray[np.uint8]  # (N, bytes), zeros behind the end
    num_bytes: Ints
    num_read: Ints
    code: Ints
    slack: Ints
    low: Ints
    range: Ints
    history: Ints  # (4, N): last, second, third token, topic
    faded: NDArray[np.int32]  # (N, width), as in `trace`; width 0 without one
    hidden: NDArray[np.int32]  # (N, width)
    tokens: Ints  # (most, N)
    num_tokens: Ints
    # The symbol that is being decoded is in [bottom, top); `context` (C - 1, N) is each component's, its followers in
    # there are [first, last).
    bottom: Ints
    top: Ints
    context: Ints
    first: Ints
    last: Ints

    def keep(self, wanted: NDArray[np.bool_]) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            axis = 0 if field.name in ("payload", "faded", "hidden") else -1
            setattr(self, field.name, np.compress(wanted, value, axis=axis))


def begin_lanes(payloads: Sequence[bytes], trace_width: int) -> Lanes:
    """The payloads that are short enough, each with its decoder at its first symbol."""
    index = [at for at, payload in enumerate(payloads) if len(payload) <= _MOST_BYTES]
    width = max((len(payloads[at]) for at in index), default=0) + AHEAD_BYTES + 4
    joined = b"".join(payloads[at].ljust(width, b"\0") for at in index)
    n = len(index)
    lanes = Lanes(
        index=ints(index),
        payload=np.frombuffer(joined, np.uint8).reshape(n, width),
        num_bytes=ints([len(payloads[at]) for at in index]),
        num_read=np.zeros(n, np.int64),
        code=np.zeros(n, np.int64),
        slack=np.zeros(n, np.int64),
        low=np.zeros(n, np.int64),
        range=np.full(n, FULL),
        history=np.zeros((4, n), np.int64),
        faded=np.zeros((n, trace_width), np.int32),
        hidden=np.zeros((n, trace_width), np.int32),
        tokens=np.zeros((MOST_TOKENS, n), np.int64),
        num_tokens=np.zeros(n, np.int64),
        bottom=np.zeros(n, np.int64),
        top=np.zeros(n, np.int64),
        context=np.zeros((len(WORD_BELOW), n), np.int64),
        first=np.zeros((len(WORD_BELOW), n), np.int64),
        last=np.zeros((len(WORD_BELOW), n), np.int64),
    )
    for _ in range(4):
        _shift(lanes, np.arange(n))
    return lanes


def _shift(lanes: Lanes, at: Ints) -> None:
    num_read = lanes.num_read[at]
    lanes.code[at] = lanes.code[at] << 8 | lanes.payload[at, num_read]
    lanes.slack[at] = lanes.slack[at] << 8 | np.where(num_read < lanes.num_bytes[at], 0, 255)
    lanes.num_read[at] = num_read + 1


def take(lanes: Lanes, low: Ints, width: Ints, is_top: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The second half of `RangeDecoder.get`. Returns which lanes' bytes settle this symbol."""
    is_good: NDArray[np.bool_] = (lanes.slack == 0) | is_top | (lanes.code + lanes.slack < low + width)
    lanes.code -= low
    lanes.low = (lanes.low + low) & (FULL - 1)
    lanes.range = width
    while len(at := np.flatnonzero((lanes.range < TOP) & is_good)):
        ended = at[lanes.num_read[at] >= lanes.num_bytes[at] + AHEAD_BYTES]
        is_good[ended] = False
        at = at[is_good[at]]
        lanes.range[at] <<= 8
        lanes.low[at] = lanes.low[at] << 8 & (FULL - 1)
        _shift(lanes, at)
    return is_good


def get_static(lanes: Lanes, starts: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """`starts` are cumulative frequencies, (symbols + 1, N): a column a lane."""
    unit = lanes.range >> TOTAL_BITS
    symbol = (starts <= np.minimum(lanes.code // unit, TOTAL - 1)).sum(0) - 1
    start, end = (np.take_along_axis(starts, at[None], 0)[0] for at in (symbol, symbol + 1))
    low, is_top = unit * start, end == TOTAL
    width = np.where(is_top, lanes.range - low, unit * end - low)
    return symbol, take(lanes, low, width, is_top)


def ends_here(lanes: Lanes, lane: int) -> bool:
    point, num_bytes = final_point(int(lanes.low[lane]), int(lanes.range[lane]))
    num_shifts = int(lanes.num_read[lane]) - 4
    return int(lanes.num_bytes[lane]) == num_shifts + num_bytes and int(lanes.code[lane]) == point - int(
        lanes.low[lane]
    )
