"""A section to its token pyramid. Any prefix of a stream gives the tokens that its bytes settle. Decoder only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from semcodec.container.header import working_size
from semcodec.entropy.range_decoder import EndOfStream, RangeDecoder
from semcodec.errors import DamagedError, FormatError, TruncatedError, UnknownFamilyError
from semcodec.layers.tokens.family import Family, find_family
from semcodec.layers.tokens.grid import MAX_STEPS, Grid, Sent, Step, grids
from semcodec.layers.tokens.known import KnownTokens, Token
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
from semcodec.limits import Limits
from semcodec.types import MISSING, FileHeader, Scene, Section, Size, TokenPyramid

TOKEN_STREAM = "token stream"


@dataclass(frozen=True, slots=True)
class DecodedTokens:
    """`tokens[scale][row * num_cols + col]` is a tuple of digits, or None where it is not in the stream.

    `steps` are the whole blocks in the order they came. `problem` says why the stream ended before its end, if it did.
    """

    tokens: tuple[list[Token | None], ...]
    steps: list[Step]
    problem: FormatError | None


def unpack(
    section: Section, header: FileHeader, before: Scene, limits: Limits
) -> tuple[TokenPyramid | None, FormatError | None]:
    """As `contracts.Layer` has it."""
    try:
        family = find_family(section.model)
    except UnknownFamilyError as unknown:
        return None, UnknownFamilyError(f"{unknown} (section at offset {section.offset})", offset=section.offset)
    working = working_size(header)
    decoded, all_grids = read_section(section, working, family, limits)
    return as_pyramid(decoded, family, working, all_grids, num_bytes=len(section.payload)), decoded.problem


def read_section(
    section: Section, working: Size, family: Family, limits: Limits, *, called: str = TOKEN_STREAM
) -> tuple[DecodedTokens, tuple[Grid, ...]]:
    """The tokens of a section of a known family, laid over a picture of the working size, and the grids they lie on.
    `called`: what messages call the stream. Raises `LimitError`.
    """
    all_grids = grids(working, family.strides, family.blocks)
    check_grids(all_grids, family, limits, offset=section.offset)
    return decode_tokens(section, family, all_grids, called=called), all_grids


def check_grids(all_grids: Sequence[Grid], family: Family, limits: Limits, *, offset: int | None = None) -> None:
    """Raises `LimitError` where the grids have more blocks, or the picture on them more pixels, than allowed."""
    num_blocks = sum(grid.num_blocks for grid in all_grids)
    limits.ask("max_blocks", num_blocks, f"the tokens may lie in {num_blocks} blocks", offset=offset)
    coarsest, stride = all_grids[0], family.strides[0]
    size = Size(coarsest.num_cols * stride, coarsest.num_rows * stride)
    num_pixels = size.width_px * size.height_px
    limits.ask("max_working_pixels", num_pixels, f"the tokens paint {num_pixels} pixels, {size}", offset=offset)


def as_pyramid(
    decoded: DecodedTokens, family: Family, working: Size, all_grids: Sequence[Grid], *, num_bytes: int = 0
) -> TokenPyramid:
    digits = []
    for tokens, grid, levels in zip(decoded.tokens, all_grids, family.levels, strict=True):
        flat = np.full((len(tokens), len(levels)), MISSING, dtype=np.uint8)
        there = [at for at, token in enumerate(tokens) if token is not None]
        if there:
            flat[there] = [token for token in tokens if token is not None]
        digits.append(flat.reshape(grid.num_rows, grid.num_cols, len(levels)))
    return TokenPyramid(family.id, working, tuple(digits), num_bytes)


def decode_tokens(
    section: Section, family: Family, all_grids: tuple[Grid, ...], *, called: str = TOKEN_STREAM
) -> DecodedTokens:
    """Reads as far as the payload goes; never raises for what the payload holds."""
    reader = _Reader(section, family, all_grids, called)
    problem: FormatError | None = None
    try:
        reader.read_steps()
        if not reader.coder.ends_here():
            problem = DamagedError(
                f"the {called} ends at offset {section.offset + reader.coder.num_shifts}, its payload does not: "
                "the file is damaged or has bytes appended",
                offset=section.offset + reader.coder.num_shifts,
            )
    except EndOfStream:
        if not section.open_end:
            end = section.offset + len(section.payload)
            problem = TruncatedError(f"the file ends inside the {called}, at offset {end}", offset=end)
    except DamagedError as damage:
        problem = damage
    return DecodedTokens(tuple(reader.tokens), [step for step in reader.steps if step[1]], problem)


class _Reader:
    def __init__(self, section: Section, family: Family, all_grids: tuple[Grid, ...], called: str) -> None:
        self._called = called
        self.coder = RangeDecoder(section.payload)
        self._known = KnownTokens(family, all_grids)
        self.steps: list[Step] = []
        self._offset = section.offset
        self._family = family
        self._grids = all_grids
        self._sent = Sent(all_grids)
        self._hash = family.seed
        self._last_check = 0

    @property
    def tokens(self) -> list[list[Token | None]]:
        return self._known.tokens

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
        code_token, symbol = self._known.code_token, self._token_symbol
        for row, col in self._grids[scale].tokens_of(block):
            code_token(scale, row, col, symbol, None)
        self._sent.add(scale, block)
        if self.coder.num_shifts - self._last_check >= CHECK_EVERY_BYTES:
            self._last_check = self.coder.num_shifts
            if self.coder.get(CHECK_STARTS) != check_of(self._hash):
                raise self._damage("the check does not hold: flipped bits, or tables of another model")

    def _token_symbol(self, starts: Sequence[int], _: int) -> int:
        return self._symbol(starts)

    def _symbol(self, starts: Sequence[int]) -> int:
        symbol = self.coder.get(starts)
        self._hash = add_to_hash(self._hash, symbol)
        return symbol

    def _damage(self, what: str) -> DamagedError:
        offset = self._offset + self.coder.num_shifts
        return DamagedError(f"{self._called}, before offset {offset}: {what}; what came before was kept", offset=offset)
