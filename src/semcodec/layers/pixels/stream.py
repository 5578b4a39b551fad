"""The grammar of the pixel stream, said once: encoder and decoder walk it with a coder of their own.

```text
stream  = levels cell* check END       cells from coarse to fine (`order`), so that a prefix is a softer picture
cell    = colour                       the first one: green, red, blue, each uniform over the levels
        | copy [which]                 the colour of one of the two cells that it lies between
        | own green red blue           each what the mean of the two lacks; red and blue are told what green lacked
check   = 8 bits, uniform              after a cell, when 64 or more bytes went by since the last; and after the last
```

All but the uniform symbols are binary, with counts of what came in the same context so far. The check is the top byte
of a running hash of all symbols, as in the token stream.

Shapes: R, K = rows, columns of cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from semcodec.entropy.tables import TOTAL, uniform_starts

MAX_CELLS = 1 << 14
# Of each channel, by the stream's first symbol.
NUM_LEVELS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 22, 32, 43, 64, 86, 128, 256)
LEVELS_STARTS = uniform_starts(len(NUM_LEVELS))
CHECK_STARTS = uniform_starts(256)
CHECK_EVERY_BYTES = 64
HASH_SEED = 2166136261
_HASH_PRIME = 16777619

COPY, OWN = 0, 1
_ADDED, _MOST = 2, 512  # to a count with each symbol; counts whose sum is above are halved
_HALF = uniform_starts(2)

Colour = tuple[int, int, int]  # levels of red, green, blue
# Codes a symbol with cumulative frequencies: the encoder returns what is wanted, the decoder what it reads.
Code = Callable[[Sequence[int], int], int]


class OutOfLevels(Exception):
    """A symbol says a colour that is none: only damage does."""


def colour_value(level: int, num_levels: int) -> int:
    """0 to 255."""
    return (510 * level + num_levels - 1) // (2 * (num_levels - 1))


def add_to_hash(running: int, symbol: int) -> int:
    return ((running ^ (symbol + 1)) * _HASH_PRIME) & 0xFFFFFFFF


def check_of(running: int) -> int:
    return running >> 24


def order(num_cols: int, num_rows: int) -> Iterator[tuple[int, int, int]]:
    """(cell, one neighbour, the other) of all cells but the first, which is number 0; cells are counted row by row.

    Each lies in the middle between its neighbours, which came before it; at the far edges there is one, named twice.
    """
    step = 1 << (max(num_cols, num_rows) - 1).bit_length()
    while step > 1:
        half = step >> 1
        for row in range(0, num_rows, step):
            for col in range(half, num_cols, step):
                at = row * num_cols + col
                yield at, at - half, at + half if col + half < num_cols else at - half
        for row in range(half, num_rows, step):
            for col in range(0, num_cols, half):
                at, down = row * num_cols + col, half * num_cols
                yield at, at - down, at + down if row + half < num_rows else at - down
        step = half


class CellStream:
    """Codes cells one after the other. `code`: one side's coder."""

    def __init__(self, num_levels: int, code: Code) -> None:
        self._code, self._top = code, num_levels - 1
        self._uniform = uniform_starts(num_levels)
        self._counts: dict[tuple[int, ...], list[int]] = {}
        self._last_mode = COPY

    def first(self, wanted: Colour) -> Colour:
        red, green, blue = wanted
        green = self._code(self._uniform, green)
        return self._code(self._uniform, red), green, self._code(self._uniform, blue)

    def cell(self, one: Colour, other: Colour, wanted: Colour) -> Colour:
        """A cell between two. `wanted` is the encoder's; a decoder may give anything."""
        gap = _kind(max(abs(a - b) for a, b in zip(one, other, strict=True)))
        mode = self._binary((0, gap, self._last_mode), COPY if wanted in (one, other) else OWN)
        self._last_mode = mode
        if mode == COPY:
            return (one, other)[one != other and self._binary((1, gap), int(wanted == other))]
        red, green, blue = ((a + b + 1) >> 1 for a, b in zip(one, other, strict=True))
        lacking = self._lacking(0, gap, green, wanted[1] - green)
        by_green = _kind(abs(lacking))
        green += lacking
        red, blue = (min(max(between + lacking, 0), self._top) for between in (red, blue))
        of_red = self._lacking(1, by_green, red, wanted[0] - red)
        of_blue = self._lacking(2, _kind(abs(of_red)), blue, wanted[2] - blue)
        return red + of_red, green, blue + of_blue

    def _lacking(self, channel: int, kind: int, expected: int, wanted: int) -> int:
        """What a level has more than expected: whether anything, its sign, its length in bits, its bits."""
        if not self._binary((2, channel, kind), int(wanted != 0)):
            return 0
        above = self._top - expected
        negative = not above or bool(expected and self._binary((3, channel), int(wanted < 0)))
        most, size = expected if negative else above, abs(wanted)
        num_bits = 1
        while most >> num_bits and self._binary((4, channel, kind, num_bits), int(size >> num_bits > 0)):
            num_bits += 1
        value = 1
        for bit in range(num_bits - 2, -1, -1):
            wanted_bit = size >> bit & 1
            is_second = bit == num_bits - 2
            coded = self._binary((5, channel, num_bits), wanted_bit) if is_second else self._code(_HALF, wanted_bit)
            value = value << 1 | coded
        if value > most:
            raise OutOfLevels
        return -value if negative else value

    def _binary(self, context: tuple[int, ...], wanted: int) -> int:
        counts = self._counts.setdefault(context, [1, 1])
        symbol = self._code((0, (counts[0] << 15) // (counts[0] + counts[1]), TOTAL), wanted)
        counts[symbol] += _ADDED
        if counts[0] + counts[1] > _MOST:
            counts[:] = [(count + 1) >> 1 for count in counts]
        return symbol


def _kind(size: int) -> int:
    """0, 1, 2 (for 2 and 3), 3 (for 4 to 15), 4."""
    return size if size < 2 else 2 if size < 4 else 3 if size < 16 else 4
