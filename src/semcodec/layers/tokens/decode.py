"""Token stream to digits. Any prefix of a stream gives the tokens that its bytes settle."""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.entropy.range_decoder import EndOfStream, RangeDecoder
from semcodec.errors import DamagedError, FormatError, TruncatedError
from semcodec.layers.tokens.context import ABSENT, NEIGHBOURS, num_digits
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import MAX_STEPS, Grid, Sent, Step
from semcodec.layers.tokens.stream import (
    CHECK_EVERY_BYTES,
    CHECK_STARTS,
    DENSITY_STARTS,
    PRESENT,
    STOP,
    add_to_hash,
    check_of,
    flag_starts,
    scale_starts,
)
from semcodec.types import Section

Token = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DecodedTokens:
    """`tokens[scale][row * num_cols + col]` is a tuple of digits, or None where it is not in the stream.

    `steps` are the whole blocks in the order they came. `problem` says why the stream ended before its end, if it did.
    """

    tokens: tuple[list[Token | None], ...]
    steps: list[Step]
    problem: FormatError | None


def decode_tokens(section: Section, family: Family, all_grids: tuple[Grid, ...]) -> DecodedTokens:
    """Reads as far as the payload goes; never raises for what the payload holds."""
    reader = _Reader(section, family, all_grids)
    problem: FormatError | None = None
    try:
        reader.read_steps()
        if not reader.coder.ends_here():
            problem = DamagedError(
                f"the token stream ends at offset {section.offset + reader.coder.num_shifts}, its payload does not: "
                "the file is damaged or has bytes appended",
                offset=section.offset + reader.coder.num_shifts,
            )
    except EndOfStream:
        if not section.open_end:
            end = section.offset + len(section.payload)
            problem = TruncatedError(f"the file ends inside the token stream, at offset {end}", offset=end)
    except DamagedError as damage:
        problem = damage
    return DecodedTokens(reader.tokens, [step for step in reader.steps if step[1]], problem)


class _Reader:
    def __init__(self, section: Section, family: Family, all_grids: tuple[Grid, ...]) -> None:
        self.coder = RangeDecoder(section.payload)
        self.tokens: tuple[list[Token | None], ...] = tuple([None] * (g.num_rows * g.num_cols) for g in all_grids)
        self.steps: list[Step] = []
        self._offset = section.offset
        self._family = family
        self._grids = all_grids
        self._sent = Sent(all_grids)
        self._hash = family.seed
        self._last_check = 0
        self._width = num_digits(family.levels)

    def read_steps(self) -> None:
        starts = scale_starts(self._family.num_scales)
        while True:
            scale = self._symbol(starts)
            if scale == self._family.num_scales:
                return
            if len(self.steps) == MAX_STEPS:
                raise self._damage(f"more than {MAX_STEPS} steps")
            candidates = self._sent.candidates(scale)
            if not candidates:
                raise self._damage(f"a step at scale {scale}, which has no block to send")
            blocks: list[int] = []
            self.steps.append((scale, blocks))
            flags = flag_starts(self._symbol(DENSITY_STARTS))
            for block in candidates:
                flag = self._symbol(flags)
                if flag == STOP and blocks:
                    return
                if flag == STOP:
                    break
                if flag == PRESENT:
                    self._read_block(scale, block)
                    blocks.append(block)
            if not blocks:
                raise self._damage(f"a step at scale {scale} that sends nothing")

    def _read_block(self, scale: int, block: int) -> None:
        grid = self._grids[scale]
        tokens, cols, rows = self.tokens[scale], grid.num_cols, grid.num_rows
        models = self._family.models[scale]
        parents = self.tokens[scale - 1] if scale else None
        parent_cols = self._grids[scale - 1].num_cols if scale else 0
        width = self._width
        nothing = (ABSENT,) * width
        padding = nothing[len(models) :]
        parent_padding = nothing[len(self._family.levels[scale - 1]) :] if scale else nothing
        get, running = self.coder.get, self._hash
        for row, col in grid.tokens_of(block):
            context = list(nothing)
            for down, right in NEIGHBOURS:
                at_row, at_col = row + down, col + right
                near = tokens[at_row * cols + at_col] if 0 <= at_row < rows and 0 <= at_col < cols else None
                context += nothing if near is None else near + padding
            parent = parents[(row >> 1) * parent_cols + (col >> 1)] if parents is not None else None
            context += nothing if parent is None else parent + parent_padding
            context += (row & 1, col & 1)
            for digit, model in enumerate(models):
                nodes, node = model.nodes, 0 if model.nodes else -1
                while node >= 0:
                    feature, threshold, low, high = nodes[node]
                    node = low if context[feature] <= threshold else high
                symbol = get(model.starts[-1 - node])
                running = add_to_hash(running, symbol)
                context[digit] = symbol
            tokens[row * cols + col] = tuple(context[: len(models)])
        self._hash = running
        self._sent.add(scale, block)
        if self.coder.num_shifts - self._last_check >= CHECK_EVERY_BYTES:
            self._last_check = self.coder.num_shifts
            if self.coder.get(CHECK_STARTS) != check_of(self._hash):
                raise self._damage("the check does not hold: flipped bits, or tables of another model")

    def _symbol(self, starts: tuple[int, ...]) -> int:
        symbol = self.coder.get(starts)
        self._hash = add_to_hash(self._hash, symbol)
        return symbol

    def _damage(self, what: str) -> DamagedError:
        offset = self._offset + self.coder.num_shifts
        return DamagedError(f"token stream, before offset {offset}: {what}; what came before was kept", offset=offset)
